"""Take out of a report what must not be shared, so that it may be attached to a public issue.

``names`` takes out every word of others: names, addresses, hosts, paths, values, source lines, patches
and the sentences that quote them; ``ids`` takes out identifiers too. Rules, severities, Graph's property names, dates,
states and counts stay: they are what such a report is read for. Each part is built anew from the fields named here, so
a field that is added to the report one day is left out until it is marked as safe to share.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final, Literal

import msgspec

from reports.report import EarlierRun, GoneRow, Report, Summary, Trend
from reports.rows import (
    Acceptance,
    CredentialRow,
    FindingRow,
    Input,
    Origin,
    Owner,
    PermissionRow,
    PostureEntry,
    PostureRow,
    Problem,
    RedirectRow,
    RegistrationRow,
    UsageEntry,
    UsageRow,
)
from rules.knowledge.permissions import resources
from rules.model.finding import Because
from rules.model.gap_list import GapList, SharedGap
from rules.model.registration import Registration
from rules.model.tenant import Tenant
from rules.model.tenant_app import TenantApp
from rules.primitives.pointers import dotted

What = Literal["names", "ids"]

#: What replaces a removed text.
GONE: Final = "[redacted]"

_NOTE: Final = "Redacted: names, addresses, paths and values were taken out{more}. Requests and advice are left out."

#: Values that say something about the mistake and nothing about the company.
_PLAIN: Final = re.compile(r"true|false|null|\[\]|\d{1,6}")
_TOKEN: Final = re.compile(r"[^/.\[\]]+")
#: Names of properties in the portal's older manifest, which Graph calls otherwise.
_OLDER: Final = frozenset(
    (
        "oauth2AllowImplicitFlow",
        "oauth2AllowIdTokenImplicitFlow",
        "replyUrlsWithType",
        "url",
        "type",
        "allowPublicClient",
    )
)
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?")
_HOSTS: Final = frozenset(("localhost", "127.0.0.1", "::1", "[::1]"))
_AUDIENCES: Final = frozenset(
    ("AzureADMyOrg", "AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount")
)
_CHANGES: Final = frozenset(("remove", "set to true", "set to false", "set to null"))
_FORMATS: Final = re.compile(r"[A-Za-z .0-9-]{0,40}")


def redact(report: Report, what: What) -> Report:
    """The report without what *what* names. The same thing has the same stand-in everywhere in it."""
    return _Redaction(report, ids=what == "ids").report()


class _Redaction:
    """One report, with the stand-ins that were given out so far."""

    def __init__(self, report: Report, *, ids: bool) -> None:
        self._whole = report
        self._ids = ids
        self._given: dict[str, dict[str, str]] = {}
        self._rules = {rule.id: rule for rule in report.rules}

    def report(self) -> Report:
        whole = self._whole
        rows = tuple(self._registration(row) for row in whole.registrations)
        return Report(
            tool=whole.tool,
            made_at=whole.made_at,
            judged_at=whole.judged_at,
            shown_at=_moment(whole.shown_at),
            title="App registrations",
            inputs=tuple(self._input(source) for source in whole.inputs),
            problems=tuple(self._problem(problem) for problem in whole.problems),
            rules=whole.rules,
            grants=whole.grants,
            registrations=rows,
            findings=tuple(self._finding(finding) for finding in whole.findings),
            fixed=tuple(self._finding(finding) for finding in whole.fixed),
            not_assessed=GapList.of(whole.not_assessed).with_registrations(self._key).changed(_gap),
            postures=tuple(self._posture(row) for row in whole.postures),
            usage=tuple(self._usage(row) for row in whole.usage),
            notes=(_NOTE.format(more=", identifiers too" if self._ids else ""),),
            policy_changes=tuple(
                msgspec.structs.replace(change, message=GONE, file="", line=None) for change in whole.policy_changes
            ),
            against=GONE if whole.against else "",
            trend=self._trend(whole.trend) if whole.trend else None,
            part=self._for("part", whole.part) if whole.part else "",
            redacted="ids" if self._ids else "names",
            summary=self._summary(whole.summary),
        )

    def _for(self, kind: str, text: str) -> str:
        """What replaces *text*: ``host-3``, always the same."""
        given = self._given.setdefault(kind, {})
        return given.setdefault(text, f"{kind}-{len(given) + 1}")

    def _id(self, kind: str, text: str | None) -> str | None:
        return self._for(kind, text) if text and self._ids else text

    def _file(self, file: str | None) -> str | None:
        return None if file is None else self._for("file", file)

    def _key(self, key: str) -> str:
        return self._for("registration", key)

    def _name(self, row: RegistrationRow) -> str:
        """What a row is called: by what it is, and a tenant as wherever else it is named."""
        if row.kind == "tenant" and row.tenant:
            return self._for("tenant", row.tenant).replace("-", " ").capitalize()
        number = self._key(row.key).rpartition("-")[2]
        return f"{row.kind.replace('-', ' ').capitalize()} {number}"

    def _registration(self, row: RegistrationRow) -> RegistrationRow:
        return RegistrationRow(
            key=self._key(row.key),
            name=self._name(row),
            app_id=self._id("client", row.app_id),
            object_id=self._id("object", row.object_id),
            audience=row.audience if row.audience in _AUDIENCES else "",
            format=row.format if _FORMATS.fullmatch(row.format) else "",
            origin=self._place(row.origin, ""),
            complete=row.complete,
            created=_moment(row.created),
            owners=None if row.owners is None else tuple(map(self._owner, row.owners)),
            sponsors=None if row.sponsors is None else tuple(map(self._owner, row.sponsors)),
            credentials=None if row.credentials is None else tuple(map(self._credential, row.credentials)),
            redirects=None if row.redirects is None else tuple(map(self._redirect, row.redirects)),
            requested=None if row.requested is None else tuple(map(self._permission, row.requested)),
            tenant=self._for("tenant", row.tenant) if row.tenant else "",
            granted=None if row.granted is None else tuple(map(self._permission, row.granted)),
            kind=row.kind,
            object_kind=row.object_kind,
            blueprint=self._id("client", row.blueprint) or "",
            inherited_unread=row.inherited_unread,
            agent_user=self._id("user", row.agent_user) or "",
            agent_user_unread=row.agent_user_unread,
            address=self._for("address", row.address) if row.address else "",
        )

    def _place(self, origin: Origin, pointer: str) -> Origin:
        """The numbers of a place, and the property as Graph calls it: files name resources in their paths."""
        return Origin(
            file=self._file(origin.file),
            line=origin.line,
            column=origin.column,
            end_line=origin.end_line,
            end_column=origin.end_column,
            property=_property(pointer),
        )

    def _owner(self, owner: Owner) -> Owner:
        name = self._for("owner", owner.id or owner.address or owner.name)
        return Owner(id=self._id("owner", owner.id) or "", name=name.replace("-", " ").capitalize())

    def _credential(self, row: CredentialRow) -> CredentialRow:
        return CredentialRow(
            kind=row.kind,
            id=self._id("credential", row.id) or "",
            name=GONE if row.name else "",
            starts=_moment(row.starts),
            ends=_moment(row.ends),
        )

    def _redirect(self, row: RedirectRow) -> RedirectRow:
        if not row.host:
            return RedirectRow(uri=self._for("address", row.uri), platform=row.platform)
        host = row.host if row.host in _HOSTS else self._for("host", row.host) + ".example"
        scheme = "http" if row.uri[:5].casefold() == "http:" else "https"
        return RedirectRow(uri=f"{scheme}://{host}/{GONE}", platform=row.platform, host=host)

    def _permission(self, row: PermissionRow) -> PermissionRow:
        if row.resource in resources():  # an API of Microsoft's that every tenant has
            return row
        return PermissionRow(
            resource=self._id("api", row.resource) or "",
            id=self._id("permission", row.id) or "",
            reach=row.reach,
            inherited=row.inherited,
        )

    def _finding(self, finding: FindingRow) -> FindingRow:
        rule = self._rules.get(finding.rule)
        accepted = finding.accepted
        return FindingRow(
            rule=finding.rule,
            severity=finding.severity,
            registration=self._key(finding.registration),
            pointer=_pointer(finding.pointer),
            message=f"breaks the rule: {rule.title if rule else GONE}",
            value=finding.value if _PLAIN.fullmatch(finding.value) else GONE,
            fingerprint=self._for("finding", finding.fingerprint).replace("-", ""),
            by_address=self._for("finding", finding.by_address).replace("-", "") if finding.by_address else "",
            origin=self._place(finding.origin, finding.pointer),
            state=finding.state,
            accepted=Acceptance(
                reason=GONE, until=_moment(accepted.until), inline=accepted.inline, ended=accepted.ended
            )
            if accepted
            else None,
            because=tuple(Because(_pointer(because.pointer), GONE) for because in finding.because),
            change=finding.change if finding.change in _CHANGES else "",
            since=_moment(finding.since),
        )

    def _posture(self, row: PostureRow) -> PostureRow:
        return PostureRow(
            registration=self._key(row.registration),
            entries=tuple(
                PostureEntry(
                    grant=entry.grant if entry.grant in {grant.id for grant in self._whole.grants} else GONE,
                    state=entry.state,
                    by=tuple(by if _is_ours(by) else GONE for by in entry.by),
                )
                for entry in row.entries
            ),
        )

    def _usage(self, row: UsageRow) -> UsageRow:
        """The answers without words of the files: a stored report may have any."""
        known = {grant.id for grant in self._whole.grants}
        return UsageRow(
            registration=self._key(row.registration),
            entries=tuple(
                UsageEntry(
                    grant=entry.grant if entry.grant in known else GONE,
                    allowed=entry.allowed,
                    used=entry.used,
                    status="",
                    says=entry.says,
                    count=entry.count,
                )
                for entry in row.entries
            ),
        )

    def _input(self, source: Input) -> Input:
        return Input(
            name=self._file(source.name) or "",
            format=source.format if _FORMATS.fullmatch(source.format) else "",
            status=source.status,
            registrations=source.registrations,
            note=GONE if source.note else "",
            read_at=_moment(source.read_at),
        )

    def _problem(self, problem: Problem) -> Problem:
        return Problem(what=GONE, file=self._file(problem.file), line=problem.line, column=problem.column)

    def _trend(self, trend: Trend) -> Trend:
        return Trend(
            runs=tuple(
                EarlierRun(
                    made_at=_moment(run.made_at),
                    read_at=_moment(run.read_at),
                    title="",
                    registrations=run.registrations,
                    open=run.open,
                )
                for run in trend.runs
            ),
            came=trend.came,
            stayed=trend.stayed,
            gone=tuple(self._gone(row) for row in trend.gone),
        )

    def _gone(self, row: GoneRow) -> GoneRow:
        rule = self._rules.get(row.rule)
        return GoneRow(
            rule=row.rule,
            severity=row.severity,
            registration=self._for("earlier", row.registration).replace("-", " "),
            message=f"broke the rule: {rule.title if rule else GONE}",
            fingerprint=self._for("finding", row.fingerprint).replace("-", ""),
            last_seen=_moment(row.last_seen),
            judged=row.judged,
            key=self._key(row.key) if row.key else "",
        )

    def _summary(self, summary: Summary) -> Summary:
        """The figures; a reason that names an input is said in general."""
        general = "something that was asked for could not be read"
        return Summary(
            registrations=summary.registrations,
            rules=summary.rules,
            findings=summary.findings,
            by_severity=summary.by_severity,
            known=summary.known,
            suppressed=summary.suppressed,
            not_assessed=summary.not_assessed,
            problems=summary.problems,
            verdict=summary.verdict,
            exit_status=summary.exit_status,
            exit_reason=general if summary.exit_status == 3 else summary.exit_reason,
        )


def _moment(text: str) -> str:
    return text if _MOMENT.fullmatch(text) else ""


def _gap(gap: SharedGap) -> SharedGap:
    reason = gap.reason if _FORMATS.fullmatch(gap.reason) else GONE
    return SharedGap(rule=gap.rule, pointer=_pointer(gap.pointer), reason=reason)


def _pointer(pointer: str) -> str:
    return pointer if _is_ours(pointer) else ""


def _property(pointer: str) -> str:
    return dotted(_pointer(pointer))


def _is_ours(path: str) -> bool:
    """Whether a pointer or property consists of numbers and of names that every registration has."""
    names = _property_names()
    return all(token.isdigit() or token in names or token in _OLDER for token in _TOKEN.findall(path))


@cache
def _property_names() -> frozenset[str]:
    """Every property of a registration, of an application of a tenant, of the tenant, and of their parts, as Graph
    calls it.
    """
    names: set[str] = set()
    seen: set[type] = set()
    kinds: list[Any] = [Registration, TenantApp, Tenant]
    while kinds:
        kind = kinds.pop()
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            if kind in seen:
                continue
            seen.add(kind)
            fields = msgspec.structs.fields(kind)
            names.update(field.encode_name for field in fields)
            kinds += (field.type for field in fields)
        else:
            kinds += getattr(kind, "__args__", ())
    return frozenset(names)
