"""mtg: multi-task networks as graphs, in text."""
