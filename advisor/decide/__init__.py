"""The decision tree: load and verify the tree, and recommend a grant with reasons."""
