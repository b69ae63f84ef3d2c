"""What may be asked at once, and by whom."""
