"""The whole system in virtual time: whatever happens, in whatever order, what must hold in the end holds."""
