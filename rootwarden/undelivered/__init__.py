"""What accounts could not send to the hub: brought in from where it waits."""
