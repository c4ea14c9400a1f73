"""A plan of requests that mend what was found: to be read by people and run by them, never by grantlint."""
