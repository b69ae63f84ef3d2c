"""The only door to state and history on disk."""
