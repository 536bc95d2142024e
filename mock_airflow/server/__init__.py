"""Sockets: the live server."""
