"""Switches of earlier years."""

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
    references=("graph:application",),
    bad=Bad({"oauth2RequirePostResponse": True}, at="/oauth2RequirePostResponse"),
    good=(Good({"oauth2RequirePostResponse": False}), Good({"oauth2RequirePostResponse": None}, why="null is off")),
    base="web",
)
def legacy_post_response(app: Registration, _: Context) -> Iterator[Hit]:
    """A switch from the first version of the platform is on.

    Why: Its name speaks of responses, its description of requests, and the portal no longer shows it: nobody can say
        what depends on it.
    Fix: Switch oauth2RequirePostResponse off in a test tenant, sign in with each client, then switch it off for good.
    """
    if app.oauth2_require_post_response is True:
        yield Hit(pointer="/oauth2RequirePostResponse", message="still has oauth2RequirePostResponse on")
