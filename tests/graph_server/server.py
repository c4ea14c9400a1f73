"""A local HTTPS server that is Microsoft Graph and its sign-in for one tenant."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.graph_server import names
from tests.graph_server.certificates import Certificates
from tests.graph_server.directory import Directory
from tests.graph_server.faults import Fault
from tests.graph_server.graph import Graph
from tests.graph_server.odata import Refused

SECRET = "a-secret-that-is-never-shown"
TOKEN = "token-that-is-never-shown"
BATCH_MAX = 20


class GraphServer:
    """Serves until ``stop``. ``requests`` holds every request to Graph as method and path with query."""

    def __init__(self, certificates: Certificates) -> None:
        self.certificates = certificates
        self._http = _Quiet(("127.0.0.1", 0), _Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.server)
        self._http.socket = context.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        self._http.graph_server = self  # type: ignore[attr-defined]
        self.endpoint = f"https://localhost:{self._http.server_address[1]}"
        self.reset()
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def reset(self, directory: Directory | None = None, permissions: frozenset[str] = names.ALL) -> None:
        """Begin anew, with another tenant."""
        self.graph = Graph(directory or Directory(), permissions, f"{self.endpoint}/v1.0")
        self.others: dict[str, Graph] = {}
        self.faults: list[Fault] = []
        self.requests: list[str] = []
        self.batched: list[str] = []
        self.foreign: list[str] = []
        self.scopes: list[str] = []
        self.device_scopes: list[str] = []
        self._tokens: dict[str, str] = {}
        self._issued = 0
        self.refused_tenants: set[str] = set()
        #: What the token endpoint answers in place of a token, as a captive portal does.
        self.page = b""
        self.page_status = 200
        self.page_headers: dict[str, str] = {}

    def host(self, tenant: str, directory: Directory, permissions: frozenset[str] = names.ALL) -> None:
        """Serve another tenant too, to whoever signed in to it."""
        self.others[tenant] = Graph(directory, permissions, f"{self.endpoint}/v1.0")

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def issue(self, tenant: str, scope: str) -> str:
        """A token for a tenant."""
        self._issued += 1
        token = f"{TOKEN}-{self._issued}"
        self._tokens[token] = tenant
        self.scopes.append(scope)
        return token

    def revoke(self) -> None:
        """No token that was issued is good any more."""
        self._tokens.clear()

    def graph_for(self, authorization: str) -> Graph:
        """The tenant of a token; raises ``Refused`` without one."""
        tenant = self._tokens.get(authorization.removeprefix("Bearer "))
        if not authorization.startswith("Bearer ") or tenant is None:
            raise Refused(401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.")
        return self.others.get(tenant, self.graph)

    def fault(self, path: str) -> Fault | None:
        """The fault that meets this request, if one does."""
        return next((fault for fault in self.faults if fault.meets(path)), None)


class _Quiet(ThreadingHTTPServer):
    """Says nothing when a client goes away in the middle: that is what some tests are about."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536

    @property
    def owner(self) -> GraphServer:
        return self.server.graph_server  # type: ignore[attr-defined, no-any-return]

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        place = urlsplit(self.path)
        if place.path.startswith("/v1.0/"):
            self._graph("GET", place.path.removeprefix("/v1.0"), place.query.replace("%24", "$"))
        elif place.path.startswith("/beta/"):
            self._graph("GET", place.path, place.query.replace("%24", "$"))
        elif place.path == "/msi/token":  # the identity of an Azure resource, as App Service offers it
            token = self.owner.issue(self.owner.graph.directory.id, "")
            self._send(
                200, {"access_token": token, "expires_on": "4000000000", "resource": "x", "token_type": "Bearer"}
            )
        elif place.path.endswith("/.well-known/openid-configuration"):
            tenant = place.path.split("/")[1]
            base = f"{self.owner.endpoint}/{tenant}"
            self._send(
                200,
                {
                    "issuer": f"{base}/v2.0",
                    "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                    "token_endpoint": f"{base}/oauth2/v2.0/token",
                    "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                },
            )
        else:
            self._send(404, {"error": {"code": "ResourceNotFound", "message": place.path}})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        place = urlsplit(self.path)
        if place.path == "/v1.0/$batch":
            self._graph("POST", "/$batch", "", body)
        elif place.path.endswith("/oauth2/v2.0/devicecode"):
            asked = parse_qs(body.decode())["scope"][0].split()
            self.owner.device_scopes = [scope for scope in asked if scope.startswith("https://")]
            self._send(
                200,
                {
                    "user_code": "ABCD-1234",
                    "device_code": "device",
                    "verification_uri": "https://localhost/device",
                    "expires_in": 900,
                    "interval": 0,
                    "message": "enter it",
                },
            )
        elif place.path.endswith("/oauth2/v2.0/token"):
            self._token(place.path.split("/")[1], parse_qs(body.decode()))
        else:
            self._send(404, {"error": {"code": "ResourceNotFound", "message": place.path}})

    def _token(self, tenant: str, form: dict[str, list[str]]) -> None:
        if self.owner.page:
            self._write(self.owner.page_status, self.owner.page, self.owner.page_headers)
            return
        secret = form.get("client_secret", [""])[0]
        if (secret and secret != SECRET) or tenant in self.owner.refused_tenants:
            self._send(
                401,
                {
                    "error": "invalid_client",
                    "error_description": (
                        "AADSTS7000215: Invalid client secret provided. Trace ID: 0000 Correlation ID: 1111"
                    ),
                    "error_codes": [7000215],
                },
            )
            return
        token = self.owner.issue(tenant, form.get("scope", [""])[0])
        answer = {"token_type": "Bearer", "expires_in": 3600, "ext_expires_in": 3600, "access_token": token}
        code = form.get("code") or form.get("device_code")
        if code:  # a person: who it is goes with the token
            answer |= self._person(tenant, form["client_id"][0], code[0])
            answer["scope"] = form.get("scope", ["https://localhost/Application.Read.All"])[0]
        self._send(200, answer)

    def _person(self, tenant: str, client: str, nonce: str) -> dict[str, str]:
        now = int(time.time())  # noqa: TID251 - the library holds it against the clock
        claims = {
            "iss": f"{self.owner.endpoint}/{tenant}/v2.0",
            "aud": client,
            "exp": now + 3600,
            "iat": now,
            "tid": tenant,
            "sub": "person",
            "oid": "person",
            "preferred_username": "reviewer@contoso.com",
            "nonce": nonce,
        }
        encoded = [base64.urlsafe_b64encode(_json(part)).decode().rstrip("=") for part in ({"alg": "none"}, claims)]
        who = base64.urlsafe_b64encode(_json({"uid": "person", "utid": tenant})).decode().rstrip("=")
        return {"id_token": f"{encoded[0]}.{encoded[1]}.", "client_info": who}

    def _graph(self, method: str, path: str, query: str, body: bytes = b"") -> None:
        owner = self.owner
        address = f"{path}?{query}" if query else path
        owner.requests.append(f"{method} {address}")
        headers = {name.lower(): value for name, value in self.headers.items()}
        if headers.get("host") != urlsplit(owner.endpoint).netloc:
            owner.foreign.append(headers.get("authorization", ""))
        fault = owner.fault(address)
        if fault is not None and self._break(fault):
            return
        try:
            graph = owner.graph_for(headers.get("authorization", ""))
            data = self._batch(graph, body) if path == "/$batch" else graph.get(path, query, headers)
        except Refused as error:
            self._send(error.status, _error(error))
            return
        if fault is not None:
            data = _changed(fault, data, f"{owner.endpoint}/v1.0{address}")
        self._write(200, data, cut=fault is not None and fault.kind == "truncated")

    def _break(self, fault: Fault) -> bool:
        """Do what the fault is; whether the request is done with."""
        if fault.kind == "status":
            self._write(
                fault.status,
                fault.body or _json(_error(Refused(fault.status, fault.code, "as the test wants"))),
                fault.headers,
            )
        elif fault.kind == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
        elif fault.kind == "revoke":
            self.owner.revoke()
            return False
        elif fault.kind == "call" and fault.call is not None:
            fault.call()
            return False
        return fault.kind in ("status", "reset")

    def _batch(self, graph: Graph, body: bytes) -> bytes:
        parts = json.loads(body)["requests"]
        if len(parts) > BATCH_MAX:
            raise Refused(400, "BadRequest", "Number of batch request steps exceeds the maximum value of 20.")
        if len({part["id"] for part in parts}) != len(parts):
            raise Refused(400, "BadRequest", "Duplicate batch request ids.")
        # Graph answers in any order.
        return _json({"responses": [self._part(graph, part) for part in reversed(parts)]})

    def _part(self, graph: Graph, part: dict[str, Any]) -> dict[str, Any]:
        place = urlsplit(part["url"])
        query = place.query.replace("%24", "$")
        address = f"{place.path}?{query}" if query else place.path
        self.owner.batched.append(address)
        headers = {name.lower(): value for name, value in part.get("headers", {}).items()}
        fault = self.owner.fault(f"part {address}")
        try:
            if fault is not None:
                if fault.kind == "body":
                    return {"id": part["id"], "status": 200, "headers": {}, "body": json.loads(fault.body)}
                raise Refused(fault.status, fault.code, "as the test wants")
            return {
                "id": part["id"],
                "status": 200,
                "headers": {},
                "body": json.loads(graph.get(place.path, query, headers)),
            }
        except Refused as error:
            given = fault.headers if fault is not None else {}
            return {"id": part["id"], "status": error.status, "headers": given, "body": _error(error)}

    def _send(self, status: int, value: Any) -> None:
        self._write(status, _json(value))

    def _write(self, status: int, data: bytes, headers: dict[str, str] | None = None, *, cut: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if cut else data)
        self.wfile.flush()
        if cut:
            self.close_connection = True


def _changed(fault: Fault, data: bytes, here: str) -> bytes:
    if fault.kind == "body":
        return fault.body
    if fault.kind in ("foreign-link", "loop-link"):
        value = json.loads(data)
        value["@odata.nextLink"] = here.replace(" ", "%20") if fault.kind == "loop-link" else fault.body.decode()
        return _json(value)
    return data


def _error(error: Refused) -> dict[str, Any]:
    return {"error": {"code": error.code, "message": error.message, "innerError": {"request-id": "0"}}}


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()
