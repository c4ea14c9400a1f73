"""What is wrong with a registration. Pure: no input or output, no clock, no environment."""
