"""Properties whose effect is not documented clearly."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Hit
from rules.model.registration import Registration


@rule(
    "legacy-post-response",
    severity="info",
    needs=("oauth2RequirePostResponse",),
    when_set=("oauth2RequirePostResponse",),
    references=("graph:application", "entra:app-manifest"),
    bad=Bad({"oauth2RequirePostResponse": True}, at="/oauth2RequirePostResponse"),
    good=(
        Good({"oauth2RequirePostResponse": False}),
        Good({"oauth2RequirePostResponse": None}, why="null means false"),
    ),
    base="web",
)
def legacy_post_response(app: Registration, _: Context) -> Iterator[Hit]:
    """The property oauth2RequirePostResponse is true.

    Why: Microsoft documents that the property allows POST instead of GET for token requests. The name of the property
        is about responses, so it is not clear which sign-ins need the property.
    Acceptable: The value true is acceptable if a test shows that a client cannot sign in with the value false.
    Fix: Set oauth2RequirePostResponse to false in a test tenant, and sign in with each client. If all clients can sign
        in, set the property to false in production.
    """
    if app.oauth2_require_post_response is True:
        yield Hit(pointer="/oauth2RequirePostResponse", message="has oauth2RequirePostResponse set to true")
