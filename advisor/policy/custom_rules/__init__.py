"""Custom rules: the tables ``[[rule]]`` of a configuration. Imported only where a configuration has one."""
