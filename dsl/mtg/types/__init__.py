"""Static types of tensors, without Keras: shapes, dtypes and weights."""
