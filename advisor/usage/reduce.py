"""Count sign-ins that are alike: a tally of one source, which becomes uses and reach.

Of a record are kept: client, kind, protocol, credential, API, result and day. Users, addresses and devices are not. An
ID is kept only if it is a GUID, and a word only if it is one of a known list, so no other value can get in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Final, NamedTuple

import msgspec

from advisor.errors import NotReadError
from rules.model.usage import KINDS, CredentialKind, Kind, Reach, Result, Unit, Use
from rules.primitives.texts import counted

#: At most this number of different uses is kept, which is more than any tenant has: memory does not grow with the file.
_MOST_USES: Final = 500_000
#: At most this number of spellings of records is kept at a time.
MOST_SPELLINGS: Final = 200_000
_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: A query or download with a limit returns a round number of rows: the portal 100,000, Graph 1,000, ``take`` any.
_ROUND: Final = 100

#: The members of ``protocolType`` of Microsoft Graph beta. A value that is not here becomes ``other``.
_PROTOCOLS: Final = (  # noqa: SIM905 - read as words
    "none oAuth2 ropc wsFederation saml20 deviceCode authenticationTransfer nativeAuth "
    "implicitAccessTokenAndGetResponseMode implicitIdTokenAndGetResponseMode implicitAccessTokenAndPostResponseMode "
    "implicitIdTokenAndPostResponseMode authorizationCodeWithoutPkce authorizationCodeWithPkce clientCredentials "
    "refreshTokenGrant encryptedAuthorizeResponse directUserGrant kerberos prtGrant seamlessSso prtBrokerBased "
    "prtNonBrokerBased onBehalfOf samlOnBehalfOf officeS2S wsTrust"
).split()
PROTOCOLS: Final = {name.casefold(): name for name in (*_PROTOCOLS, "other")}
_CREDENTIALS: Final[dict[str, CredentialKind]] = {
    "clientsecret": "secret",
    "certificate": "certificate",
    "federatedidentitycredential": "federated",
    "clientassertion": "assertion",
    "managedidentity": "managed-identity",
}
_KINDS: Final[dict[str, Kind]] = {
    **{kind.casefold(): kind for kind in KINDS},
    # Categories of diagnostic settings, and tables of Log Analytics.
    "signinlogs": "interactiveUser",
    "noninteractiveusersigninlogs": "nonInteractiveUser",
    "serviceprincipalsigninlogs": "servicePrincipal",
    "managedidentitysigninlogs": "managedIdentity",
    "aadnoninteractiveusersigninlogs": "nonInteractiveUser",
    "aadserviceprincipalsigninlogs": "servicePrincipal",
    "aadmanagedidentitysigninlogs": "managedIdentity",
}
_RESULTS: Final[dict[str, Result]] = {"success": "success", "failure": "failure", "interrupted": "failure"}


class Raw(NamedTuple):
    """The values of a record that decide its use, as they are in the file."""

    app: Any = None
    protocol: Any = None
    transfer: Any = None
    credential: Any = None
    key_id: Any = None
    federated_id: Any = None
    resource: Any = None
    interactive: Any = None
    code: Any = None
    status: Any = None
    kind: Any = None


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where records come from, in the words of reports, and what follows for their reach."""

    title: str
    #: The kind of all its records; empty where each record says it.
    kind: str = ""
    is_grouped: bool = False
    #: Why silence in it means nothing, and what to do instead.
    why: str = ""
    remedy: str = ""
    #: One file for each hour: all hours must be there.
    is_hourly: bool = False
    #: grantlint read it itself, page after page, so that no filter and no limit left anything out.
    is_unfiltered: bool = False


class _Seen(msgspec.Struct):
    """What is known of the records of one kind, apart from their counters. Users are compared and then forgotten."""

    rows: int = 0
    user: Any = None
    has_users: bool = False
    hours: set[str] = msgspec.field(default_factory=set)


