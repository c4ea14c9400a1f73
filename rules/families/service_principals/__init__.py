"""What the state, the credentials, the roles and the openness of service principals say about applications of a tenant."""
