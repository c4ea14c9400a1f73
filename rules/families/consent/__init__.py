"""What applications were granted in a tenant, by whom, and whether they ask for it."""
