"""The language server: findings, explanations and edits while a file is edited. The only place that imports pygls."""
