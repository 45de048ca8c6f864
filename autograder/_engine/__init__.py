"""The engine: grades a class with warm kernels, each submission in its own sandbox."""
