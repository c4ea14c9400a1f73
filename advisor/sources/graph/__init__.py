"""Read a live tenant through Microsoft Graph, with the real SDK and azure-identity; the only place that imports
them.
"""
