"""Read registrations from files, templates and tenants."""
