"""What is deployed: the synthesized templates and the configuration they come from."""
