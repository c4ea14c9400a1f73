"""What a telling of a grant is made of: the roles of RFC 6749, section 1.1, messages between them, and what many grants share."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from rules.knowledge.reference import Reference

Role = Literal["owner", "browser", "client", "server", "resource", "elsewhere"]

#: The roles in the order in which diagrams show them, and their names of RFC 6749 (a third party is a calling client, or who vouches besides).
ROLES: Final[tuple[tuple[Role, str], ...]] = (
    ("owner", "resource owner"),
    ("browser", "browser"),
    ("elsewhere", "third party"),
    ("client", "client"),
    ("server", "authorization server"),
    ("resource", "resource server"),
)


class Message(msgspec.Struct, frozen=True):
    """One step: from whom to whom, what it says, and the parameters that travel. ``back`` draws it as an answer."""

    source: Role
    target: Role
    says: str
    parameters: tuple[str, ...] = ()
    back: bool = False


class Sequence(msgspec.Struct, frozen=True, kw_only=True):
    """The telling of one grant. ``players`` name who plays each role here; ``refresh`` says whether a refresh token comes.

    ``instead`` says what replaces a grant that should not be used; it is empty for every other one.
    """

    grant: str
    players: tuple[tuple[Role, str], ...]
    messages: tuple[Message, ...]
    tokens: tuple[str, ...]
    refresh: str
    scopes: str
    who: str
    status: str
    instead: str = ""
    references: tuple[Reference, ...] = ()


PERSON: Final = ("owner", "the person")
PROGRAM_OWNS: Final = ("owner", "the organisation; nobody is present")
ENTRA: Final = ("server", "Microsoft Entra ID")
API: Final = ("resource", "the API (Microsoft Graph, Dataverse, your own)")
CALL: Final = (
    Message("client", "resource", "calls the API", ("Authorization: Bearer {access token}",)),
    Message("resource", "client", "the data", back=True),
)
SIGN_IN: Final = (
    Message("owner", "browser", "signs in and agrees"),
    Message("browser", "server", "name, second factor, consent"),
)
TO_SIGN_IN: Final = (
    Message(
        "client",
        "browser",
        "sends to the sign-in page",
        (
            "client_id",
            "response_type=code",
            "redirect_uri",
            "scope",
            "state",
            "code_challenge",
            "code_challenge_method=S256",
        ),
    ),
    Message("browser", "server", "GET /authorize"),
)
CODE: Final = (
    *TO_SIGN_IN,
    *SIGN_IN,
    Message("server", "browser", "redirects with a code", ("code", "state"), back=True),
    Message("browser", "client", "the code, at the redirect URI", ("code", "state")),
    Message(
        "client",
        "server",
        "POST /token",
        (
            "grant_type=authorization_code",
            "code",
            "redirect_uri",
            "code_verifier",
            "client_id",
            "credential if confidential",
        ),
    ),
    Message("server", "client", "the tokens", ("access_token", "id_token", "refresh_token"), back=True),
)
