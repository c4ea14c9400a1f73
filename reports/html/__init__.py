"""The report as one HTML file: no network, a strict policy, complete without script."""
