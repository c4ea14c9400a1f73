"""What is checked and what is found: registration, tenant, finding, settings."""
