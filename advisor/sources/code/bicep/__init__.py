"""Bicep: what is written in ``.bicep`` files."""
