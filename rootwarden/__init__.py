"""What the functions and rootctl are made of: decisions by capability, `aws`, and the shared `contract`."""
