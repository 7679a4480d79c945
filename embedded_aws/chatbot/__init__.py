"""Amazon Q Developer in chat applications on the embedded AWS."""
