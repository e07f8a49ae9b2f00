"""The picture of a graph, laid out by Graphviz."""
