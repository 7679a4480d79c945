"""One thin file per function: parse, one domain call, map the result."""
