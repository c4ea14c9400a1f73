"""Declares and runs rules."""
