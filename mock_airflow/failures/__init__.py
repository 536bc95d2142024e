"""The catalogue of failures: everything that access, limits and gateways can put before a client, one call each."""
