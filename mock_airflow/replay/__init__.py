"""Calls of a journal made again: on a copy in the state that they found, and as a test that does so by itself."""
