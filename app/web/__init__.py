"""The browser client: its files, its pages, and what they need beside the API."""
