"""AWS in one process: moto, and what moto lacks. It knows nothing of rootwarden."""
