"""What all users of a tenant may do with applications: register them, consent to them, add secrets, get codes."""
