"""What a model costs: parameters, multiplications, and memory of tensors."""
