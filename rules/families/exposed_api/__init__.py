"""The permissions that an API exposes, and the tokens that it accepts."""
