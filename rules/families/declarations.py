"""How the code that deploys a registration declares it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Hit
from rules.model.registration import Registration

#: Resources of the provider azuread without whose part clients get tokens all the same.
_HARMLESS: Final = re.compile(
    r"(?:^|(?<!module)\.)azuread_application_(?:api_access|known_clients|optional_claims|owner)\."
)


@rule(
    "overwritten-resource",
    kinds=("application", "blueprint"),
    severity="medium",
    may_be=("low",),
    needs=("overwrittenResources",),
    when_set=("overwrittenResources",),
    references=("web:azuread-application-redirect-uris", "web:azuread-application-app-role"),
    bad=(
        Bad({"overwrittenResources": ["azuread_application_redirect_uris.portal"]}, at="/overwrittenResources/0"),
        Bad(
            {"overwrittenResources": ["module.portal.azuread_application_owner.admin[0]"]},
            at="/overwrittenResources/0",
            severity="low",
        ),
    ),
    good=Good({"overwrittenResources": None}),
    base="web",
)
def overwritten_resource(app: Registration, _: Context) -> Iterator[Hit]:
    """Two resources declare the same part of the application.

    Why: The application resource defines the complete part, so a deployment removes the values that the other resource
        added. The following deployment adds the removed values again. Until then, users cannot sign in with a redirect
        URI that was removed.
    Fix: Declare the part in one resource only, or use azuread_application_registration with the separate resources. For
        API access, app roles, identifier URIs, optional claims and scopes, you can also add the part to
        lifecycle.ignore_changes of azuread_application.
    """
    for index, address in enumerate(app.overwritten_resources or ()):
        yield Hit(
            pointer=f"/overwrittenResources/{index}",
            message=f"has {address}, which the resource of the application overwrites",
            severity="low" if _HARMLESS.search(address) else None,
        )
