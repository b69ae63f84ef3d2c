"""Narrators and illustrators. They know models and errors, and nothing else of ours."""
