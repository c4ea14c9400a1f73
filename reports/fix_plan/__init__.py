"""A plan of requests that fix what was found: to be read by people and run by them, never by grantlint."""
