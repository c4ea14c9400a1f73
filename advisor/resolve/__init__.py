"""Look up the hosts of redirect URIs in DNS: ``lookups`` for many, with limits; ``lookup`` for one."""
