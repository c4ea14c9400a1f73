"""Requests that work, for the registrations of a sample: a page with the code, a server with a secret, and what to
avoid.
"""

from __future__ import annotations

import msgspec

from reports.report import Report
from reports.rows import RequestRow, RequestStep, RequestText, Withheld
from rules.knowledge.grant_flow import sequence

LOGIN = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0"
ME = RequestStep(
    sender="client",
    receiver="resource server",
    says="Call the API with the access token",
    method="GET",
    url="https://graph.microsoft.com/v1.0/me",
    headers=(("Authorization", "Bearer {access_token}"),),
)


def _sign_in(answer: str, *more: tuple[str, str]) -> RequestStep:
    return RequestStep(
        sender="resource owner",
        receiver="authorization server",
        says="Sign in and consent",
        method="GET",
        url=f"{LOGIN}/authorize",
        parameters=(("client_id", "{client_id}"), ("response_type", answer), ("redirect_uri", "{redirect_uri}"), *more),
    )


CODE = RequestText(
    id="authorization_code-1",
    grant="authorization_code",
    title="Authorization code with PKCE",
    platform="spa",
    steps=(
        _sign_in("code", ("scope", "openid https://graph.microsoft.com/User.Read"), ("state", "{state}")),
        RequestStep(
            sender="client",
            receiver="authorization server",
            says="Redeem the code",
            method="POST",
            url=f"{LOGIN}/token",
            headers=(("Origin", "{origin}"),),
            parameters=(("client_id", "{client_id}"), ("grant_type", "authorization_code"), ("code", "{code}")),
        ),
        ME,
    ),
    bring=(("tenant", "the tenant's id or domain"), ("state", "a random value")),
)
IMPLICIT = RequestText(
    id="implicit-1",
    grant="implicit",
    title="Implicit",
    platform="spa",
    steps=(_sign_in("token"),),
)
PROGRAM = RequestText(
    id="client_credentials-1",
    grant="client_credentials",
    title="Client credentials",
    credential="secret",
    steps=(
        RequestStep(
            sender="client",
            receiver="authorization server",
            says="Ask for a token",
            method="POST",
            url=f"{LOGIN}/token",
            parameters=(("client_id", "{client_id}"), ("client_secret", "{client_secret}")),
        ),
    ),
)


def with_requests(report: Report, uri: str = "https://app{}.contoso.com/", why: str = "no permission") -> Report:
    """*report* with requests for each of its registrations; braces in *uri* become the number of the registration."""
    rows = tuple(
        RequestRow(
            registration=row.key,
            requests=("authorization_code-1", "client_credentials-1", "implicit-1")[: 1 + number % 3],
            redirect_uris={"spa": uri.format(number)},
            withheld=(Withheld(grant="saml_bearer", why=why),) if number % 2 else (),
        )
        for number, row in enumerate(report.registrations)
    )
    told = tuple(sequence(grant) for grant in ("authorization_code", "client_credentials", "implicit"))
    return msgspec.structs.replace(report, requests=(CODE, PROGRAM, IMPLICIT), working=rows, sequences=told)
