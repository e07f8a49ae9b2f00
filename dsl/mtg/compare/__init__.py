"""Whether two models are the same, what differs, and whether weights of one load into the other."""
