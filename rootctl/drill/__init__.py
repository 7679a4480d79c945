"""A drill: the life of one root credential in a real organization, and what was seen of it on the way."""
