"""Rows of a report: what was read, the registrations, what was found in them, and the grants that they allow.

Frozen, without cycles, snake_case in JSON, except inside ``patch`` and ``before``, which are Graph JSON.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from rules.knowledge.reference import Reference
from rules.model.finding import Applicability, Finding, Severity, State
from rules.model.object_kind import ObjectKind

GrantState = Literal["allowed", "blocked", "unknown"]
RowKind = Literal["registration", "service-principal", "tenant"]
RuleScope = Literal["registration", "registrations", "tenant-app", "tenant"]


class Shape(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A part of the report. Parts hold no cycles, so the garbage collector need not look at them."""


class Row(Shape, frozen=True, kw_only=True, omit_defaults=True):
    """A part of which a report has many. In JSON, a member with its default value is left out."""


class Origin(Row, frozen=True, kw_only=True):
    """Where a value came from: file, line and column (both from 1, in characters) and the property in the user's own
    spelling.

    ``end_column`` is the column after the last character of the value when it ends on the same line. A value that
    is in no file has no line.
    """

    file: str | None = None
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    property: str = ""
    #: The source line, cut to a readable piece around the value, and where in that piece the value begins (from 0) and
    #: ends.
    text: str = ""
    text_start: int = 0
    text_end: int = 0


class Problem(Row, frozen=True, kw_only=True):
    """Bad input in one line: what is wrong, where, what to do. ``file`` is as the user named it, ``-`` for standard
    input.
    """

    what: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    hint: str = ""


#: What an input with sign-in logs is read as; it has no registrations.
EVIDENCE: Final = "evidence of use"


class Input(Row, frozen=True, kw_only=True):
    """Something the run was asked to read. ``format`` is a short name, such as "portal manifest".

    ``read_at`` is when a tenant was read (RFC 3339, UTC); a file has none. ``is_whole`` says of a tenant that all its
    applications were read, not only chosen ones.
    """

    name: str
    format: str
    status: Literal["read", "partly", "not-read"]
    registrations: int = 0
    note: str = ""
    remedy: str = ""
    read_at: str = ""
    is_whole: bool = False


class RuleText(Row, frozen=True, kw_only=True):
    """What a report says about a rule, once. ``scope`` is what it is called with (``rules.engine.rule.Rule``).

    It does not apply to rows of other *kinds* (``RegistrationRow.object_kind``).
    """

    id: str
    title: str
    why: str
    fix: str
    family: str
    severity: Severity
    references: tuple[Reference, ...]
    scope: RuleScope = "registration"
    kinds: tuple[ObjectKind, ...] = ("application",)


class Owner(Row, frozen=True, kw_only=True):
    """Who owns a registration: object id, name, and the address to write to. What was not read is empty."""

    id: str = ""
    name: str = ""
    address: str = ""


class CredentialRow(Row, frozen=True, kw_only=True):
    """What the client proves itself with. Moments are RFC 3339 in UTC; empty where there is none or none was read."""

    kind: Literal["secret", "certificate", "federated"]
    id: str = ""
    name: str = ""
    starts: str = ""
    ends: str = ""


class RedirectRow(Row, frozen=True, kw_only=True):
    """A redirect URI. ``host`` is lower case, and empty where the address is not http or https."""

    uri: str
    platform: str
    host: str = ""


class PermissionRow(Row, frozen=True, kw_only=True):
    """A permission of an API: the API's client id, the permission's id, and the names of both where they are known.

    ``reach`` says on whose behalf: a signed-in user (delegated) or the application itself. An agent identity has an
    *inherited* one because the principal of its blueprint was granted it.
    """

    resource: str
    id: str
    reach: Literal["delegated", "application", ""] = ""
    resource_name: str = ""
    name: str = ""
    inherited: bool = False


