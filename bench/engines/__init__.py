"""The four engines, each a program of its own: it is given a class's folder and leaves points."""
