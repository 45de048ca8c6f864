"""A class that outgrows one machine: real schedulers, workers, database servers and namespaces on this one."""
