"""The parts the stacks are composed of: one file, one construct."""
