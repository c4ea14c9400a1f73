"""Permissions that a registration requests. Only the tenant knows what was granted, so all of it is rated one step lower.

Where the tenant was read, ``rules.families.consent`` reports the same place instead: what was granted, with what makes it
worse or better, and what was requested and never granted.
"""
