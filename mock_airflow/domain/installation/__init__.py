"""What an installation brings along: configuration, roles, providers, plugins."""
