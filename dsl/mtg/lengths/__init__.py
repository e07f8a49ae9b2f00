"""The algebra of axis lengths: numbers, names, and what follows when two must be equal."""
