"""The application that users run: the command line, the sources, the decision tree."""
