"""What stacks, functions and rootctl must agree on, said once."""