class Tally:
    """Counts the records of one source. ``names`` has the display names of applications."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.names: dict[str, str] = {}
        #: Why the records are not complete, and what to do; set by what reads them.
        self.why = self.remedy = ""
        self._spellings: dict[tuple[Any, ...], list[Any]] = {}
        self._counters: dict[Use, list[Any]] = {}
        self._kinds: dict[Kind, _Seen] = {}

    def counter(self, raw: Raw, *, user: object = None, name: object = None, unit: Unit = "rows") -> list[Any]:
        """The counter of a record, ``[count, first, last]``, which the caller changes; the same one for its like.

        Raises ``NotReadError`` for more different uses than a tenant has.
        """
        use = self._use(raw, user, unit)
        if len(self._spellings) >= MOST_SPELLINGS:
            self._spellings.clear()
        counter = self._counters.get(use)
        if counter is None:
            if len(self._counters) >= _MOST_USES:
                raise NotReadError(f"too large: more than {_MOST_USES:,} different uses", hint="split the export")
            counter = self._counters[use] = [0, "~", ""]
        self._spellings[raw] = counter
        if isinstance(name, str) and use.app_id and name:
            self.names.setdefault(use.app_id, name[:120])
        self._look_at_user(use.kind, user)
        return counter

    @property
    def spellings(self) -> dict[tuple[Any, ...], list[Any]]:
        """The counters by the values as they are in the file, for a look-up before ``counter``."""
        return self._spellings

    def at_hour(self, kind: object, hour: str) -> None:
        """Note that there is a record of the *kind* of this hour."""
        if known := _KINDS.get(_word(kind)):
            self._kinds.setdefault(known, _Seen()).hours.add(hour)

    def uses(self) -> Iterator[Use]:
        """The counters as uses."""
        for use, (count, first, last) in self._counters.items():
            yield msgspec.structs.replace(use, count=count, first="" if first == "~" else first, last=last)

    def reach(self) -> Iterator[Reach]:
        """The reach of each kind of which there is a record."""
        by_kind: dict[Kind, list[Use]] = {}
        for use in self.uses():
            by_kind.setdefault(use.kind, []).append(use)
        for kind, uses in by_kind.items():
            why, remedy = self.why_not(kind, uses)
            yield Reach(
                kind=kind,
                source=self.source.title,
                start=min((use.first for use in uses if use.first), default=""),
                end=max((use.last for use in uses), default=""),
                rows=sum(use.count for use in uses),
                why=why,
                remedy=remedy,
                is_grouped=self.source.is_grouped,
            )

    def why_not(self, kind: Kind, uses: list[Use]) -> tuple[str, str]:
        """Why the records of a kind are not complete, and what to do; empty where nothing speaks against it."""
        if self.why or self.source.why:
            return self.why or self.source.why, self.remedy or self.source.remedy
        return next(((why, remedy) for is_so, why, remedy in self._doubts(kind, uses) if is_so), ("", ""))

    def _doubts(self, kind: Kind, uses: list[Use]) -> Iterator[tuple[bool, str, str]]:
        """What would speak against it, the gravest first: whether it is so, the words, and the remedy."""
        for some in () if self.source.is_unfiltered else (uses, self.uses()):
            rows = sum(use.count for use in some if use.unit == "rows")
            yield (
                rows > 0 == rows % _ROUND,
                f"it has exactly {rows:,} rows, as with a limit",
                "download a shorter period",
            )
        for what, is_so in ({} if self.source.is_unfiltered else self._filters(kind, uses)).items():
            yield is_so, f"it has {what}, so it may be filtered", "download the sign-ins without a filter"
        yield any(not use.first for use in uses), "some dates cannot be read", "download JSON instead of CSV"
        lost = any(not use.app_id and use.result != "failure" for use in uses)
        yield lost, "some successful sign-ins have no client ID", USE_QUERY
        yield kind == "user", "the file does not show which sign-ins are interactive", "download JSON instead of CSV"
        if self.source.is_hourly:
            missing = self._missing_hours(kind)
            yield missing > 0, f"{counted(missing, 'hour')} without a record, so files may be missing", USE_QUERY

    def _filters(self, kind: Kind, uses: list[Use]) -> dict[str, bool]:
        """What a filter would have left, and whether it is so."""
        seen = self._kinds.get(kind, _Seen())
        no_key = kind == self.source.kind == "servicePrincipal" and not any(use.credential_id for use in uses)
        return {
            "only one application": len({use.app_id for use in uses}) == 1,
            "only one API": len({use.resource_id for use in uses}) == 1,
            "only failed sign-ins": not any(use.result == "success" for use in uses),
            "only one user": seen.user is not None and not seen.has_users,
            "no credential, as for managed identities": no_key,
        }

    def _missing_hours(self, kind: Kind) -> int:
        hours = self._kinds.get(kind, _Seen()).hours
        if not hours:
            return 1
        first, last = min(hours), max(hours)
        days = (date.fromisoformat(last[:10]) - date.fromisoformat(first[:10])).days
        return days * 24 + int(last[11:13]) - int(first[11:13]) + 1 - len(hours)

    def _look_at_user(self, kind: Kind, user: object) -> None:
        if user:
            seen = self._kinds.setdefault(kind, _Seen())
            seen.has_users |= seen.user is not None and seen.user != user
            seen.user = user

    def _use(self, raw: Raw, user: object, unit: Unit) -> Use:
        federated = guid(raw.federated_id)
        key = guid(raw.key_id) or federated
        protocol = _word(raw.protocol)
        return Use(
            app_id=guid(raw.app),
            kind=self._kind(raw, user),
            protocol=PROTOCOLS.get(protocol, "other") if protocol else "",
            device_code=_word(raw.transfer) == "devicecodeflow",
            credential=_CREDENTIALS.get(_word(raw.credential), "federated" if federated else ""),
            credential_id=key,
            resource_id=guid(raw.resource),
            result=_result(raw),
            unit=unit,
        )

    def _kind(self, raw: Raw, user: object) -> Kind:
        if self.source.kind:
            return _KINDS[self.source.kind.casefold()]
        if known := _KINDS.get(_word(raw.kind)):
            return known
        interactive = _word(raw.interactive)
        if interactive == "true":
            return "interactiveUser"
        return "nonInteractiveUser" if interactive == "false" and user else "user"


USE_QUERY: Final = "run the query of grantlint usage --kql"


def guid(value: object) -> str:
    """*value* in lower case if it is a GUID; empty for anything else, and for the GUID of zeros."""
    text = value.strip().lower() if isinstance(value, str) else ""
    return text if _GUID.fullmatch(text) and text.strip("0-") else ""


def _word(value: object) -> str:
    """A value as the tables of words have it: portal texts have spaces and capitals."""
    if isinstance(value, list):
        value = value[0] if value else ""
    return re.sub(r'[\s"\[\]]', "", str(value)).casefold() if value is not None else ""


def _result(raw: Raw) -> Result:
    """Whether the sign-in succeeded: by its error code, else by an English word."""
    code = _word(raw.code)
    if code.lstrip("-").isdigit():
        return "success" if int(code[:20]) == 0 else "failure"
    if code:
        return _RESULTS.get(code, "unknown")
    return _RESULTS.get(_word(raw.status), "unknown")
