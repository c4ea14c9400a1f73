"""A client of one tenant: the SDK's adapter and middleware, answers as bytes, pages, and the token kept at home.

Answers are never turned into the SDK's models: that costs ten times the CPU of all the rest.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec
from azure.core.exceptions import AzureError
from kiota_abstractions.api_error import APIError
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from kiota_http.kiota_client_factory import KiotaClientFactory
from kiota_http.middleware import RedirectHandler, RetryHandler
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.graph_request_adapter import GraphRequestAdapter
from msgraph.graph_service_client import GraphServiceClient
from msgraph_core import GraphClientFactory
from msgraph_core.middleware import GraphTelemetryHandler

from advisor.sources.graph.clouds import Place
from advisor.sources.graph.failure import BROKEN, Failure, from_status
from advisor.sources.graph.network import connection_failure, is_page, not_json
from advisor.sources.graph.progress import ProgressListener
from advisor.sources.graph.throttling import RetryBudget, delay

__all__ = ["Client", "Credential", "Method", "RequestConfiguration", "RequestInformation"]

#: At most this many requests are sent at once. More only brings the throttling forward.
AT_ONCE: Final = 4
#: Seconds; a page of 999 applications may take Graph half a minute.
_TIMEOUT: Final = httpx.Timeout(120, connect=30)
#: How often a response that is not JSON is requested again: gateways truncate responses.
_READ_TRIES: Final = 3
_ERRORS: Final[dict[str, Any]] = {"XXX": ODataError}

#: How Graph names a property that it does not know.
_UNKNOWN: Final = re.compile(r"property named '(\w+)' on type")
#: Where the SDK keeps what is selected.
_SELECT: Final = "%24select"

T = TypeVar("T")


class Paged(Protocol):
    """A page of a list: the link to the next one, if there is one."""

    @property
    def next_link(self) -> str | None: ...


P = TypeVar("P", bound=Paged)


class Credential(Protocol):
    """The SDK's source of tokens, which forgets a token that was not accepted."""

    def get_token(self, *scopes: str, **options: Any) -> Any:
        """A token for *scopes*, as azure-identity gives it."""

    def renew(self) -> bool:
        """Forget the tokens; False where that is not possible."""


