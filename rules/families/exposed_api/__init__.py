"""What an API exposes, and by which tokens it is called."""
