"""Evidence of use: read sign-in logs and reports of activity, and keep counters without users.

From bytes to evidence: ``stream`` yields records in bounded memory, ``recognize`` finds out what a file has,
``shapes`` names its fields, ``reduce`` counts, ``read`` does it for files. ``aggregate`` stores the result.
"""
