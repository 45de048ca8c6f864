"""The questions of the bench's labs: the course's own, chosen."""
