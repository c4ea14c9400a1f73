"""The configuration: selection, severities, profiles, suppressions, baselines and custom rules."""
