"""Facts from published documents: hosts, issuers, permissions, roles, grants' flows."""