class RegistrationRow(Row, frozen=True, kw_only=True):
    """A registration that was checked. ``key`` is unique in the report; ``audience`` is Graph's ``signInAudience`` or
    empty.

    What was checked of a tenant in addition to its registrations has rows of another ``kind``: service principals of
    applications that live elsewhere, where something is said of one, and the tenant with its policies.
    ``Summary.registrations`` counts none of them.

    A list is ``None`` where it was not read, and empty where it was read and nothing was in it. ``tenant`` names the
    tenant that it was read from, as the user did; it is empty for a file.
    """

    key: str
    name: str
    app_id: str | None
    object_id: str | None
    audience: str
    format: str
    origin: Origin
    complete: bool
    created: str = ""
    owners: tuple[Owner, ...] | None = None
    #: The sponsors of a blueprint or an agent identity.
    sponsors: tuple[Owner, ...] | None = None
    credentials: tuple[CredentialRow, ...] | None = None
    redirects: tuple[RedirectRow, ...] | None = None
    requested: tuple[PermissionRow, ...] | None = None
    granted: tuple[PermissionRow, ...] | None = None
    tenant: str = ""
    #: The URL of the Microsoft Graph that the tenant was read from; empty for a file.
    graph: str = ""
    #: Made by a function, so that JSON always has it: most readers select by it.
    kind: RowKind = msgspec.field(default_factory=lambda: "registration")
    #: What kind of application or service principal it is. An agent identity always has a row, with its effective
    #: permissions in ``granted``. JSON always has it, as it has ``kind``.
    object_kind: ObjectKind = msgspec.field(default_factory=lambda: "application")
    #: The client ID of the blueprint of an agent identity, and whether what it inherits from there is not known.
    blueprint: str = ""
    inherited_unread: bool = False
    #: The object ID of the user account of an agent identity, empty where it has none, and whether that is not known.
    agent_user: str = ""
    agent_user_unread: bool = False
    #: What names it in code, whatever it is called: the address of its Terraform resource, or ``uniqueName`` of Bicep
    #: and ARM.
    address: str = ""
    #: Names that it had in the baseline or at the revision compared with, under the same address.
    former_names: tuple[str, ...] = ()
    #: The values that patches of its new findings replace, by JSON pointer, in Graph JSON: what a fix plan starts from,
    #: and what it restores. What is below a null is that null. Secrets and certificates are left out, as is whatever
    #: was not read whole.
    before: dict[str, Any] | None = None


class Acceptance(Row, frozen=True, kw_only=True):
    """Why a finding is accepted, by whom, until which day (ISO 8601, empty for ever), and where that is written.

    ``value`` lists the patterns of values that are accepted; without them, every value is.

    ``ended`` says that the day has passed: the finding counts again, and is shown with what used to hold.
    """

    reason: str = ""
    owner: str = ""
    until: str = ""
    file: str = ""
    line: int | None = None
    inline: bool = False
    ended: bool = False
    value: str = ""


class Replacement(Row, frozen=True, kw_only=True):
    """What is written in place of a piece of a file. Lines and columns are from 1; the end is exclusive.

    ``before`` are the whole lines that change; empty where they are too long or contain what is hidden.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str
    before: str = ""


class FileEdit(Row, frozen=True, kw_only=True):
    """How a finding is fixed in its files. *display only* has no replacements, and ``why`` is the reason. For
    *unsafe*, ``why`` is the use that was seen of what the edit turns off, if any.

    ``replacements`` are filled in runs that write SARIF or a review. Without them, the value may still be set in
    another place.
    """

    applicability: Applicability
    replacements: tuple[Replacement, ...] = ()
    why: str = ""


class FindingRow(Finding, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A finding of a report: what the engine found, with its origin and state.

    A suppressed finding has ``accepted``; a new one has it when what accepted it has ended. ``since`` is filled where
    the run was compared with earlier ones. ``fix`` is that of its rule in the words of what was read, such as
    Terraform's arguments; it is empty where the rule's own is in them.
    """

    origin: Origin
    #: Made by a function, so that JSON always has it: most readers select by it.
    state: State = msgspec.field(default_factory=lambda: "new")
    accepted: Acceptance | None = None
    #: The moment of the earliest of the compared reports from which on it has been there; empty when it is in none.
    since: str = ""
    fix: str = ""
    #: How it is fixed in its files; ``None`` for what is in no file, or has no patch.
    edit: FileEdit | None = None
    #: The fingerprint under the address of its registration in code, which stays when that is renamed.
    by_address: str = ""


