"""What `rootctl doctor` looks at, by where it looks; registry.py has the checks' order."""
