"""What tokens contain, and what APIs can conclude from it."""
