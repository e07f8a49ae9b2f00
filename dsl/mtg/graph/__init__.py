"""The graph of layer calls: the heart of the compiler."""
