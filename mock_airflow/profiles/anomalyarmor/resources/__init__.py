"""The vendor's resources, each with the operations that it knows."""
