"""A sign-in service on loopback that speaks HTTPS under the names of the identity platform and of Microsoft Graph.

Nothing in a recipe is changed for it: curl, Chromium and MSAL are told to look for those names on this machine.
"""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from authlib.oauth2 import OAuth2Error

from tests.oauth_server.certificates import Pair, make_pair
from tests.oauth_server.provider import USER, Client, Request, Server, Store

LOGIN, GRAPH, APP = "login.microsoftonline.com", "graph.microsoft.com", "app.example.com"
HOSTS = (LOGIN, GRAPH, APP, "portal.contoso.com", "orders.contoso.com", "localhost", "127.0.0.1")


class SignIn:
    """The running server. ``seen`` holds the path of every request, ``signs_in`` skips the sign-in page.
    ``approves`` says that somebody types the code of every device."""

    def __init__(self, folder: Path) -> None:
        self.store = Store()
        self.oauth = Server(self.store)
        self.tls: Pair = make_pair(folder, "server", HOSTS)
        self.signs_in = False
        self.approves = False
        self.seen: list[str] = []
        self.port = 0

    def add(self, app: dict[str, Any], secret: str = "", certificate: Path | None = None) -> None:
        """Make *app* (Graph JSON) known, with a secret or a certificate."""
        self.store.clients[app["appId"]] = Client(app, secret, certificate.read_bytes() if certificate else b"")

    def type_codes(self) -> None:
        """As a person who types every user code, where ``approves`` says that there is one."""
        if self.approves:
            self.store.approved |= {credential["user_code"] for credential in self.store.devices.values()}


@contextmanager
def running(folder: Path) -> Iterator[SignIn]:
    """Serve on a free port of the loopback address until the block ends."""
    state = SignIn(folder)

    class Handler(_Handler):
        sign_in = state

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(state.tls.certificate, state.tls.key)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    sign_in: SignIn

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_OPTIONS(self) -> None:
        self._send(204, b"", [])

    def _answer(self, method: str) -> None:
        host = self.headers.get("Host", "").partition(":")[0]
        parts = urlsplit(self.path)
        self.sign_in.seen.append(f"{method} {host}{parts.path}")
        length = int(self.headers.get("Content-Length") or 0)
        body = dict(parse_qsl(self.rfile.read(length).decode()))
        request = Request(method, f"https://{host}{self.path}", dict(parse_qsl(parts.query)), body, self.headers)
        self.sign_in.oauth.audiences = [f"https://{host}{parts.path}"]
        if host == GRAPH:
            self._graph()
        elif host != LOGIN:
            self._send(200, b"<!doctype html><title>Application</title><p>signed in", [("Content-Type", "text/html")])
        elif parts.path.endswith("/authorize"):
            self._authorize(request)
        elif parts.path.endswith("/token"):
            self._token(request)
        elif parts.path.endswith("/devicecode"):
            self._reply(*self.sign_in.oauth.create_endpoint_response("device_authorization", request))
            self.sign_in.type_codes()
        else:
            self._metadata(host, parts.path)

    def _authorize(self, request: Request) -> None:
        try:
            grant = self.sign_in.oauth.get_consent_grant(request, USER)
        except OAuth2Error as error:
            self._send(400, escape(f"{error.error}: {error.description}").encode(), [("Content-Type", "text/html")])
            return
        if request.method == "GET" and not self.sign_in.signs_in:
            page = f'<!doctype html><title>Sign in</title><form method="post"><button>Sign in as {USER}</button></form>'
            self._send(200, page.encode(), [("Content-Type", "text/html")])
            return
        status, body, headers = self.sign_in.oauth.create_authorization_response(request, USER, grant)
        where = dict(headers).get("Location", "")
        if request.payload.data.get("response_mode") != "form_post" or not where:
            self._reply(status, body, headers)
            return
        fields = parse_qsl(urlsplit(where).query)
        inputs = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields
        )
        page = f'<form method="post" action="{escape(where.partition("?")[0])}">{inputs}<button>Go on</button></form>'
        self._send(200, f"<!doctype html><title>Go on</title>{page}".encode(), [("Content-Type", "text/html")])

    def _token(self, request: Request) -> None:
        try:
            self.sign_in.oauth.check_origin(request)
        except OAuth2Error as error:
            self._reply(*self.sign_in.oauth.handle_error_response(request, error))
            return
        self._reply(*self.sign_in.oauth.create_token_response(request))

    def _graph(self) -> None:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        known = any(kept["access_token"] == token for kept in self.sign_in.store.tokens)
        self._reply(
            200 if known else 401, {"userPrincipalName": USER} if known else {"error": "InvalidAuthenticationToken"}, []
        )

    def _metadata(self, host: str, path: str) -> None:
        tenant = path.split("/")[1]
        base = f"https://{host}/{tenant}"
        self._reply(
            200,
            {
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                "tenant_discovery_endpoint": f"{base}/v2.0/.well-known/openid-configuration",
                "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
            },
            [],
        )

    def _reply(self, status: int, body: Any, headers: Any) -> None:
        if isinstance(body, dict):
            rows = [(k, v) for k, v in headers if k.lower() != "content-type"]
            self._send(status, json.dumps(body).encode(), [*rows, ("Content-Type", "application/json")])
        else:
            self._send(status, str(body or "").encode(), list(headers))

    def _send(self, status: int, body: bytes, headers: list[tuple[str, str]]) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Access-Control-Allow-Origin", self.headers.get("Origin") or "null")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
