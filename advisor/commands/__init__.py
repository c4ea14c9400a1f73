"""The commands: one module per command, and the groups of their options."""
