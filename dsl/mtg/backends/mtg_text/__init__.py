"""The `.mtg` text of a graph, printed from its outline."""
