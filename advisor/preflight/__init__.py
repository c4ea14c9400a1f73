"""Check a request before it is sent, explain AADSTS codes, and write the request that works."""
