"""Sign in with azure-identity: with the method that is chosen, else with the first that is set up.

No secret is taken from the command line, kept, shown or written: azure-identity reads them from where its users keep
them.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import msgspec
from azure.core.exceptions import AzureError, ServiceRequestError
from azure.core.pipeline.transport import RequestsTransport
from azure.identity import (
    AzureCliCredential,
    AzurePowerShellCredential,
    CertificateCredential,
    ClientSecretCredential,
    CredentialUnavailableError,
    DeviceCodeCredential,
    InteractiveBrowserCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

from advisor.errors import UsageError
from advisor.sources.graph.auth_methods import AUTH
from advisor.sources.graph.client import first_line
from advisor.sources.graph.clouds import Place
from advisor.sources.graph.failure import Failure, seconds_left
from advisor.sources.graph.network import connection_failure, is_permanent
from advisor.sources.graph.progress import ProgressListener
from advisor.sources.graph.throttling import LONGEST, too_long

#: Microsoft Graph Command Line Tools: Microsoft's own public client for users, in every tenant. ``--client-id`` names
#: another.
_PEOPLE: Final = "14d82eec-204b-4c2f-b7e8-296a70dab67e"

#: Seconds to connect to the sign-in, and to wait for its answer; azure-core waits five minutes for each.
_CONNECT: Final = 30.0
_READ: Final = 60.0

for _library in ("azure", "msal"):  # both log each failed attempt as a warning; what matters is said once, by us
    logging.getLogger(_library).addHandler(logging.NullHandler())


class SignIn(msgspec.Struct, frozen=True):
    """How to sign in to a tenant: *auth* is one of ``AUTH`` or None; *permissions* are those that a user consents
    to.
    """

    tenant: str
    place: Place
    auth: str | None = None
    client_id: str | None = None
    certificate: str | None = None
    permissions: tuple[str, ...] = ()
    is_interactive: bool = False
    #: When the reading has to end, in seconds of ``time.monotonic``.
    deadline: float | None = None


class _Transport(RequestsTransport):  # type: ignore[misc]  # azure-core gives no type for it
    """Ends at once what the retries of azure-core would only repeat, and keeps to the time of the reading.

    The retries catch errors of azure-core alone.
    """

    def __init__(self, listener: ProgressListener, deadline: float | None) -> None:
        super().__init__()
        self._listener = listener
        self._deadline = deadline

    def sleep(self, duration: float) -> None:
        """Wait before the next try, as the sign-in says. Raises ``Failure`` where that takes too long."""
        if duration > LONGEST:
            raise too_long("the sign-in", 429, duration)
        seconds_left(self._deadline, duration)
        self._listener.waiting(duration, "the sign-in did not answer")
        super().sleep(duration)

    def send(self, request: Any, **options: Any) -> Any:
        """The answer to *request*. Raises ``Failure`` after the deadline."""
        left = seconds_left(self._deadline)
        for name, seconds in (("connection_timeout", _CONNECT), ("read_timeout", _READ)):
            options[name] = seconds if left is None else min(seconds, left)
        try:
            return super().send(request, **options)
        except ServiceRequestError as error:
            if is_permanent(error):
                raise ConnectionError(str(error)) from error
            raise


class Signed:
    """A credential with the name of its sign-in method."""

    def __init__(self, method: str, make: Callable[[], Any], *, may_renew: bool = True) -> None:
        self.method = method
        self.scopes: list[str] = []
        self._make = make
        self._credential = make()
        self._may_renew = may_renew

    def get_token(self, *scopes: str, **options: Any) -> Any:
        """A token for the scopes; azure-identity keeps it and gets the next one in time."""
        return self._credential.get_token(
            *scopes, **{name: value for name, value in options.items() if value is not None}
        )

    def renew(self) -> bool:
        """Forget the tokens that were kept. The user does not have to sign in again."""
        if self._may_renew:
            self.close()
            self._credential = self._make()
        return self._may_renew

    def close(self) -> None:
        """Close the connections to the sign-in."""
        close = getattr(self._credential, "close", None)
        if close is not None:
            close()


def sign_in(request: SignIn, environ: Mapping[str, str], listener: ProgressListener) -> Signed:
    """The credential that the reading uses, proved by a first token; *listener* hears what a user has to do.

    Raises ``UsageError`` when nothing is set up, and ``Failure`` when what is set up is not accepted.
    """
    if request.auth is not None and request.auth not in AUTH:
        raise UsageError(f"unknown method {request.auth!r} in --auth", hint=f"one of {', '.join(AUTH)}")
    tried: list[str] = []
    for method in (request.auth,) if request.auth else _set_up(request, environ):
        signed = _make(method, request, environ, listener)
        try:
            signed.get_token(*signed.scopes, enable_cae=True)  # as the SDK asks, so that it finds this one
        except CredentialUnavailableError as error:
            signed.close()
            tried.append(f"{method}: {first_line(error)}")
        except AzureError as error:
            signed.close()
            failure = connection_failure(error, request.place.authority)
            if failure is not None:
                raise failure from None
            if method in ("azure-cli", "azure-powershell") and request.auth is None:
                tried.append(f"{method}: {first_line(error)}")
                continue
            note = f"signing in with {method} failed: {first_line(error)}"
            raise Failure(
                note, reason="refused", remedy="fix the credential, or choose another method with --auth"
            ) from None
        else:
            return signed
    hint = (
        f"sign in with: az login --tenant {request.tenant}; or set AZURE_CLIENT_ID and AZURE_CLIENT_SECRET; or "
        "choose --auth device-code"
    )
    said = f" ({'; '.join(tried)})" if tried else ": no sign-in method is set up on this machine"
    raise UsageError(f"cannot sign in to {request.tenant}{said}", hint=hint)


def _set_up(request: SignIn, environ: Mapping[str, str]) -> Iterator[str]:
    """The methods that are set up here, in the order in which they are tried."""
    if request.certificate:
        yield "certificate"
    if environ.get("AZURE_CLIENT_ID") and (
        environ.get("AZURE_CLIENT_SECRET") or environ.get("AZURE_CLIENT_CERTIFICATE_PATH")
    ):
        yield "environment"
    if environ.get("AZURE_FEDERATED_TOKEN_FILE"):
        yield "workload-identity"
    if environ.get("IDENTITY_ENDPOINT") or environ.get("MSI_ENDPOINT"):
        yield "managed-identity"
    if shutil.which("az", path=environ.get("PATH", "")):
        yield "azure-cli"
    if any(shutil.which(name, path=environ.get("PATH", "")) for name in ("pwsh", "powershell")):
        yield "azure-powershell"
    if request.is_interactive:
        yield "device-code"


def _make(method: str, request: SignIn, environ: Mapping[str, str], listener: ProgressListener) -> Signed:
    place, tenant = request.place, request.tenant

    def there() -> dict[str, Any]:
        return {
            "authority": f"https://{place.authority}",
            "disable_instance_discovery": place.is_custom_authority,
            "transport": _Transport(
                listener, request.deadline
            ),  # one for each credential: closing the credential closes it
        }

    client_id = request.client_id or environ.get("AZURE_CLIENT_ID")
    people: dict[str, Any] = {"tenant_id": tenant, "client_id": request.client_id or _PEOPLE}
    password = environ.get("AZURE_CLIENT_CERTIFICATE_PASSWORD")

    def certificate(path: str | None) -> Any:
        try:
            return CertificateCredential(
                tenant,
                _needed(client_id, "--client-id", method),
                _needed(path, "--certificate", method),
                password=password,
                **there(),
            )
        except (ValueError, OSError) as error:
            raise UsageError(
                f"the certificate cannot be used: {first_line(error)}",
                hint="name a PEM or PFX file with its private key",
            ) from None

    def environment() -> Any:
        secret = environ.get("AZURE_CLIENT_SECRET")
        if not secret:
            return certificate(environ.get("AZURE_CLIENT_CERTIFICATE_PATH"))
        return ClientSecretCredential(
            tenant, _needed(environ.get("AZURE_CLIENT_ID"), "AZURE_CLIENT_ID", method), secret, **there()
        )

    def workload() -> Any:
        token = _needed(environ.get("AZURE_FEDERATED_TOKEN_FILE"), "AZURE_FEDERATED_TOKEN_FILE", method)
        return WorkloadIdentityCredential(
            tenant_id=tenant, client_id=_needed(client_id, "--client-id", method), token_file_path=token, **there()
        )

    def prompt(address: str, code: str, _: object) -> None:
        listener.say(f"to sign in to {tenant}, open {address} and enter the code {code}")

    factories: dict[str, Callable[[], Any]] = {
        "environment": environment,
        "workload-identity": workload,
        "managed-identity": lambda: (
            ManagedIdentityCredential(client_id=client_id) if client_id else ManagedIdentityCredential()
        ),
        "azure-cli": lambda: AzureCliCredential(tenant_id=tenant),
        "azure-powershell": lambda: AzurePowerShellCredential(tenant_id=tenant),
        "certificate": lambda: certificate(request.certificate or environ.get("AZURE_CLIENT_CERTIFICATE_PATH")),
        "device-code": lambda: DeviceCodeCredential(prompt_callback=prompt, **people, **there()),
        "browser": lambda: InteractiveBrowserCredential(**people, **there()),
    }
    is_person = method in ("device-code", "browser")
    signed = Signed(method, factories[method], may_renew=not is_person)
    signed.scopes = [f"https://{place.host}/{name}" for name in request.permissions] if is_person else [place.scope]
    return signed


def _needed(value: str | None, name: str, method: str) -> str:
    if not value:
        raise UsageError(f"--auth {method} needs {name}", hint=f"set {name}")
    return value
