"""One module a vendor."""