class PolicyChange(Row, frozen=True, kw_only=True):
    """What a change does to the policy: a suppression, a value of the configuration, or the baseline.

    ``severity`` is the worst that it can hide, ``info`` for what hides nothing. ``line`` is ``None`` for what was
    removed.
    """

    severity: Severity
    message: str
    file: str = ""
    line: int | None = None


class PostureEntry(Row, frozen=True, kw_only=True):
    """Whether a registration allows a grant today, and by which properties (the user's own spelling is in ``by``)."""

    grant: str
    state: GrantState
    by: tuple[str, ...] = ()
    note: str = ""


class PostureRow(Row, frozen=True, kw_only=True):
    """The posture of one registration, one entry for each grant in the order of ``Report.grants``."""

    registration: str
    entries: tuple[PostureEntry, ...]


class UsageEntry(Row, frozen=True, kw_only=True):
    """A grant of a registration: whether it is *allowed*, whether it was *used*, and the *status* of the grant.

    ``says`` is what follows: ``in-use`` and recommended or situational; ``migrate-first``: in use, and a last resort;
    ``can-be-turned-off``: allowed by a switch of its own, and not seen for 25 days; ``contradiction``: blocked today,
    but seen.
    ``start`` and ``end`` bound the period of *not-seen*; ``count``, ``unit``, ``first`` and ``last`` describe what was
    seen. ``why`` and ``remedy`` belong to *not-known*. Days are ISO 8601.
    """

    grant: str
    allowed: GrantState
    used: Literal["seen", "not-seen", "not-known"]
    status: str
    says: Literal["", "in-use", "migrate-first", "can-be-turned-off", "contradiction"] = ""
    count: int = 0
    unit: str = ""
    first: str = ""
    last: str = ""
    start: str = ""
    end: str = ""
    #: How many sign-ins failed, for a grant that was not seen.
    failed: int = 0
    sources: tuple[str, ...] = ()
    why: str = ""
    remedy: str = ""


class UsageRow(Row, frozen=True, kw_only=True):
    """The use of grants by one registration: those that it allows or may allow, and those that were seen."""

    registration: str
    entries: tuple[UsageEntry, ...]


class GrantText(Row, frozen=True, kw_only=True):
    """What a report says about a grant, once. ``status`` is one of recommended, situational, last-resort, never."""

    id: str
    title: str
    short: str
    status: str


class RequestStep(Row, frozen=True, kw_only=True):
    """One request from a role to a role of RFC 6749, section 1.1. Names and values are as they are meant, not yet
    encoded.

    What the reader fills in stands as a name in braces; a value is never a secret.
    """

    sender: str
    receiver: str
    says: str
    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()


class RequestText(Row, frozen=True, kw_only=True):
    """The requests with which a grant works, once for all registrations that send the same ones.

    ``platform`` is the one of the redirect URI, ``credential`` the kind of proof; both are empty where there is none.
    ``bring`` are the names in braces that the reader has to know, each with what it is. ``{client_id}`` is the
    registration's, ``{redirect_uri}`` is in its ``RequestRow``, and ``{origin}`` is the beginning of that.
    """

    id: str
    grant: str
    title: str
    platform: str = ""
    credential: str = ""
    steps: tuple[RequestStep, ...]
    bring: tuple[tuple[str, str], ...] = ()


class Withheld(Row, frozen=True, kw_only=True):
    """Why no request is shown for a grant that the posture allows."""

    grant: str
    why: str


class RequestRow(Row, frozen=True, kw_only=True):
    """The requests that work for a registration: ids of ``RequestText``, and by platform the redirect URI that they
    name.

    A grant that its posture does not allow has none: the posture says why.
    """

    registration: str
    requests: tuple[str, ...] = ()
    redirect_uris: dict[str, str] = {}
    withheld: tuple[Withheld, ...] = ()
