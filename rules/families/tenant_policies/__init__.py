"""Settings for all users of a tenant: register applications, consent to them, add secrets, use device codes."""
