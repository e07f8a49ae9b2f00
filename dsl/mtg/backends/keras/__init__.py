"""The `keras.Model` of a graph: built, compiled, given weights. Keras is imported in here."""
