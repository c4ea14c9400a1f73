"""What live reading and snapshots of a tenant share."""
