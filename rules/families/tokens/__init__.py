"""The contents of tokens, and the claims that APIs can rely on."""
