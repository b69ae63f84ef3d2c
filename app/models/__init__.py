"""The vocabulary of the game as frozen Pydantic models. Imports nothing of ours but errors."""
