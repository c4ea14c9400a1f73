"""Read a tenant: which requests, in which order, and what each part's end was.

Lists are read page by page and handed on at once, so that memory does not grow with the tenant. A part that fails costs
that part alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final

import msgspec

from advisor.sources.graph import decode
from advisor.sources.graph.accounts import read_accounts, read_registrations
from advisor.sources.graph.agents import AgentsReader
from advisor.sources.graph.batch import BatchItem, send_batch
from advisor.sources.graph.certificates import read_certificates
from advisor.sources.graph.chosen import ChosenReader, whole_list
from advisor.sources.graph.client import Client, RequestInformation
from advisor.sources.graph.expressions import lacks_expression, read_expressions
from advisor.sources.graph.failure import Failure
from advisor.sources.graph.mapped_claims import read_mapped_claims
from advisor.sources.graph.owners import OwnersReader
from advisor.sources.graph.policies import organization_in, read_policies
from advisor.sources.graph.progress import ProgressListener
from advisor.sources.graph.queries import Queries, by_name, filter_of, is_filter
from advisor.sources.graph.role_groups import read_role_groups
from advisor.sources.graph.usage import UsageReader
from advisor.sources.tenant.records import (
    ACTIVITY,
    AGENT_USERS,
    AGENTS,
    APPLICATIONS,
    ASSIGNMENTS,
    CERTIFICATES,
    EXPRESSIONS,
    FEDERATED,
    GRANTS,
    INHERITABLE,
    MAPPED_CLAIMS,
    MFA,
    ORGANIZATION,
    OWNER_ACCOUNTS,
    OWNER_NAMES,
    PRINCIPAL_OWNERS,
    PRINCIPALS,
    ROLE_GROUPS,
    ROLES,
    SIGN_INS,
    SPONSORS,
    Application,
    Assignment,
    End,
    FederatedCredentials,
    Grant,
    Header,
    Missing,
    Outcome,
    Page,
    Part,
    Principal,
    Record,
    Resume,
    Role,
    has_certificate,
    left_out,
    parts_of,
)
from rules.model.registration import FederatedCredential, Unread
from rules.model.tenant import AppRoleAssignment, Organization, RoleGroup, ServicePrincipal

Emit = Callable[[Record], None]

_FASTER: Final = "read the tenant without --fast"
_SERVICE_PRINCIPAL: Final = "serviceprincipal"


class TenantReader:
    """Reads one tenant into records. What cannot be read ends as an outcome with the reason, never as an exception."""

    def __init__(
        self, client: Client, emit: Emit, listener: ProgressListener, header: Header, resume: Resume | None = None
    ) -> None:
        self._client = client
        self._queries = Queries(client.graph)
        self._emit = emit
        self._listener = listener
        self._header = header
        self._resume = resume or Resume()
        self._owners = OwnersReader(
            client, self._queries, emit, users=self._resume.users, has_gaps=self._resume.has_owner_gaps
        )
        self._other = ""

    async def read(self) -> None:
        """Read everything that the header requests; nothing, with the reason, when it turns out to be another
        tenant.
        """
        await self._guarded(ORGANIZATION, self._policies)
        if self._other:
            note = f"the identity that reads belongs to the tenant {self._other}"
            self._all_but((), Unread("failed", note=note, remedy="sign in to the right tenant"))
        elif self._header.only:
            await self._together((APPLICATIONS, self._chosen))
        elif self._header.fast:
            await self._together((APPLICATIONS, self._applications))
        else:
            await self._together(
                (APPLICATIONS, self._applications),
                (FEDERATED, self._federated),
                (PRINCIPALS, self._principals),
                (GRANTS, self._grants),
                (ROLES, self._roles),
                (ROLE_GROUPS, self._role_groups),
            )
        if not self._header.fast and not self._other:
            await self._agents()
            await self._together((OWNER_ACCOUNTS, self._owner_accounts), (MAPPED_CLAIMS, self._mapped_claims))
            if "mfa" in self._header.include:
                await self._together((MFA, self._owner_registrations))
            if "certificates" in self._header.include:
                await self._together((CERTIFICATES, self._certificates))
        if self._header.usage_days is not None and not self._other:
            await self._usage(self._header.usage_days)
        if self._header.fast and not self._other:
            self._all_but((APPLICATIONS, ORGANIZATION, ACTIVITY, SIGN_INS), left_out(_FASTER))
        self._emit(End(self._client.retry_budget.requests))

    async def _agents(self) -> None:
        """What blueprints and agent identities have in addition; with ``--only``, of the chosen blueprints alone."""
        reader = AgentsReader(self._client, self._queries, self._emit)
        blueprints = list(self._resume.blueprints)
        has_agents = self._resume.has_agents
        # A tenant whose service principals were not read may have agent identities.
        may_have = has_agents or bool(blueprints) or not self._resume.principals
        if self._header.only:
            self._emit(Outcome(AGENT_USERS.id, "read"))  # agent identities, whose accounts they are, are not chosen
        else:
            await self._together((AGENT_USERS, lambda: reader.users(may_be_there=may_have)))
        await self._together(
            (SPONSORS, lambda: reader.sponsors(blueprints)),
            (INHERITABLE, lambda: reader.inheritable_permissions(blueprints)),
            (AGENTS, lambda: reader.agents(there_are=has_agents)),
        )

    async def _owner_accounts(self) -> None:
        for record in await read_accounts(self._client, self._queries, list(self._resume.users)):
            self._emit(record)

    async def _owner_registrations(self) -> None:
        for record in await read_registrations(self._client, self._queries, self._resume.users):
            self._emit(record)

    async def _mapped_claims(self) -> None:
        for record in await read_mapped_claims(self._client, self._queries):
            self._emit(record)

    async def _certificates(self) -> None:
        await read_certificates(self._client, self._queries, self._emit, list(self._resume.certified))

    async def _usage(self, days: int) -> None:
        """Read the use of applications, after all else: it takes longest, and may end with the time of the run."""
        reader = UsageReader(self._client, self._emit, self._listener, self._header)
        if ACTIVITY.id not in self._resume.done:
            await self._guarded(ACTIVITY, reader.read_activity)
        if days and SIGN_INS.id not in self._resume.done:
            await self._guarded(SIGN_INS, lambda: reader.read_sign_ins(days))

    def _all_but(self, parts: Sequence[Part], gap: Unread) -> None:
        for part in parts_of(self._header):
            if part not in (*parts, OWNER_NAMES):
                self._emit(Outcome(part.id, "not-read", gap))

    async def _together(self, *work: tuple[Part, Callable[[], Awaitable[object]]]) -> None:
        async with asyncio.TaskGroup() as group:
            for part, read in work:
                if part.id not in self._resume.done or part is PRINCIPALS:
                    group.create_task(self._guarded(part, read))

    async def _guarded(self, part: Part, read: Callable[[], Awaitable[object]]) -> None:
        """Read a part; whatever goes wrong is its outcome."""
        try:
            await read()
        except Failure as failure:
            self._emit(Outcome(part.id, "not-read", failure.fixed_by(part.remedy)))
        except Exception as error:  # a defect of ours must neither end the reading nor vanish
            gap = Unread(
                "failed",
                note=f"grantlint failed with {type(error).__name__}",
                remedy="report a bug in grantlint",
            )
            self._emit(Outcome(part.id, "not-read", gap))

    async def _applications(self) -> None:
        count, finishing = 0, None
        gap: Unread | None = None
        try:
            async for page in self._from_there(APPLICATIONS, self._queries.applications(), decode.applications):
                count += self._take_applications(page.value)
                if finishing is not None:  # owners are read while the next page comes, and no further ahead
                    await finishing
                finishing = asyncio.create_task(self._finish(page.value, page.next_link))
        except Failure as failure:
            gap = failure.fixed_by(APPLICATIONS.remedy)
        except BaseException:
            if finishing is not None:
                finishing.cancel()
            raise
        if finishing is not None:
            await finishing
        started = bool(count) or APPLICATIONS.id in self._resume.next
        if gap is not None and started:
            gap = msgspec.structs.replace(gap, note=f"the list of applications ended early: {gap.note}")
        if not self._header.fast:
            self._owners.finish()
        self._emit(Outcome(APPLICATIONS.id, "read" if gap is None else "partly" if started else "not-read", gap))

    def _take_applications(self, page: Sequence[Application]) -> int:
        for record in page:
            self._emit(record)
            if record.value.kind == "blueprint":
                self._resume.blueprints[str(record.value.id)] = None
            if has_certificate(record.value, self._header.read_at):
                self._resume.certified[str(record.value.id)] = None
        self._listener.read(APPLICATIONS.id, len(page))
        return len(page)

    async def _finish(self, page: Sequence[Application], next_link: str | None) -> None:
        """Read what belongs to a page of applications; only then the page is done."""
        if not self._header.fast:
            await self._owners.read(_ids(page))
        if next_link:
            self._emit(Page(APPLICATIONS.id, next_link))

    async def _from_there(
        self, part: Part, information: RequestInformation, decoder: Callable[[bytes], decode.PageOf[decode.T]]
    ) -> AsyncIterator[decode.PageOf[decode.T]]:
        """The pages of a list from where an earlier reading stopped; from the start when Graph has forgotten that
        place.
        """
        link = self._resume.next.get(part.id)
        begun = False
        if link:
            try:
                async for page in self._client.pages(self._client.follow(link, information), decoder):
                    begun = True
                    yield page
                return
            except Failure as failure:
                if begun or failure.status not in (400, 404, 410):
                    raise
        async for page in self._client.pages(information, decoder):
            yield page

    async def _federated(self) -> None:
        """Who has federated credentials is one list; only those are asked for theirs."""
        try:
            ids = [
                one.id
                async for page in self._client.pages(self._queries.with_federated_credentials(), decode.IDS)
                for one in page.value
            ]
        except Failure as failure:
            self._end_expressions(failure.fixed_by(FEDERATED.remedy))
            raise
        await self._federated_of(ids)

    def _end_expressions(self, gap: Unread | None) -> None:
        if self._header.beta:
            self._emit(Outcome(EXPRESSIONS.id, "read" if gap is None else "partly", gap))

    async def _federated_of(self, ids: Sequence[str]) -> None:
        gap = without_expressions = None
        async for answer in send_batch(
            self._client, [BatchItem(key, self._queries.federated_credentials(key)) for key in ids]
        ):
            try:
                if answer.failure is not None:
                    raise answer.failure
                found: list[FederatedCredential] = []
                if await whole_list(self._client, answer.body, decode.FEDERATED, found.append):
                    raise Failure("a federated credential has an unexpected type", reason="malformed")
                if self._header.beta and any(map(lacks_expression, found)):
                    try:
                        found = await read_expressions(self._client, self._header.endpoint, answer.about, found)
                    except Failure as failure:
                        without_expressions = without_expressions or failure.fixed_by(EXPRESSIONS.remedy)
                self._emit(FederatedCredentials({answer.about: tuple(found)}))
            except Failure as failure:
                missing = failure.fixed_by(FEDERATED.remedy)
                gap = gap or missing
                self._emit(Missing(answer.about, "/federatedIdentityCredentials", missing))
        self._end_expressions(without_expressions or gap)
        self._emit(Outcome(FEDERATED.id, "read" if gap is None else "partly", gap))

    async def _principals(self) -> None:
        """All service principals, then what was granted on those that offer application permissions, and owners."""

        def keep(one: ServicePrincipal) -> None:
            self._emit(Principal(one))
            self._resume.principals[str(one.id)] = None
            self._resume.has_agents = self._resume.has_agents or one.kind == "agent identity"
            if offers_roles(one):
                self._resume.resources[str(one.id)] = None

        if PRINCIPALS.id not in self._resume.done:
            await self._list(PRINCIPALS, self._queries.principals(), decode.PRINCIPALS, keep)
        if ASSIGNMENTS.id not in self._resume.done:
            await self._guarded(ASSIGNMENTS, self._assignments)
        if PRINCIPAL_OWNERS.id not in self._resume.done:
            await self._guarded(PRINCIPAL_OWNERS, lambda: self._owners_of_principals(list(self._resume.principals)))

    async def _owners_of_principals(self, ids: Sequence[str]) -> None:
        users = self._resume.users
        reader = OwnersReader(self._client, self._queries, self._emit, part=PRINCIPAL_OWNERS, users=users)
        await reader.read(ids)
        reader.finish()

    async def _list(
        self,
        part: Part,
        information: RequestInformation,
        decoder: Callable[[bytes], decode.PageOf[decode.T]],
        keep: Callable[[decode.T], None],
    ) -> None:
        """A list of the tenant, page by page, with its outcome."""
        count, broken = 0, 0
        gap: Unread | None = None
        try:
            async for page in self._from_there(part, information, decoder):
                for one in page.value:
                    keep(one)
                count, broken = count + len(page.value), broken + page.broken
                self._listener.read(part.id, len(page.value))
                if page.next_link:
                    self._emit(Page(part.id, page.next_link))
        except Failure as failure:
            gap = failure.fixed_by(part.remedy)
        if gap is None and broken:
            gap = Unread(
                "malformed",
                note=f"{broken} of them contain a value of an unexpected type",
                remedy="report a bug in grantlint",
            )
        started = bool(count) or part.id in self._resume.next
        self._emit(Outcome(part.id, "read" if gap is None else "partly" if started else "not-read", gap))

    async def _assignments(self) -> None:
        """From the resource's side: one request for each API of the tenant instead of one for each client."""
        gap, read = None, 0

        def keep(one: AppRoleAssignment) -> None:
            if str(one.principal_type).casefold() == _SERVICE_PRINCIPAL:
                self._emit(Assignment(one))

        async for answer in send_batch(
            self._client, [BatchItem(key, self._queries.assigned_to(key)) for key in self._resume.resources]
        ):
            try:
                if answer.failure is not None:
                    raise answer.failure
                if await whole_list(self._client, answer.body, decode.ASSIGNMENTS, keep):
                    raise Failure("a grant has an unexpected type", reason="malformed")
                read += 1
            except Failure as failure:
                gap = gap or failure.fixed_by(ASSIGNMENTS.remedy)
        self._emit(Outcome(ASSIGNMENTS.id, "read" if gap is None else "partly" if read else "not-read", gap))

    async def _grants(self) -> None:
        await self._list(GRANTS, self._queries.grants(), decode.GRANTS, lambda one: self._emit(Grant(one)))

    async def _roles(self) -> None:
        await self._list(ROLES, self._queries.roles(), decode.ROLES, lambda one: self._emit(Role(one)))

    async def _role_groups(self) -> tuple[RoleGroup, ...]:
        records, groups = await read_role_groups(self._client, self._queries)
        for record in records:
            self._emit(record)
        return groups

    async def _policies(self) -> None:
        records = await read_policies(
            self._client, self._queries, fast=self._header.fast, risks="risk" in self._header.include
        )
        organization = organization_in(records)
        if organization is not None and _is_other(self._header.tenant, organization):
            self._other = str(organization.id)
            return
        for record in records:
            self._emit(record)

    async def _take_chosen(self, filter: str, found: dict[str, Application]) -> int:
        """Read the applications of a *filter* into *found*; returns how many there are."""
        count = 0
        async for page in self._client.pages(self._queries.applications(filter), decode.applications):
            fresh = [record for record in page.value if str(record.value.id) not in found]
            found |= {str(record.value.id): record for record in fresh}
            count += len(page.value)
            self._take_applications(fresh)
        return count

    async def _chosen(self) -> None:
        """The applications that ``--only`` means, and what belongs to them."""
        found: dict[str, Application] = {}
        gap: Unread | None = None
        for only in self._header.only:
            try:
                try:
                    count = await self._take_chosen(filter_of(only), found)
                except Failure as failure:
                    # A name may read like a filter, which Graph then refuses.
                    if (
                        failure.status != 400
                        or not is_filter(only)
                        or not await self._take_chosen(by_name(only), found)
                    ):
                        raise
                else:
                    if not count:
                        gap = gap or Unread(
                            "failed",
                            note=f"no application matches --only {only!r}",
                            remedy="check the name, ID or filter",
                        )
            except Failure as failure:
                gap = gap or failure.fixed_by(APPLICATIONS.remedy)
        self._emit(Outcome(APPLICATIONS.id, "read" if gap is None else "partly" if found else "not-read", gap))
        if self._header.fast:
            return
        await self._owners.read(list(found))
        self._owners.finish()
        await self._guarded(FEDERATED, lambda: self._federated_of(list(found)))
        app_ids = [record.value.app_id for record in found.values() if isinstance(record.value.app_id, str)]
        clients: list[str] = []

        async def principals() -> None:
            groups: list[RoleGroup] = []

            async def groups_with_roles() -> None:
                groups.extend(await self._role_groups())

            await self._guarded(ROLE_GROUPS, groups_with_roles)
            reader = ChosenReader(self._client, self._queries, self._emit)
            clients.extend(await reader.read(app_ids, list(found), groups))

        await self._guarded(PRINCIPALS, principals)
        await self._guarded(PRINCIPAL_OWNERS, lambda: self._owners_of_principals(clients))


def offers_roles(one: ServicePrincipal) -> bool:
    """Whether the service principal is an API with permissions for applications."""
    return any("Application" in (role.allowed_member_types or ()) for role in one.app_roles or ())


def _ids(page: Sequence[Application]) -> list[str]:
    return [record.value.id for record in page if isinstance(record.value.id, str)]


def _is_other(asked: str, organization: Organization) -> bool:
    """Whether a tenant that was asked for by its id or by one of its domains is another one than was read."""
    found = str(organization.id).casefold()
    if asked.casefold() == found:
        return False
    domains = {str(domain.name).casefold() for domain in organization.verified_domains or ()}
    return asked.casefold() not in domains
