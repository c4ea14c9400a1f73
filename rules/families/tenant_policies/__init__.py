"""What the tenant lets everybody do with applications: register them, consent to them, give them secrets, get codes for them."""
