"""The built-in tape deck: a script becomes a film, in a process of its own."""
