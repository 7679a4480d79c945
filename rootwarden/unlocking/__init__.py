"""A bucket's or queue's policy that locks its account out: shown, kept, changed, put back."""
