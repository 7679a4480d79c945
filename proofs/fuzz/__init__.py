"""Whatever strangers write: only documented errors, no secret, and nothing but text where people read."""
