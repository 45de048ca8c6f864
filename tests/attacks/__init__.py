"""Submissions that attack the grader, run for real; docs/security.md says what they may not reach."""
