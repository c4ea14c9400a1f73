"""What changed between two readings of the same registrations or tenant, object by object and in sentences."""
