"""How results are shown. Pure functions over the frozen report."""
