"""What sign-in logs show: settings, credentials and permissions that were not seen in use, and risky use."""
