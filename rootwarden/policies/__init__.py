"""What policies deny: service control policies and those of resources, judged without calling anything."""
