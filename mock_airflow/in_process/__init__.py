"""Ways for a request to reach the emulator: over a socket, or without one."""
