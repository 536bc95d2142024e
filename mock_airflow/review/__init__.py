"""What a client did that will hurt in production."""
