"""Conclusions from a registration or tenant that rules and reports share: posture, lifetimes, exposure."""
