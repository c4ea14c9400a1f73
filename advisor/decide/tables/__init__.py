"""Tables of what the advisor prints, each row with its sources: values, APIs, frameworks, and what does not work.

A row holds where all its conditions do, as a note of the tree. The addresses of each cloud are in
``rules/knowledge/addresses.tsv``.
"""
