"""The parts of the text format."""
