"""What every route shares: envelope, errors, bodies, middleware, metrics and the docs."""
