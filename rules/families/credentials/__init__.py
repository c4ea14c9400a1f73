"""The credentials of confidential clients, and how long they are valid."""
