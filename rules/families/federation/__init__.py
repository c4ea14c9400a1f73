"""Federated credentials: whose tokens the registration takes for its own."""
