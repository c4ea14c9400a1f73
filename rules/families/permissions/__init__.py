"""Permissions that a registration asks for. What was granted stands in the tenant, so all of it is judged one step lower.

Where the tenant was read, ``rules.families.consent`` speaks of the same place instead: of what was granted with what makes it
worse or better, and of what nobody has granted as of something that waits.
"""
