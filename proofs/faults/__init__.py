"""Every AWS call of every scenario may fail in every way: what must hold, holds all the same."""
