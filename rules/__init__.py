"""Rules: the mistakes that grantlint finds in registrations. Pure: no input or output, no clock, no environment."""
