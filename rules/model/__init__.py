"""The data that is checked, and the results: registration, tenant, finding, settings."""
