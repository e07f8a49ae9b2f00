"""The outline of a graph: how a person would write it."""
