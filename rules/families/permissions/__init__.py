"""Permissions that a registration asks for. What was granted stands in the tenant, so all of it is judged one step lower."""
