"""A sweep's report, shown."""
