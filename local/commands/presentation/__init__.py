"""How the embedded AWS shows on a terminal what happened in it."""
