"""Ask DNS for the hosts of redirect URIs: `advisor.resolve.asking` for many, bounded; `advisor.resolve.question` for one."""
