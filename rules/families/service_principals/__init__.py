"""What state, credentials, roles and assignment of service principals say about applications of a tenant."""
