"""Read requests from what users have: a URL, curl, .http, a form, Postman, HAR, a Fiddler archive.

Nothing that is read is ever quoted in an error: it may be a secret.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from advisor.decode_errors import in_words
from advisor.errors import InputError
from advisor.preflight.archive import read_archive
from advisor.preflight.curl import read_curl
from advisor.preflight.har import read_har
from advisor.preflight.http_file import read_http
from advisor.preflight.postman import read_environment, read_postman
from advisor.preflight.wire import AuthRequest, make_request
from rules.knowledge.issuers import sign_in_hosts

#: Bigger files are recordings of hours: the request can be exported alone.
MOST_BYTES: Final = 64 * 1024 * 1024

_ADDRESS: Final = re.compile(r"https?://\S+", re.IGNORECASE)
_REQUEST_LINE: Final = re.compile(r"^\s*(?:GET|POST|PUT|HEAD|OPTIONS)\s+\S", re.MULTILINE)
_FORM: Final = re.compile(
    r"(?:^|&|\?)\s*(?:grant_type|client_id|response_type|refresh_token|device_code|client_secret)=", re.MULTILINE
)
_SIGN_IN: Final = re.compile(r"https://[^\s'\"?]+/oauth2/(?:v2\.0/)?authorize\?", re.IGNORECASE)
_CURL: Final = re.compile(r"(?:^|[\s$#>;&|])curl(?:\.exe)?\s", re.MULTILINE)
_HINT: Final = (
    "give an authorization URL, a curl command, an .http file, a form body, a Postman collection, a HAR "
    "file or a Fiddler archive"
)


def read_requests(
    data: bytes, name: str, *, login_hosts: tuple[str, ...] = (), environment: Mapping[str, str] | None = None
) -> tuple[AuthRequest, ...]:
    """The requests to the identity platform in *data*; *name* is what the input is called.

    *login_hosts* are hosts in addition to those of the public clouds, *environment* the values of a Postman
    environment. Raises ``InputError`` when nothing can be read, and when no request of what was read goes to the
    identity platform.
    """
    if len(data) > MOST_BYTES:
        raise InputError("is too large", file=name, hint="export only the request to check")
    is_zip = data[:4] == b"PK\x03\x04"
    found = read_archive(data, name) if is_zip else _read_text(_decode(data, name), name, environment)
    known = tuple(
        request
        for request in found
        if request.host in sign_in_hosts() or request.host in login_hosts or _is_ciam(request.host)
    )
    if not known:
        what = "no request goes to an endpoint of the identity platform" if found else "contains no request"
        raise InputError(
            what,
            file=name,
            hint="the URL must be https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize, token, "
            "devicecode or logout, or /{tenant}/v2.0/adminconsent",
        )
    return known


def _is_ciam(host: str) -> bool:
    """Say whether it is the sign-in host of an external tenant (Microsoft Entra External ID)."""
    return host.endswith(".ciamlogin.com")


def _decode(data: bytes, name: str) -> str:
    encoding = "utf-16" if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    if "\0" in text:
        raise InputError("is not text", file=name, hint=_HINT)
    return text


def _read_text(text: str, name: str, environment: Mapping[str, str] | None) -> tuple[AuthRequest, ...]:
    bare = text.strip()
    if bare[:1] in ("{", "["):
        return _read_json(bare, name, environment)
    if _ADDRESS.match(bare) and not _REQUEST_LINE.search(text):
        joined = "".join(line.strip() for line in bare.splitlines())
        request = make_request("GET", joined, file=name, line=1)
        if request is not None and not request.parameters and request.endpoint != "logout":
            request = None
        return (request,) if request else ()
    if _CURL.search(text) and not _REQUEST_LINE.match(text):
        return read_curl(text, name)
    if _REQUEST_LINE.search(text):
        return read_http(text, name)
    if _SIGN_IN.search(text):  # a URL among words, as a script prints it
        return read_curl(text, name)
    if _FORM.search(bare):
        return _read_form(bare, name)
    raise InputError("contains no request", file=name, hint=_HINT)


def read_variables(data: bytes, name: str) -> dict[str, str]:
    """The values of a Postman environment. Raises ``InputError`` when *data* is not one."""
    value = _json(_decode(data, name).strip(), name)
    found = read_environment(value) if isinstance(value, dict) else None
    if found is None:
        raise InputError(
            "is not a Postman environment",
            file=name,
            hint="export the environment in Postman; the file has the key values",
        )
    return found


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        what, hint = f"is not JSON: {in_words(error)}", "fix the syntax here"
        raise InputError(what, file=name, line=error.lineno, column=error.colno, hint=hint) from None
    except RecursionError:
        raise InputError("is nested too deeply", file=name) from None


def _read_json(text: str, name: str, environment: Mapping[str, str] | None) -> tuple[AuthRequest, ...]:
    value = _json(text, name)
    if isinstance(value, dict):
        log = value.get("log")
        if isinstance(log, dict) and isinstance(log.get("entries"), list):
            return read_har(log["entries"], name)
        collection = value.get("collection", value)
        if isinstance(collection, dict) and isinstance(collection.get("item"), list):
            return read_postman(collection, name, environment)
        if "grant_type" in value or "client_id" in value:
            fields = [(str(key), entry) for key, entry in value.items() if isinstance(entry, str)]
            request = make_request(
                "POST", _UNKNOWN + "token", [("Content-Type", "application/json")], fields, file=name
            )
            return (request,) if request else ()
    raise InputError("is JSON, but neither a Postman collection nor a HAR file", file=name, hint=_HINT)


#: Where a form body goes that was given without a URL: the tenant is still to be filled in.
_UNKNOWN: Final = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/"


def _read_form(text: str, name: str) -> tuple[AuthRequest, ...]:
    """A form body, or the parameters of an authorize URL, without the URL."""
    joined = "&".join(part for line in text.splitlines() for part in line.strip().strip("&?").split("&") if part)
    if re.search(r"(?:^|&)response_type=", joined):
        request = make_request("GET", f"{_UNKNOWN}authorize?{joined}", file=name, line=1)
    else:
        device = "grant_type=" not in joined and "client_secret=" not in joined and "scope=" in joined
        request = make_request("POST", _UNKNOWN + ("devicecode" if device else "token"), (), joined, file=name, line=1)
    return (request,) if request else ()
