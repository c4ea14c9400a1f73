"""Read files other than sign-ins: reports of activity, recommendations and permissions of Microsoft Defender.

They have last dates or states, never a count. A list that is empty says nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from advisor.usage.dates import Days
from advisor.usage.reduce import guid
from advisor.usage.stream import CsvFile
from rules.model.registration import Unread
from rules.model.usage import CredentialKind, Kind, Reach, Statement, Use

_WORDS: Final = re.compile(r"[\w .:/-]{1,200}")
#: The recommendations about use. Others may name users.
_RECOMMENDED: Final = {"staleapps": "staleApps", "staleappcreds": "staleAppCreds"}
_KEYS: Final[dict[str, CredentialKind]] = {"clientsecret": "secret", "secret": "secret", "certificate": "certificate"}
#: The activities of an application: the kind of sign-in, and whether it was the API that was called.
_ACTIVITIES: Final[dict[str, tuple[Kind, bool]]] = {
    "applicationAuthenticationClientSignInActivity": ("servicePrincipal", False),
    "applicationAuthenticationResourceSignInActivity": ("servicePrincipal", True),
    "delegatedClientSignInActivity": ("user", False),
    "delegatedResourceSignInActivity": ("user", True),
}
_REPORT: Final = "servicePrincipalSignInActivities"
#: What is known from this report when it shows nothing of an application.
_SILENT_KINDS: Final[tuple[Kind, ...]] = ("interactiveUser", "nonInteractiveUser", "servicePrincipal")


def is_application_activity(record: dict[str, Any]) -> bool:
    """Whether *record* is a ``servicePrincipalSignInActivity``."""
    return "lastSignInActivity" in record or any(name in record for name in _ACTIVITIES)


def is_credential_activity(record: dict[str, Any]) -> bool:
    """Whether *record* is an ``appCredentialSignInActivity``."""
    return "keyId" in record and "signInActivity" in record


def is_recommendation(record: dict[str, Any]) -> bool:
    """Whether *record* is a recommendation or one of its resources."""
    return "recommendationType" in record or {"recommendationId", "subjectId"} <= record.keys()


def activities_of_applications(records: Iterable[Any], days: Days) -> tuple[list[Use], str, str]:
    """The activities of each application, and the oldest and newest day of the whole list."""
    uses: list[Use] = []
    seen: set[str] = set()
    for record in filter(lambda one: isinstance(one, dict), records):
        for name, (kind, as_resource) in _ACTIVITIES.items():
            last, result = _last(record.get(name), days)
            if last:
                seen.add(last)
                uses.append(
                    Use(
                        app_id=guid(record.get("appId")),
                        kind=kind,
                        result="success" if result else "unknown",
                        as_resource=as_resource,
                        unit="dates",
                        last=last,
                    )
                )
    return uses, min(seen, default=""), max(seen, default="")


def reach_of_applications(start: str, end: str, count: int, gap: Unread | None = None) -> Iterator[Reach]:
    """The reach of a list of activities with *count* applications: it keeps dates as old as its oldest one.

    *gap* is why the list is not whole.
    """
    why, remedy = (gap.note, gap.remedy) if gap else _doubt(count)
    for kind in _SILENT_KINDS:
        yield Reach(
            kind=kind,
            source=_REPORT,
            start=start,
            end=end,
            rows=count,
            why=why,
            remedy=remedy,
            is_activity=True,
        )


def _doubt(count: int) -> tuple[str, str]:
    """Why a list may lack applications, and what to do; empty for one of several."""
    if not count:
        return "it has no sign-in, which does not prove that nothing was used", ""
    return (
        ("the list has only one application, so it may be filtered", "read the complete list")
        if count == 1
        else ("", "")
    )


def activities_of_credentials(records: Iterable[Any], days: Days) -> Iterator[Use]:
    """The last sign-in with each credential."""
    for record in filter(lambda one: isinstance(one, dict), records):
        last, result = _last(record.get("signInActivity"), days)
        if last:
            yield Use(
                app_id=guid(record.get("appId")),
                kind="servicePrincipal",
                credential=_KEYS.get(str(record.get("keyType")).casefold(), ""),
                credential_id=guid(record.get("keyId")),
                resource_id=guid(record.get("resourceId")),
                result="success" if result else "unknown",
                unit="dates",
                last=last,
            )


def recommendations(records: Iterable[Any], days: Days) -> Iterator[Statement]:
    """Applications and credentials that Microsoft reports as unused."""
    for record in filter(lambda one: isinstance(one, dict), records):
        parent = record.get("recommendationType")
        resources = record.get("impactedResources") if parent else [record]
        for one in resources if isinstance(resources, list) else ():
            name = _RECOMMENDED.get(str(parent or one.get("recommendationId")).rpartition(".")[2].casefold())
            if name is None or not isinstance(one, dict):
                continue
            details = one.get("additionalDetails")
            pairs = {
                str(pair.get("key")).casefold(): pair.get("value")
                for pair in (details if isinstance(details, list) else ())
                if isinstance(pair, dict)
            }
            credential = guid(pairs.get("credentialid"))
            yield Statement(
                app_id=guid(pairs.get("appid")) or guid(one.get("subjectId")),
                source="recommendations",
                about="credential" if name == "staleAppCreds" else "application",
                name=name,
                id=credential,
                state=_words(one.get("status")),
                day=days.of(one.get("addedDateTime")),
            )


def permissions(file: CsvFile, days: Days) -> Iterator[Statement]:
    """What Defender says about the use of each permission, and when the application was last used."""
    place = {name: number for number, name in enumerate(file.header)}
    for row in file:
        values = {name: row[number] for name, number in place.items() if number < len(row)}
        app_id = guid(values.get("oauthappid"))
        last = days.of(values.get("lastusedtime"))
        if last:
            yield Statement(
                app_id=app_id, source="OAuthAppInfo", about="application", name="LastUsedTime", state="used", day=last
            )
        for one in _list(values.get("permissions")):
            if isinstance(one, dict) and (name := _words(one.get("PermissionName"))):
                yield Statement(
                    app_id=app_id,
                    source="OAuthAppInfo",
                    about="permission",
                    name=name,
                    id=guid(one.get("TargetAppId")),
                    state=_words(one.get("UsageStatus")),
                )


def _last(activity: object, days: Days) -> tuple[str, bool]:
    """The last day of an activity, and whether a sign-in succeeded then: ``lastSignInDateTime`` may have failed."""
    if not isinstance(activity, dict):
        return "", False
    success = days.of(activity.get("lastSuccessfulSignInDateTime"))
    tried = (days.of(activity.get(name)) for name in ("lastSignInDateTime", "lastNonInteractiveSignInDateTime"))
    return (success, True) if success else (max(tried), False)


def _words(value: object) -> str:
    return value if isinstance(value, str) and _WORDS.fullmatch(value) else ""


def _list(text: str | None) -> list[Any]:
    try:
        value = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return []
    return value if isinstance(value, list) else []
