"""Changes between two readings of the same registrations or tenant: one sentence for each change."""
