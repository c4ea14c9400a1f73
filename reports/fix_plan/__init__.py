"""A plan of requests that fix what was found: for users to read and run, never run by grantlint."""
