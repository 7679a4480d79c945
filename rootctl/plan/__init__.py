"""What enforcing would do today: judged from an audit, with owners, in words and as a page."""
