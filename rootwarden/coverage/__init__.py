"""Whether each account's alarm path works: proven by the records of our own root sessions."""
