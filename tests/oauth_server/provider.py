"""The grants of the identity platform on Authlib's authorization server, for clients made from registrations.

What Authlib does not know is added: the client type by platform, the Origin header of pages (AADSTS9002326 and
9002327).
"""

import json
import secrets
from typing import Any, ClassVar

from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    ClientMixin,
    InvalidClientError,
    InvalidRequestError,
    JsonRequest,
    OAuth2Request,
    TokenMixin,
    grants,
)
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc8628 import DeviceAuthorizationEndpoint, DeviceCodeGrant, DeviceCredentialDict
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey, RSAKey

USER = "adelev@contoso.com"
METHODS = ["client_secret_post", "client_secret_basic", "client_assertion_jwt", "none"]


class Client(ClientMixin):
    """A client as a registration describes it, with the credential that the test gave it."""

    def __init__(self, app: dict[str, Any], secret: str = "", certificate: bytes = b"") -> None:
        self.app = app
        self.secret = secret
        self.certificate = certificate

    @property
    def platforms(self) -> dict[str, list[str]]:
        return {name: self.app[name]["redirectUris"] for name in ("web", "spa", "publicClient")}

    def platform_of(self, uri: str) -> str:
        return next((name for name, uris in self.platforms.items() if _match(uri, uris)), "")

    def get_client_id(self) -> str:
        return self.app["appId"]

    def get_default_redirect_uri(self) -> None:
        return None

    def get_allowed_scope(self, scope: str) -> str:
        return scope or ""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return bool(self.platform_of(redirect_uri))

    def check_client_secret(self, client_secret: str) -> bool:
        return bool(self.secret) and secrets.compare_digest(client_secret, self.secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        public = bool(self.app["isFallbackPublicClient"]) or not self.platforms["web"]
        return public if method == "none" else True

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return True


def _match(uri: str, registered: list[str]) -> bool:
    """As the platform does: exactly, but for the port on a loopback address."""
    loopback = ("http://localhost", "http://127.0.0.1")
    head = next((host for host in loopback if uri.startswith((host + ":", host + "/")) or uri == host), "")
    if not head:
        return uri in registered
    path = uri[len(head) :].lstrip(":0123456789") or "/"
    return any(r.startswith(head) and (r[len(head) :].lstrip(":0123456789") or "/") == path for r in registered)


class Kept(dict[str, Any], TokenMixin):
    """A code or a token, with the methods that Authlib asks of its models."""

    def get_redirect_uri(self) -> str:
        return self["redirect_uri"]

    def get_scope(self) -> str:
        return self["scope"]

    def check_client(self, client: Client) -> bool:
        return self["client_id"] == client.get_client_id()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class Store:
    """What the server remembers."""

    def __init__(self) -> None:
        self.clients: dict[str, Client] = {}
        self.codes: dict[str, Kept] = {}
        self.tokens: list[Kept] = []
        self.devices: dict[str, DeviceCredentialDict] = {}
        self.approved: set[str] = set()
        self.key = OctKey.generate_key(256)


class Request(OAuth2Request):
    """A request of the standard library's server."""

    def __init__(self, method: str, uri: str, query: dict[str, str], body: dict[str, str], headers: Any) -> None:
        super().__init__(method, uri, headers=headers)
        self.payload = BasicOAuth2Payload({**query, **body})
        self._args, self._form = query, body

    @property
    def args(self) -> dict[str, str]:
        return self._args

    @property
    def form(self) -> dict[str, str]:
        return self._form


class CodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar = METHODS

    def save_authorization_code(self, code: str, request: Request) -> None:
        data = request.payload.data
        self.server.store.codes[code] = Kept(
            client_id=request.client.get_client_id(), redirect_uri=request.payload.redirect_uri,
                scope=request.payload.scope,
            nonce=data.get("nonce"), code_challenge=data.get("code_challenge"),
            code_challenge_method=data.get("code_challenge_method"), code=code,
        )  # fmt: skip

    def query_authorization_code(self, code: str, client: Client) -> Kept | None:
        found = self.server.store.codes.get(code)
        return found if found and found.check_client(client) else None

    def delete_authorization_code(self, authorization_code: Kept) -> None:
        del self.server.store.codes[authorization_code["code"]]

    def authenticate_user(self, authorization_code: Kept) -> str:
        return USER


class RefreshGrant(grants.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar = METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> Kept | None:
        return next((t for t in self.server.store.tokens if t.get("refresh_token") == refresh_token), None)

    def authenticate_user(self, refresh_token: Kept) -> str:
        return USER

    def revoke_old_credential(self, refresh_token: Kept) -> None:
        refresh_token.pop("refresh_token")


class ClientCredentials(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar = METHODS[:-1]


class Device(DeviceCodeGrant):
    def query_device_credential(self, device_code: str) -> DeviceCredentialDict | None:
        return self.server.store.devices.get(device_code)

    def query_user_grant(self, user_code: str) -> tuple[str, bool] | None:
        return (USER, True) if user_code in self.server.store.approved else None

    def should_slow_down(self, credential: DeviceCredentialDict) -> bool:
        return False


class DeviceEndpoint(DeviceAuthorizationEndpoint):
    CLIENT_AUTH_METHODS: ClassVar = ["none"]
    INTERVAL = 1

    def get_verification_uri(self) -> str:
        return "https://login.microsoftonline.com/device"

    def save_device_credential(self, client_id: str, scope: str, data: dict[str, Any]) -> None:
        data["expires_at"] = 2**40
        self.server.store.devices[data["device_code"]] = DeviceCredentialDict(
            {**data, "client_id": client_id, "scope": scope}
        )


class _Long(jws.JWSRegistry):
    """MSAL sends the whole certificate in the header."""

    max_header_length = 8192


class Assertion(JWTBearerClientAssertion):
    def __init__(self, server: "Server") -> None:
        super().__init__(validate_jti=True)
        self._server = server
        self._used: set[str] = set()

    def get_audiences(self) -> list[str]:
        return self._server.audiences

    def validate_jti(self, claims: dict[str, Any], jti: str) -> bool:
        fresh = jti not in self._used
        self._used.add(jti)
        return fresh

    def resolve_client_public_key(self, client: Client) -> RSAKey:
        return RSAKey.import_key(client.certificate)

    def extract_assertion(self, assertion: str) -> tuple[Any, Any]:
        found = jws.extract_compact(assertion.encode(), registry=_Long())
        return found.headers(), json.loads(found.payload)

    def process_assertion_claims(self, assertion: str, resolve_key: RSAKey) -> Any:
        try:
            token = jwt.decode(assertion, resolve_key, registry=_Long(algorithms=["PS256", "RS256"]))
        except JoseError as error:
            raise InvalidClientError(description=str(error)) from error
        self.verify_claims(token.claims)
        return token.claims


class IdToken:
    """The ID token of a code, as OpenID Connect describes it."""

    def __call__(self, grant: Any) -> None:
        grant.register_hook("after_create_token_response", self.add)

    def add(self, grant: Any, response: Any) -> None:
        _, token, _ = response
        request = grant.request
        if "openid" not in (token.get("scope") or "").split():
            return
        code = getattr(request, "authorization_code", None)
        claims = {
            "iss": "https://login.microsoftonline.com/tenant/v2.0", "aud": request.client.get_client_id(),
                "sub": "subject",
            "preferred_username": USER, "exp": 2**40, "iat": 0,
        }  # fmt: skip
        if code and code["nonce"]:
            claims["nonce"] = code["nonce"]
        token["id_token"] = jwt.encode({"alg": "HS256"}, claims, grant.server.store.key)


class Server(AuthorizationServer):
    """Authlib's authorization server over a ``Store``."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store
        self.audiences: list[str] = []
        self.register_token_generator(
            "default",
            BearerTokenGenerator(
                lambda **_: f"at-{secrets.token_urlsafe(24)}", lambda **_: f"rt-{secrets.token_urlsafe(24)}"
            ),
        )
        self.register_client_auth_method(JWTBearerClientAssertion.CLIENT_AUTH_METHOD, Assertion(self))
        self.register_grant(CodeGrant, [CodeChallenge(required=True), IdToken()])
        self.register_grant(RefreshGrant)
        self.register_grant(ClientCredentials)
        self.register_grant(Device, [IdToken()])
        self.register_endpoint(DeviceEndpoint)

    def query_client(self, client_id: str) -> Client | None:
        return self.store.clients.get(client_id)

    def save_token(self, token: dict[str, Any], request: Request) -> None:
        self.store.tokens.append(Kept(token, client_id=request.client.get_client_id()))

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        pass

    def create_oauth2_request(self, request: Request) -> Request:
        return request

    def create_json_request(self, request: Any) -> JsonRequest:
        raise NotImplementedError

    def handle_response(self, status: int, body: Any, headers: Any) -> tuple[int, Any, Any]:
        return status, body, headers

    def check_origin(self, request: Request) -> None:
        """Codes of spa are redeemed by browsers, everything else is not. Raises ``InvalidRequestError``."""
        client = self.query_client(request.payload.client_id or "")
        redeems = request.payload.grant_type == "authorization_code"
        spa = bool(client) and redeems and client.platform_of(request.payload.redirect_uri or "") == "spa"
        origin = request.headers.get("Origin")
        if origin and not spa and request.payload.grant_type != "refresh_token":
            raise InvalidRequestError("AADSTS9002326: Cross-origin token redemption is permitted only for spa")
        if spa and not origin:
            raise InvalidRequestError("AADSTS9002327: Tokens of spa may only be redeemed via cross-origin requests")
