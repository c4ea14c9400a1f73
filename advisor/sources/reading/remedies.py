"""What readers of different formats say alike: what makes a value known, and what is wrong with a file."""

from __future__ import annotations

from typing import Final

from advisor.errors import InputError

AFTER_DEPLOYMENT: Final = "lint the tenant after the deployment"
IN_THE_PORTAL: Final = "read the application in the portal"
NO_REGISTRATION: Final = "the file contains no registration"
#: What ``spend`` says of a YAML document.
SLOW_YAML: Final = "the YAML is too long to read in time"


def without_application(kind: str, file: str) -> InputError:
    """What is wrong with a file of a *kind* in which no application is."""
    return InputError(f"contains a {kind} without an application", file=file, hint=NO_REGISTRATION)


def fix_the_value(name: str) -> str:
    """What to do about a value of the wrong type in the registration *name*."""
    return f"fix the value; the rest of {name} was checked"
