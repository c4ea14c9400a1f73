"""Limits of the platform on redirect URIs. Source: Microsoft, "Redirect URI (reply URL) restrictions and
limitations".
"""

from typing import Final

MAX_REDIRECT_URI_LENGTH: Final = 256
MAX_REDIRECT_URIS: Final = 256
MAX_REDIRECT_URIS_WITH_PERSONAL_ACCOUNTS: Final = 100
