"""What applications were granted in a tenant, by whom, and whether their registrations request it."""
