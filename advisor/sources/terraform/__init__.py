"""Terraform and OpenTofu: plans, states and configuration."""
