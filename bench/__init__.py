"""How fast, beside nbgrader and beside the floor: `make bench`; docs/performance.md says what is measured."""
