"""Agent identity blueprints, their principals in a tenant, and agent identities."""
