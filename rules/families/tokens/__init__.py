"""What stands in tokens, and what APIs may believe of it."""
