"""Deployments that last: saved to a file, and kept in a database that several servers share."""
