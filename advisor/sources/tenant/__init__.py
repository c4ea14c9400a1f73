"""Shared code of live reading and snapshots of a tenant."""
