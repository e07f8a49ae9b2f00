"""Keras's JSON both ways: what a config says as a graph, and a graph as a config."""
