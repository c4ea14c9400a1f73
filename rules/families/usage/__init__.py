"""Sign-in logs: settings, credentials and permissions that were not seen in use, and risky use."""
