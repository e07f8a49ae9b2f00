"""What a graph becomes: a Keras model, a picture, a table."""
