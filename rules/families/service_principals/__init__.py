"""The state, credentials, roles and assignment settings of service principals."""
