"""AWS in, domain types out: one file a service or resource; AWS dictionaries never leave it."""
