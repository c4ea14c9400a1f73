"""Text, dates, URIs, paths and pointers: what every part needs and what knows nothing of registrations."""
