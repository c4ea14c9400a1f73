"""Ask DNS for the hosts of redirect URIs: ``asking`` for many, with limits; ``question`` for one."""
