"""What people see and are asked in a terminal, and what programs get instead."""
