"""Redirect URIs: the hosts and apps that receive codes and tokens."""
