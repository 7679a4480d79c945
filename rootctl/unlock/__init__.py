"""Repairing policies that lock an account out of its own buckets and queues."""
