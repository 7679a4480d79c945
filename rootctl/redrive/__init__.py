"""Dead letters: what waits where and why, and the way back to the functions."""
