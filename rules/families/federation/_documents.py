"""The list that the rules of this family read."""

from __future__ import annotations

from typing import Final

LIST: Final = ("federatedIdentityCredentials",)
