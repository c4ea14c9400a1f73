"""Fix findings in files: an edit of the text for each, checked by reading it again before anything is written."""
