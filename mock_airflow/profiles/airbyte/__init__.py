"""Airbyte: applications whose client id and secret are exchanged for an access token."""
