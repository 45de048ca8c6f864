"""Questions in a package of their own, which the box hides."""
