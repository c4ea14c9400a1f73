"""Text, dates, URIs, paths and pointers: shared code that does not depend on registrations."""
