"""The Keras source of a graph, as a person would have written it."""
