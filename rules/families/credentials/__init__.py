"""What a confidential client proves itself with, and for how long."""
