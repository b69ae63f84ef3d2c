"""The bot in a virtual Discord (simcord), against the real service."""
