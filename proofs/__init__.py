"""Evidence by commands: each proof runs rootwarden on the embedded AWS and ends in one line of figures."""
