"""World files: the state a deployment starts from, in the API's own field names."""
