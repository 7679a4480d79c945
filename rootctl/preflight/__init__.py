"""Service control policies judged: which of them would block root sessions."""
