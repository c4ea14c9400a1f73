"""How many redirect URIs a registration has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rules.engine.rule import Bad, Context, Good, rule
from rules.knowledge.limits import MAX_REDIRECT_URIS, MAX_REDIRECT_URIS_WITH_PERSONAL_ACCOUNTS
from rules.model.finding import Hit
from rules.model.fragments import REDIRECT_URIS, web
from rules.model.registration import PLATFORMS, Registration, read_value


def _many(count: int) -> dict[str, Any]:
    return web(*(f"https://portal.contoso.com/{number}" for number in range(count)))


@rule(
    "too-many-redirect-uris",
    severity="low",
    needs=(*REDIRECT_URIS, "signInAudience"),
    when_set=REDIRECT_URIS,
    checks=("RU-26",),
    references=("entra:reply-url#limits", "entra:reply-url#state", "entra:app-best-practices#redirect-uris"),
    settings=("max-redirect-uris",),
    bad=(
        Bad(_many(51), at="/web/redirectUris"),
        Bad(_many(231), at="/web/redirectUris"),
    ),
    good=Good(_many(50)),
    base="web",
)
def too_many_redirect_uris(app: Registration, context: Context) -> Iterator[Hit]:
    """A registration has many redirect URIs.

    Why: If the organization loses a redirect host, the next owner of the host can receive the codes. Entra accepts at
        most 256 redirect URIs, or 100 with personal accounts.
    Acceptable: Many redirect URIs are acceptable if the organization owns every host and reviews the list. The setting
        max-redirect-uris raises the limit of this rule.
    Fix: Remove the redirect URIs that no client uses. Use one redirect URI for several pages. In the state parameter,
        send a key that identifies the page.
    """
    accepted = context.settings.max_redirect_uris
    if (
        len(app.redirects) <= 0.9 * MAX_REDIRECT_URIS_WITH_PERSONAL_ACCOUNTS
        and len(app.redirects) <= accepted
        and not app.unread
    ):
        return
    counts = {platform: len(read_value(app, f"{platform}.redirectUris") or ()) for platform in PLATFORMS}
    count = sum(counts.values())
    limit = MAX_REDIRECT_URIS_WITH_PERSONAL_ACCOUNTS if app.allows_personal_accounts else MAX_REDIRECT_URIS
    # No document says how many there may be where only personal accounts sign in.
    near = count > 0.9 * limit and not app.allows_only_personal_accounts
    if near or count > accepted:
        most = max(counts, key=lambda platform: counts[platform])
        words = (
            f"has {count} redirect URIs; Entra accepts at most {limit}"
            if near
            else f"has {count} redirect URIs; the limit is {accepted}"
        )
        yield Hit(pointer=f"/{most}/redirectUris", message=words)
