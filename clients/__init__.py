"""Programs that speak the service's HTTP API, and know nothing else of it."""
