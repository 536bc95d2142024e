"""The HTTP side: operations, the fields they read and write, and each API version's words."""
