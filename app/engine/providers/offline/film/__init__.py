"""The built-in filmmaker's workshop: frames become MP4 in processes of its own."""
