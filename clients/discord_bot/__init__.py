"""The Discord bot: a channel plays together. It knows the service's API and nothing else of it."""
