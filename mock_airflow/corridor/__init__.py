"""The walk of a request, from the socket to the journal."""
