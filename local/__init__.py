"""rootwarden's synthesized stacks on the embedded AWS: demo, replay and playground."""
