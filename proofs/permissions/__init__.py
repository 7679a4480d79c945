"""Every call allowed, every permission used, the rest refused: judged on what is deployed."""
