"""Where codes and tokens are sent."""
