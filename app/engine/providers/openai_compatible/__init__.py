"""Narrator and illustrator over any server that speaks OpenAI's HTTP API."""
