"""The parts of an OAuth 2.1 authorization server, as plain code over rows; a vendor gives them endpoints."""
