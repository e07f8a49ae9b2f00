"""The models of `examples/`, written by hand in Keras: one module an example, `build()` in each."""
