"""The application: check, compare, compose and publish, without a command line."""
