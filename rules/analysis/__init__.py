"""What follows from a registration or tenant, shared by rules and reports: posture, lifetimes, exposure."""
