"""A recipe as text that runs: a script for sh with curl, and an .http file for editors."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Final

from advisor.preflight.recipe import EXCHANGED, INPUTS, Recipe, RecipeStep
from advisor.preflight.show import Painter

_BRACES: Final = re.compile(r"\{([a-z_]+)\}")

#: The client assertion of a certificate (Microsoft, "Certificate credentials"): PS256, thumbprint, five minutes.
_SIGN: Final = r"""# The client assertion: a token that the private key signs. CERT and KEY are PEM files.
: "${CERT:?the certificate, a PEM file}" "${KEY:?its private key, a PEM file}"
b64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
THUMBPRINT=$(openssl x509 -in "$CERT" -outform DER | openssl dgst -sha256 -binary | b64url)
NOW=$(date +%s)
HEADER=$(printf '{"alg":"PS256","typ":"JWT","x5t#S256":"%s"}' "$THUMBPRINT" | b64url)
CLAIMS=$(printf '{"aud":"%s","iss":"%s","sub":"%s","jti":"%s","nbf":%d,"exp":%d}' \
  "@AUDIENCE@" "@CLIENT@" "@CLIENT@" "$(openssl rand -hex 16)" "$NOW" "$((NOW + 300))" | b64url)
SIGNATURE=$(printf '%s.%s' "$HEADER" "$CLAIMS" | openssl dgst -sha256 -sigopt rsa_padding_mode:pss \
  -sigopt rsa_pss_saltlen:-1 -sign "$KEY" -binary | b64url)
CLIENT_ASSERTION="$HEADER.$CLAIMS.$SIGNATURE"
"""


def render_curl(recipe: Recipe) -> str:
    """A script for sh. Secrets come from the environment, codes from a prompt."""
    return "\n".join(_script(recipe)) + "\n"


def _script(recipe: Recipe) -> Iterator[str]:
    yield f"# {recipe.title}" + (f" for {recipe.client_id}" if recipe.client_id != "{client_id}" else "")
    yield from (f"# {text}" for text in recipe.notes)
    yield "set -eu"
    signs = recipe.credential == "certificate"
    for name in recipe.inputs:
        if not (signs and name == "client_assertion"):
            yield f': "${{{name.upper()}:?{INPUTS[name]}}}"'
    if signs:
        audience = next(step.url for step in recipe.steps if step.url.endswith("/token"))
        yield ""
        yield _SIGN.replace("@AUDIENCE@", _shell(audience)).replace("@CLIENT@", _shell(recipe.client_id)).rstrip()
    last = len(recipe.steps) - 1
    for number, step in enumerate(recipe.steps):
        yield ""
        yield f"# {number + 1}. {step.sender} to {step.receiver}: {step.says}"
        yield from _sign_in(step) if step.in_browser else _curl(step, keep=number < last)


def _sign_in(step: RecipeStep) -> Iterator[str]:
    yield "printf '%s\\n' 'Open this URL, and sign in:'"
    yield f"printf '%s\\n' {_quoted(step.address)}"
    for name in step.gives:
        yield f"printf 'Paste the value of {name} from the URL of the redirect: '"
        yield f"read -r {name.upper()}"


def _curl(step: RecipeStep, *, keep: bool) -> Iterator[str]:
    lines = [f"curl --silent --show-error --request {step.method} {_quoted(step.url)}"]
    lines += [f"--header {_quoted(f'{name}: {value}')}" for name, value in step.headers]
    lines += [f"--data-urlencode {_quoted(f'{name}={value}')}" for name, value in step.parameters]
    command = " \\\n  ".join(lines)
    if not keep:
        yield command
        return
    yield f"ANSWER=$({command}\n)"
    yield "printf '%s\\n' \"$ANSWER\""
    for name in step.gives:
        member = "access_token" if name in EXCHANGED else name
        yield f'{name.upper()}=$(printf \'%s\' "$ANSWER" | sed -n \'s/.*"{member}" *: *"\\([^"]*\\)".*/\\1/p\')'
    if "device_code" in step.gives:
        yield "printf 'Sign in at the URL in the response, then press Enter. '"
        yield "read -r REPLY"


def _shell(text: str) -> str:
    """*text* inside double quotes of sh, with names in braces as variables."""
    escaped = re.sub(r'([\\"$`])', r"\\\1", text)
    return _BRACES.sub(lambda match: f"${{{match[1].upper()}}}", escaped)


def _quoted(text: str) -> str:
    return f'"{_shell(text)}"' if _BRACES.search(text) else shlex.quote(text)


def render_steps(recipe: Recipe) -> str:
    """The messages in words: who sends what to whom (RFC 6749, section 1.1). Values are never broken."""
    return "\n".join(_steps(recipe)) + "\n"


def _steps(recipe: Recipe) -> Iterator[str]:
    painter = Painter(80, color=False)
    yield f"{recipe.title} for {recipe.client_id}"
    for text in recipe.warnings:
        yield from painter.fill(f"caveat: {text}", "  ", "    ")
    for number, step in enumerate(recipe.steps, 1):
        yield ""
        yield from painter.fill(f"{number}. {step.sender} to {step.receiver}: {step.says}", "", "   ")
        yield f"   {step.method} {step.url}"
        yield from (f"       header {name}: {value}" for name, value in step.headers)
        yield from (f"       {name}={value}" for name, value in step.parameters)
    if recipe.code_verifier:
        yield ""
        yield from painter.fill("The PKCE values are for one sign-in. Run the recipe again for the next sign-in.", "")
    for text in recipe.notes:
        yield ""
        yield from painter.fill(text, "")
    if recipe.inputs:
        yield ""
        yield "Values to fill in"
        for name in recipe.inputs:
            yield from painter.fill(f"{name}: {INPUTS[name]}", "  ", "    ")


def render_http(recipe: Recipe) -> str:
    """An .http file, as editors run it. Names in braces are variables of its environment."""
    lines = [f"# {recipe.title}", *(f"# {text}" for text in recipe.notes)]
    for name in recipe.inputs:
        lines.append(f"# {name}: {INPUTS[name]}; set it in the environment of your editor, not in this file")
    known = {"tenant": recipe.tenant, "client_id": recipe.client_id}
    kept = {name: value for name, value in known.items() if not _BRACES.fullmatch(value)}
    lines += ["", *(f"@{name} = {value}" for name, value in kept.items())]
    for number, step in enumerate(recipe.steps, 1):
        lines += ["", f"### {number}. {step.sender} to {step.receiver}: {step.says}"]
        lines += _http(step, kept)
    return "\n".join(lines) + "\n"


def _http(step: RecipeStep, known: dict[str, str]) -> Iterator[str]:
    if step.in_browser:
        yield "# Open this URL in a browser; the redirect URI receives the response."
        yield f"GET {_variables(step.address, known)}"
        return
    yield f"{step.method} {_variables(step.url, known)}"
    yield from (f"{name}: {_variables(value, {})}" for name, value in step.headers)
    if not step.parameters:
        return
    from urllib.parse import quote

    yield "Content-Type: application/x-www-form-urlencoded"
    yield ""
    parts = (f"{name}={_variables(quote(value, safe='{}'), known)}" for name, value in step.parameters)
    yield "\n&".join(parts)


def _variables(text: str, known: dict[str, str]) -> str:
    if "tenant" in known:
        text = text.replace(f"/{known['tenant']}/oauth2/", "/{tenant}/oauth2/")
    if "client_id" in known:
        text = text.replace(known["client_id"], "{client_id}")
    return _BRACES.sub(r"{{\1}}", text)
