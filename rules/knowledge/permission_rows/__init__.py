"""What resources offer, as data: one row for each permission, in texts that ``rules.knowledge.permissions`` reads."""
