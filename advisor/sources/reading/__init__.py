"""What every reader of a source shares: positions, placeholders, the registration being built."""
