"""Everything that knows nbgrader: the only modules that import it."""
