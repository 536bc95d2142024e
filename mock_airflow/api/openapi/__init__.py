"""The documents that describe an API, made from its table of operations."""
