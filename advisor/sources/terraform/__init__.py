"""Terraform and OpenTofu: plans, states and configuration."""

from typing import Final

#: The name of Terragrunt's files.
TERRAGRUNT: Final = "terragrunt.hcl"
#: The extensions of configuration, of values for its variables, and of Terragrunt.
SUFFIXES: Final = (".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars", ".tfvars.json", ".hcl")
