"""The interactive page: the whole advisor in one HTML file without a server."""
