"""AWS in, rootwarden's own types out: one file a service. AWS's dictionaries never leave this package."""
