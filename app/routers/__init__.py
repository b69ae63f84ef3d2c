"""HTTP in, one engine call, HTTP out."""
