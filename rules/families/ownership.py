"""Who answers for a registration."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine import Bad, Context, Good, rule
from rules.finding import Hit, entra, graph
from rules.registration import Registration


@rule(
    "no-owner",
    severity="low",
    needs_all=("owners",),
    references=(
        entra("security-best-practices-for-app-registration", "Security best practices"),
        graph("application-list-owners", "List owners of an application"),
    ),
    bad=(Bad({"owners": []}, at="/owners"), Bad({"owners": None}, at="/owners")),
    good=(Good({"owners": [{"id": "22222222-2222-4222-8222-222222222221"}]}, but="one is enough for this rule"),),
    over="web",
)
def no_owner(app: Registration, _: Context) -> Iterator[Hit]:
    """A registration has no owner.

    Why: Nobody is asked when a credential ends, an address lapses or a review comes round.
    Fix: Name an owner who knows the client. Keep the list short: each owner can add credentials.
    """
    if not app.owners:
        yield Hit(pointer="/owners", says="has no owner")
