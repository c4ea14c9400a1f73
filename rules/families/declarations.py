"""How the code that deploys a registration declares it."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Hit
from rules.model.registration import Registration


@rule(
    "overwritten-resource",
    severity="medium",
    needs=("overwrittenResources",),
    when_set=("overwrittenResources",),
    references=("web:azuread-application-redirect-uris",),
    bad=Bad(
        {"overwrittenResources": ["azuread_application_redirect_uris.portal"]},
        at="/overwrittenResources/0",
    ),
    good=Good({"overwrittenResources": None}),
    base="web",
)
def overwritten_resource(app: Registration, _: Context) -> Iterator[Hit]:
    """Two resources declare the same part of the application.

    Why: The resource of the application contains the whole list, so each deployment removes what the other resource
        added. Users cannot sign in until the next one adds it again.
    Fix: Declare the part in one resource only, or use azuread_application_registration with the separate resources.
    """
    for index, address in enumerate(app.overwritten_resources or ()):
        yield Hit(
            pointer=f"/overwrittenResources/{index}",
            message=f"has {address}, which the resource of the application overwrites",
        )
