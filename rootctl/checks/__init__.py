"""What `rootctl doctor` looks at: a file for each check, and registry.py for their order."""
