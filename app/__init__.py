"""Elsewhere: a server for AI-illustrated survival stories that many people play at once."""
