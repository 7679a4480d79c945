"""A sweep: one look at every account of the organization."""
