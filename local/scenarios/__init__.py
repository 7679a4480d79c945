"""Things that can happen in an organization, and the events AWS sends when they do."""
