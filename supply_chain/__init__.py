"""What is installed: known vulnerabilities in it, and a list of it. Nothing here is deployed."""
