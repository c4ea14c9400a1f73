"""Code and templates: expressions, ARM, Bicep, Kubernetes."""
