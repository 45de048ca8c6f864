"""Questions of the attacked labs, in a package of their own: a box covers the folder of a questions module."""
