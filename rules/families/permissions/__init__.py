"""Permissions that a registration requests. Their severity is one step lower than for granted permissions.

Only the tenant knows what was granted. Where the tenant was read, ``rules.families.consent`` reports the same place
instead: what was granted, with what makes it worse or better, and what was requested and never granted.
"""
