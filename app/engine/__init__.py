"""The game: turns, worlds, rules and the ports behind which narrators and illustrators work."""
