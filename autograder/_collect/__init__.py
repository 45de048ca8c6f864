"""Take work in from a learning platform's download: `collect` unpacks it into `submitted/`."""

from autograder._collect.collect import Collected, Outcome, collect

__all__ = ["Collected", "Outcome", "collect"]
