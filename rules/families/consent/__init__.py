"""Permissions that applications were granted in a tenant, who granted them, and whether registrations request them."""
