"""Read evidence of use live: the last sign-ins of applications, and with a number of days the sign-ins themselves.

Both lists are of Microsoft Graph beta. Sign-ins come newest first, so a reading that ends early is complete from its
oldest record on. Sign-ins of managed identities are left out: no registration has them. No user is kept.

Sources: Microsoft Graph beta, "List servicePrincipalSignInActivities" (AuditLog.Read.All, global service only) and
"List signIns" (page size of at most 1,000); "Microsoft Graph service-specific throttling limits": five requests in ten
seconds for each app and tenant under ``auditLogs`` and ``reports``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from advisor.errors import NotReadError
from advisor.sources.graph import throttling
from advisor.sources.graph.client import Client, Method, RequestInformation
from advisor.sources.graph.clouds import clouds
from advisor.sources.graph.decode import PageOf
from advisor.sources.graph.failure import Failure
from advisor.sources.graph.progress import ProgressListener
from advisor.sources.tenant.records import ACTIVITY, SIGN_INS, Evidence, Header, Outcome, Part, Record
from advisor.usage import activity
from advisor.usage.dates import Days
from advisor.usage.reduce import Source, Tally
from advisor.usage.shapes import GRAPH
from advisor.usage.signins import take_json
from rules.model.registration import Unread
from rules.model.usage import Kind, Reach, Usage, Use
from rules.primitives.dates import moment
from rules.primitives.texts import counted

#: Seconds between two requests: five are allowed in ten seconds.
_PACE: Final = 2.0
_PAGE: Final = 1000
_KINDS: Final[tuple[Kind, ...]] = ("servicePrincipal", "interactiveUser", "nonInteractiveUser")
_SOURCE: Final = "Graph beta"
#: How Graph's error code says that the tenant has no license.
_NO_LICENSE: Final = "NonPremiumTenant"
_LICENSE: Final = "Microsoft Entra ID P1 or P2 is needed; without it, download the logs and pass them to --usage"
_FILES: Final = "pass sign-in logs to --usage; grantlint usage --kql prints a query for them"
_DECODE: Final = msgspec.json.Decoder(PageOf[Any]).decode


class UsageReader:
    """Reads what the header wants of the use of applications; a part that fails says so, and why, in its reach."""

    def __init__(
        self, client: Client, emit: Callable[[Record], None], listener: ProgressListener, header: Header
    ) -> None:
        self._client = client
        self._emit = emit
        self._listener = listener
        self._base = f"{header.endpoint}/beta"
        self._is_national = header.endpoint in {place.endpoint for name, place in clouds().items() if name != "global"}
        self._is_begun = False
        self._now = datetime.fromisoformat(header.read_at)

    async def read_activity(self) -> None:
        """Read the list of last sign-ins."""
        gap: Unread | None = None
        uses: list[Use] = []
        seen: list[str] = []
        days = self._days()
        try:
            if self._is_national:
                note = "Microsoft Graph has servicePrincipalSignInActivities in the global cloud only"
                raise Failure(note, remedy=_FILES)
            async for page in self._pages(ACTIVITY, self._request("/reports/servicePrincipalSignInActivities")):
                found, start, end = activity.activities_of_applications(page.value, days)
                uses += found
                seen += filter(None, (start, end))
        except Failure as failure:
            gap = _unread(failure, ACTIVITY)
        reach = activity.reach_of_applications(
            min(seen, default=""), max(seen, default=""), len({use.app_id for use in uses}), gap
        )
        self._finish(ACTIVITY, Usage(uses=tuple(uses), reach=tuple(reach)), gap, is_begun=bool(uses))

    async def read_sign_ins(self, number: int) -> None:
        """Read the sign-ins of a *number* of days: always the kind that has come least far, so that all reach alike."""
        since = (self._now - timedelta(days=number)).strftime("%Y-%m-%dT%H:%M:%SZ")
        series = [_Series(kind, self._pages(SIGN_INS, self._sign_ins(kind, since)), self._days()) for kind in _KINDS]
        gap: Unread | None = None
        try:
            for one in series:
                await one.take()
            if any(not one.is_done for one in series):
                self._listener.say(_estimate(series, number))
            while left := [one for one in series if not one.is_done]:
                await max(left, key=lambda one: one.oldest).take()
        except Failure as failure:
            gap = _unread(failure, SIGN_INS)
        except NotReadError as error:
            gap = Unread("left-out", note=error.what, remedy="name fewer days")
        names: dict[str, str] = {}
        for one in series:
            names |= one.tally.names
        usage = Usage(
            uses=tuple(use for one in series for use in one.tally.uses()),
            reach=tuple(one.reach(gap) for one in series),
            names=names,
        )
        self._finish(SIGN_INS, usage, gap, is_begun=bool(usage.uses))

    def _finish(self, part: Part, usage: Usage, gap: Unread | None, *, is_begun: bool) -> None:
        self._emit(Evidence(part.id, usage))
        self._emit(Outcome(part.id, "read" if gap is None else "partly" if is_begun else "not-read", gap))

    async def _pages(self, part: Part, information: RequestInformation) -> AsyncIterator[PageOf[Any]]:
        """The pages of a list, each request with the pace of all."""
        pages = self._client.pages(information, _DECODE)
        has_more = True
        while has_more:
            if self._is_begun:
                await throttling.sleep(_PACE)
            self._is_begun = True
            page = await anext(pages)
            has_more = bool(page.next_link)
            self._listener.read(part.id, len(page.value))
            yield page

    def _sign_ins(self, kind: Kind, since: str) -> RequestInformation:
        """The sign-ins of one *kind*; without the header, Graph hides the newer members of enumerations."""
        wanted = f"createdDateTime ge {since} and signInEventTypes/any(t:t eq '{kind}')"
        information = self._request(f"/auditLogs/signIns?$filter={wanted}&$orderby=createdDateTime desc&$top={_PAGE}")
        information.headers.add("Prefer", "include-unknown-enum-members")
        return information

    def _request(self, path: str) -> RequestInformation:
        information = RequestInformation(Method.GET)
        information.url = f"{self._base}{path.replace(' ', '%20')}"
        return information

    def _days(self) -> Days:
        return Days(self._now.date() + timedelta(days=1))


class _Series:
    """The sign-ins of one kind, page by page; ``oldest`` is how far back they were read."""

    def __init__(self, kind: Kind, pages: AsyncIterator[PageOf[Any]], days: Days) -> None:
        self.kind = kind
        self.oldest = "9999"
        self.newest = ""
        self.is_done = False
        self.tally = Tally(Source(title=_SOURCE, kind=kind, is_unfiltered=True))
        self._pages = pages
        self._days = days

    async def take(self) -> None:
        """Count the next page. Raises ``Failure`` and ``NotReadError``."""
        page = await anext(self._pages, None)
        if page is None:
            self.is_done = True
            return
        take_json(self.tally, GRAPH, page.value, self._days)
        dates = [str(one.get("createdDateTime"))[:19] for one in page.value if isinstance(one, dict)]
        if dates and max(dates) > self.oldest:
            self.tally.why, self.tally.remedy = (
                "the pages are not in the order of time",
                "report a bug in grantlint",
            )
        self.oldest = min((self.oldest, *dates))
        self.newest = max((self.newest, *dates))
        self.is_done = not page.next_link

    def reach(self, gap: Unread | None) -> Reach:
        """What was read; *gap* is why nothing was, where it is not that there is nothing."""
        found = next(self.tally.reach(), None)
        if found is not None:
            return found
        why = gap.note if gap else "it has no record, which does not prove that nothing was used"
        return Reach(kind=self.kind, source=_SOURCE, why=why, remedy=gap.remedy if gap else "")

    def requests(self, number: int) -> int:
        """How many requests a *number* of days takes, if all were as busy as those of the first page."""
        if self.is_done:
            return 1
        newest, oldest = moment(f"{self.newest}Z"), moment(f"{self.oldest}Z")
        if not isinstance(newest, datetime) or not isinstance(oldest, datetime):
            return 1
        return max(1, round(number * 86_400 / max(1.0, (newest - oldest).total_seconds())))


def _estimate(series: list[_Series], number: int) -> str:
    requests = sum(one.requests(number) for one in series)
    minutes = counted(max(1, round(requests * _PACE / 60)), "minute")
    return (
        f"sign-ins of {counted(number, 'day')}: about {counted(requests, 'request')} and {minutes}, at five requests "
        "in ten seconds; --timeout ends it earlier, and keeps what was read"
    )


def _unread(failure: Failure, part: Part) -> Unread:
    """Why a part was not read, with what helps: a license, a permission, or the logs as files."""
    gap = failure.unread
    if _NO_LICENSE in gap.note:
        return msgspec.structs.replace(gap, remedy=_LICENSE)
    if gap.reason == "refused":
        return failure.fixed_by(part.remedy)
    return gap if gap.reason == "left-out" else msgspec.structs.replace(gap, remedy=_FILES)
