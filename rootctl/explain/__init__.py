"""What would be done with an event, by the functions' own deciders, without doing it."""
