"""Shared code of all sources: positions, placeholders and the registration that is built."""
