"""How results are shown. Pure functions over the frozen Report v1."""
