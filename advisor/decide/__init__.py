"""The decision tree: load it, prove it, and recommend a grant with reasons."""
