"""How many redirect URIs a registration has."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine.rule import Bad, Context, Good, rule
from rules.knowledge.limits import MAX_REDIRECT_URIS, MAX_REDIRECT_URIS_WITH_PERSONAL_ACCOUNTS
from rules.model.finding import Hit
from rules.model.registration import PLATFORMS, Registration, read_value


def _uris(count: int) -> list[str]:
    return [f"https://portal.contoso.com/{number}" for number in range(count)]


@rule(
    "too-many-redirect-uris",
    severity="low",
    may_be=("medium",),
    needs=("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris", "signInAudience"),
    when_set=("web.redirectUris", "spa.redirectUris", "publicClient.redirectUris"),
    checks=("RU-26",),
    references=("entra:reply-url#limits", "entra:app-best-practices#redirect-uris"),
    settings=("max-redirect-uris",),
    bad=(
        Bad({"web": {"redirectUris": _uris(51)}}, at="/web/redirectUris"),
        Bad({"web": {"redirectUris": _uris(231)}}, at="/web/redirectUris", severity="medium"),
    ),
    good=Good({"web": {"redirectUris": _uris(50)}}),
    base="web",
)
def too_many_redirect_uris(app: Registration, context: Context) -> Iterator[Hit]:
    """A registration has so many redirect URIs that nobody can answer for each.

    Why: Each is an address that may lapse; and the platform takes 256 at most, 100 with personal accounts.
    Fix: Remove what is not used. Use one address for all and carry what varies in the state parameter.
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
    near = count > 0.9 * limit
    if near or count > accepted:
        most = max(counts, key=lambda platform: counts[platform])
        words = (
            f"has {count} redirect URIs, and the platform takes {limit} at most"
            if near
            else f"has {count} redirect URIs, more than the {accepted} that are accepted here"
        )
        yield Hit(pointer=f"/{most}/redirectUris", message=words, severity="medium" if near else "low")
