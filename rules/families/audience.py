"""Who may sign in, and who stands behind the registration."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine import Bad, Context, Good, rule
from rules.finding import Because, Hit, entra, learn
from rules.registration import Registration

_WHO = {
    "azureadmultipleorgs": "other organisations",
    "azureadandpersonalmicrosoftaccount": "other organisations and personal accounts",
    "personalmicrosoftaccount": "personal accounts",
}


@rule(
    "unverified-multi-tenant-publisher",
    severity="medium",
    needs=("signInAudience",),
    needs_all=("verifiedPublisher.verifiedPublisherId",),
    references=(
        entra("publisher-verification-overview", "Publisher verification"),
        learn("entra/identity/enterprise-apps/configure-risk-based-step-up-consent", "Risk-based step-up consent"),
    ),
    bad=(
        Bad({"signInAudience": "AzureADMultipleOrgs"}, at="/signInAudience"),
        # Four other tools know one of the three audiences, or tell them by case.
        Bad({"signInAudience": "AzureADAndPersonalMicrosoftAccount", "verifiedPublisher": None}, at="/signInAudience"),
        Bad({"signInAudience": "PersonalMicrosoftAccount"}, at="/signInAudience"),
    ),
    good=(
        Good({"signInAudience": "AzureADMultipleOrgs", "verifiedPublisher": {"verifiedPublisherId": "1234567"}}),
        Good({"signInAudience": "azureadmyorg"}, but="the home tenant alone, in another case"),
    ),
    over="web",
)
def unverified_multi_tenant_publisher(app: Registration, _: Context) -> Iterator[Hit]:
    """Strangers may sign in, and nobody has verified who publishes the application.

    Why: People cannot tell it from an imitation that asks for the same permissions, and many tenants refuse their consent.
    Fix: Verify the publisher, or admit the home tenant alone (AzureADMyOrg). National clouds have no verification.
    """
    if not app.is_multi_tenant or (app.verified_publisher and app.verified_publisher.verified_publisher_id):
        return
    who = _WHO.get(str(app.sign_in_audience).casefold(), "other organisations")
    because = Because("/verifiedPublisher", "no verified publisher")
    yield Hit(pointer="/signInAudience", says=f"admits {who} without a verified publisher", because=(because,))
