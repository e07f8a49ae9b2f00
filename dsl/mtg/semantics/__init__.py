"""From a syntax tree to a graph: names, compile-time values, and the expansion of blocks."""
