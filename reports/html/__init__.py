"""The report as one HTML file: no network, a strict policy, complete without script."""

from typing import Final

#: A report with more findings is compact: a finding is one line.
FINDINGS_IN_FULL: Final = 1000
