"""Federated credentials: whose tokens authenticate the application."""
