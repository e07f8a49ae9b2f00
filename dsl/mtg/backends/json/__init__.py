"""The config of a Keras model as a file, written without Keras."""