class Client:
    """Sends requests to one Graph endpoint with one credential."""

    def __init__(
        self,
        place: Place,
        credential: Credential,
        scopes: list[str],
        listener: ProgressListener,
        deadline: float | None = None,
    ) -> None:
        """*deadline* is when the reading has to end, in seconds of ``time.monotonic``; ``None`` for no limit."""
        self._place = place
        self._credential = credential
        self.retry_budget = RetryBudget(listener, deadline)
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._http = httpx.AsyncClient(timeout=_TIMEOUT, http2=True)  # proxies and certificates from the environment
        # The SDK wraps these in a transport that forgets to close them.
        self._transports = [self._http._transport, *self._http._mounts.values()]
        provider = AzureIdentityAuthenticationProvider(
            credential,
            options={},
            scopes=scopes,
            allowed_hosts=[place.host],
        )
        self._adapter = GraphRequestAdapter(
            provider, client=GraphClientFactory.create_with_custom_middleware(self._middleware(), client=self._http)
        )
        self.base = f"{place.endpoint}/v1.0"
        self._adapter.base_url = self.base
        #: The SDK's request builders.
        self.graph = GraphServiceClient(request_adapter=self._adapter)

    def _middleware(self) -> list[Any]:
        """The SDK's own, with our limits for its retries, and without redirects: they would carry the token away."""
        standard = [
            handler
            for handler in KiotaClientFactory.get_default_middleware(None)
            if not isinstance(handler, RetryHandler | RedirectHandler)
        ]
        return [*standard, GraphTelemetryHandler(), self.retry_budget]

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()
        for transport in self._transports:
            if transport is not None:
                await transport.aclose()

    async def get(self, information: RequestInformation) -> bytes:
        """The body of the answer. Raises ``Failure`` without one."""
        async with self._slots:
            try:
                return await self._send(information)
            except Failure as failure:
                if failure.status != 401 or not self._credential.renew():
                    raise
                return await self._send(information)

    async def _send(self, information: RequestInformation) -> bytes:
        information.headers.remove("Authorization")  # the SDK keeps the first token for ever
        try:
            return await self._adapter.send_primitive_async(information, "bytes", _ERRORS) or b""
        except APIError as error:
            inner = error.error if isinstance(error, ODataError) else None
            code, message = (inner.code or "", inner.message or "") if inner is not None else ("", "")
            raise from_status(error.response_status_code or 0, code, message) from None
        except httpx.HTTPError as error:
            plain = Failure(f"the connection to Graph broke ({type(error).__name__})")
            raise connection_failure(error, self._place.host) or plain from None
        except AzureError as error:
            failure = connection_failure(error, self._place.authority)
            if failure is not None:
                raise failure from None
            note = f"the sign-in ended: {first_line(error)}"
            raise Failure(note, reason="refused", remedy="sign in again", status=401) from None

    async def fetch(self, information: RequestInformation, decode: Callable[[bytes], T]) -> T:
        """The decoded answer; requested again when it is not what *decode* takes."""
        body = b""
        for attempt in range(_READ_TRIES):
            if attempt:
                await self.retry_budget.wait(delay({}, attempt), "the response was incomplete")
            try:
                body = await self._get_known(information)
                return decode(body)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                continue
        if is_page(body):
            raise not_json(self._place.host)
        raise Failure(BROKEN)

    async def _get_known(self, information: RequestInformation) -> bytes:
        """The body of the answer, without the selected properties that this cloud does not know."""
        while True:
            try:
                return await self.get(information)
            except Failure as failure:
                if not drop_unknown(information, failure):
                    raise

    async def pages(self, information: RequestInformation, decode: Callable[[bytes], P]) -> AsyncIterator[P]:
        """Page after page. Raises ``Failure`` at a link to another host, and at one that was followed before."""
        seen: set[int] = set()
        while True:
            page = await self.fetch(information, decode)
            link = page.next_link
            yield page
            if not link:
                return
            self._check(link, seen)
            information = self.follow(link, information)

    def _check(self, link: str, seen: set[int]) -> None:
        parts = urlsplit(link)
        home = urlsplit(self._place.endpoint)
        if (parts.scheme, parts.netloc) != (home.scheme, home.netloc):
            raise Failure(
                f"the next page is said to lie on {parts.netloc or 'no host'}; not followed, so that the token stays "
                "here",
                remedy="check whether a proxy answers instead of Graph",
            )
        if hash(link) in seen:
            raise Failure("the link to the next page refers to a page that was already read")
        seen.add(hash(link))

    def follow(self, link: str, like: RequestInformation | None = None) -> RequestInformation:
        """The request for a page by its *link*, with the headers of the request before."""
        self._check(link, set())
        information = RequestInformation(Method.GET)
        information.url = link
        for name, values in like.headers.get_all().items() if like is not None else ():
            information.headers.add(name, list(values))
        return information


def drop_unknown(information: RequestInformation, failure: Failure) -> bool:
    """Remove the property that Graph does not know from what is selected; False where it refused something else.

    A national cloud may lack a property. It is then missing in the answer, and so reported as not read.
    """
    found = _UNKNOWN.search(failure.unread.note) if failure.status == 400 else None
    names = information.query_parameters.get(_SELECT)
    if found is None or not names or found[1] not in names:
        return False
    information.query_parameters[_SELECT] = [name for name in names if name != found[1]]
    return True


def first_line(error: BaseException) -> str:
    """The first sentence of an error of a library, without trace ids and what follows them."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].partition(" Trace ID:")[0].removeprefix("Authentication failed: ").strip()[:300]
