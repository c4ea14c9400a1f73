"""``grantlint recipe``: the working requests for a grant and a registration, or the registration from scratch."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal

import typer

from advisor.commands.options import RegistrationOption, TodayOption, complete_answer

if TYPE_CHECKING:
    from datetime import datetime

    from advisor.preflight.recipe import Need, Preferences, Recipe
    from advisor.preflight.template import RegistrationTemplate
    from reports.advice import Advice
    from rules.analysis.grants import Grant
    from rules.model.registration import Platform, Registration

As = Literal[
    "text", "curl", "http", "postman", "postman-environment", "msal-python", "msal-dotnet", "msal-javascript",
        "msal-java",
    "graph-json", "az", "powershell", "terraform", "bicep", "metadata",
]  # fmt: skip

#: Formats that make a registration instead of using one.
TEMPLATES: Final = ("graph-json", "az", "powershell", "terraform", "bicep")


def complete_grant(incomplete: str) -> list[str]:
    """Grants and flows that begin so."""
    return [name for name in _names() if name.startswith(incomplete)]


def _names() -> tuple[str, ...]:
    """Every grant, and the flows of agents and of MCP servers."""
    from rules.analysis.grants import TOKEN_GRANTS
    from rules.knowledge.grant_flow import special_flows

    return (*(row.id for row in TOKEN_GRANTS), *special_flows())


@dataclass(frozen=True, kw_only=True)
class RecipeOptions:
    """What the request or the registration is for."""

    heading: ClassVar[str] = "Input"
    registration: RegistrationOption = None
    answer: Annotated[
        list[str],
        typer.Option(
            "--answer",
            "-a",
            metavar="QUESTION=CHOICE",
            help="Take grant, platform and credential from the advice for these answers. May be repeated.",
            autocompletion=complete_answer,
            show_default=False,
        ),
    ] = field(default_factory=list)
    tenant: Annotated[
        str, typer.Option("--tenant", metavar="TENANT", help="Request tokens of this tenant: an ID or a domain.")
    ] = ""
    api: Annotated[
        str,
        typer.Option(
            "--api",
            metavar="API",
            help="Call this API: graph, the URL of a Dataverse environment, or an application ID URI. By default, the "
            "API whose permissions the registration requests, or graph.",
            show_default=False,
        ),
    ] = ""
    scope: Annotated[
        str, typer.Option("--scope", metavar="SCOPE", help="Request these permissions of the API, separated by spaces.")
    ] = ""
    redirect_uri: Annotated[
        str, typer.Option("--redirect-uri", metavar="URI", help="Use this registered redirect URI.")
    ] = ""
    platform: Annotated[
        Literal["web", "spa", "publicClient"] | None,
        typer.Option(
            "--platform",
            metavar="PLATFORM",
            help="Use a redirect URI of this platform: web, spa or publicClient.",
            show_default=False,
        ),
    ] = None
    credential: Annotated[
        Literal["secret", "certificate", "federated", "managed_identity"] | None,
        typer.Option(
            "--credential",
            metavar="KIND",
            help="Authenticate a confidential client with this credential: secret, certificate, federated or "
            "managed_identity.",
            show_default=False,
        ),
    ] = None
    agent: Annotated[
        str, typer.Option("--agent", metavar="ID", help="Request tokens as the agent identity with this client ID.")
    ] = ""
    client: Annotated[
        list[str],
        typer.Option(
            "--client",
            metavar="ID",
            help="Pre-authorize the MCP client with this client ID. May be repeated.",
            show_default=False,
        ),
    ] = field(default_factory=list)
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Give a new registration this name.")] = (
        "My application"
    )
    login: Annotated[
        str, typer.Option("--login", metavar="HOST", help="Use this sign-in host, for example of another cloud.")
    ] = "login.microsoftonline.com"


def recipe(
    options: RecipeOptions,
    grant: Annotated[
        str | None,
        typer.Argument(
            metavar="GRANT",
            help="The ID of a grant (see grantlint grants), or a flow of agents or MCP servers.",
            autocompletion=complete_grant,
            show_default=False,
        ),
    ] = None,
    as_: Annotated[
        As,
        typer.Option(
            "--as",
            help="Print requests as curl, http, postman, postman-environment, msal-python, msal-dotnet, "
            "msal-javascript or msal-java, or a registration as graph-json, az, powershell, terraform or bicep. For "
            "mcp-server, metadata is the document of RFC 9728.",
            show_choices=False,
            metavar="FORMAT",
        ),
    ] = "text",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file.", show_default=False)
    ] = None,
    today: TodayOption = None,
) -> int:
    """Print the requests that work for a grant and a registration, with PKCE
    values. The output can be curl commands, an .http file, a Postman collection
    with its environment, or MSAL code in four languages. Standard error shows
    the properties to set in the registration. The output contains no secret:
    each format reads the secret from the environment.

    Other formats print a new registration instead of requests. The recipe
    mcp-server has a registration, the metadata of the server, the checks of
    tokens, and the requests of clients.

    \b
    Examples:
      grantlint recipe authorization_code -r manifest.json --as curl
      grantlint recipe client_credentials -r app.json --as msal-python
      grantlint recipe device_code -r app.json --api https://org.crm.dynamics.com
      grantlint recipe -a token-for=user -a runs-in=browser -a page-tokens=page
      grantlint recipe authorization_code --platform spa --as bicep
      grantlint recipe mcp-server --api https://mcp.contoso.com --scope tools.read
      grantlint recipe agent-user -r blueprint.json --agent 11111111-...

    \b
    Exit status: 0 the registration fits, 1 a property must be set first, 2 the
    command line or an input is wrong, 3 a required value was not read.
    """
    import secrets

    from advisor.preflight.recipe import Preferences, make_recipe
    from advisor.run.registrations import select_registration
    from advisor.run.session import as_of, clock_utc

    row, advice = _grant(grant, options.answer)
    app = select_registration(options.registration).one.app if options.registration is not None else None
    _fits_kind(row, app, as_)
    now = as_of(today, clock_utc())
    if row.id == "mcp-server":
        return _mcp_server(options, app, as_, output, now)
    api, scope = _api(options, app, row)
    platforms: tuple[Platform, ...] = ("web", "spa", "publicClient")
    advised_platform = next((p for p in platforms if advice and p == advice.platform), None)
    advised_credential = advice.credential.id if advice and advice.credential else ""
    preferences = Preferences(
        tenant=options.tenant,
        api=api,
        scope=scope,
        redirect_uri=options.redirect_uri,
        platform=options.platform or advised_platform,
        credential=options.credential or advised_credential,
        agent=options.agent,
        login=options.login,
    )
    made = make_recipe(row, app, preferences, now, lambda length: secrets.token_urlsafe(length)[:length])
    text = _template(row, preferences, made, options, as_, advice) if as_ in TEMPLATES else _requests(made, as_)
    _put(text, output)
    return 0 if as_ in TEMPLATES or app is None else _say_needs(made.needs, made.unread)


def _put(text: str, output: Path | None) -> None:
    """Print *text*, or write it to a file."""
    from advisor.run.output import print_text, write_aside

    if output is None:
        print_text(text, sys.stdout)
    else:
        write_aside(output, text)
        print_text(f"wrote {output}\n", sys.stderr)


def _mcp_server(options: RecipeOptions, app: Registration | None, as_: As, output: Path | None, now: datetime) -> int:
    """Print the recipe of an MCP server; raises ``UsageError`` for an invalid URL or client ID."""
    import secrets

    from advisor.errors import UsageError
    from advisor.preflight.choose import Preferences
    from advisor.preflight.recipe_mcp import (
        client_recipe,
        is_server_url,
        make_server,
        render_metadata,
        render_server,
        server_needs,
    )
    from rules.primitives.texts import is_guid

    if options.api and not is_server_url(options.api):
        raise UsageError(
            f"invalid --api value {options.api!r}: not the URL of an MCP server",
            hint="write an https URL without query and fragment, such as https://mcp.contoso.com",
        )
    if wrong := next((client for client in options.client if not is_guid(client)), None):
        raise UsageError(f"invalid --client value {wrong!r}: not a client ID", hint="write the GUID of the client")
    preferences = Preferences(tenant=options.tenant, api=options.api, scope=options.scope, login=options.login)
    server = make_server(app, preferences)
    if as_ in TEMPLATES:
        from advisor.templates.mcp import server_template

        _put(
            _rendered(
                server_template(options.name, server.url, server.scopes, options.client, login=server.login), as_
            ),
            output,
        )
        return 0
    made = client_recipe(server, now, lambda length: secrets.token_urlsafe(length)[:length])
    if as_ == "metadata":
        text = render_metadata(server)
    else:
        text = render_server(server, made) if as_ == "text" else _requests(made, as_)
    _put(text, output)
    return _say_needs(*server_needs(app, now)) if app is not None else 0


def _api(options: RecipeOptions, app: Registration | None, row: Grant) -> tuple[str, str]:
    """The API as a full URI, and the scopes: those of the options, or else what the registration requests. Raises
    ``UsageError`` for a name that is not a URI.
    """
    from advisor.errors import UsageError
    from advisor.preflight.choose import requested_api
    from advisor.preflight.resources import complete_uri

    if app is not None and not options.api and not options.scope:
        requested = requested_api(app, delegated=row.user != "none")
        return requested.api, requested.scope
    text = options.api or "graph"
    found = text if text == "graph" else complete_uri(text)
    if not found:
        raise UsageError(
            f"invalid --api value {text!r}: it has no scheme",
            hint="write the complete application ID URI, such as https://org.crm4.dynamics.com or api://...",
        )
    return found, options.scope


def _grant(name: str | None, answers: list[str]) -> tuple[Grant, Advice | None]:
    """The row of the grant, and the advice where answers were given."""
    import difflib

    from advisor.decide.special_grants import special_grant
    from advisor.errors import UsageError
    from rules.analysis.grants import TOKEN_GRANTS
    from rules.knowledge.grant_flow import flow_of, special_flows

    if name is not None and answers:
        raise UsageError("both GRANT and -a", hint="name the grant, or answer questions")
    advice = None
    if answers:
        from advisor.decide.advice import advise
        from advisor.decide.gather import split_answers
        from advisor.decide.load import load_tree

        advice = advise(load_tree(), split_answers(answers))
        name = advice.grant
    if name is None:
        raise UsageError(
            "no grant",
            hint="name a grant, for example authorization_code, or answer questions with -a: grantlint advise",
        )
    if special := special_flows().get(flow_of(name, advice.leaf if advice else "")):
        return special_grant(special), advice
    row = next((row for row in TOKEN_GRANTS if row.id == name), None)
    if row is None:
        if name == "none":
            raise UsageError("this client requests no token", hint="there is no request to make")
        near = difflib.get_close_matches(name, _names(), 1)
        hint = f"did you mean {near[0]}?" if near else f"one of {', '.join(_names())}"
        raise UsageError(f"unknown grant {name!r}", hint=hint)
    return row, advice


def _fits_kind(row: Grant, app: Registration | None, as_: str) -> None:
    """Raise ``UsageError`` if the flow of an agent has a registration other than a blueprint, or a template."""
    from advisor.errors import UsageError

    if as_ == "metadata" and row.id != "mcp-server":
        raise UsageError(f"--as metadata is for mcp-server, not for {row.id}")
    if not row.id.startswith("agent-"):
        return
    if as_ in TEMPLATES:
        raise UsageError(
            f"no {as_} template for {row.id}: an agent identity has no registration",
            hint="grantlint advise --templates agent.http writes the requests that create its blueprint",
        )
    if app is not None and app.kind != "blueprint":
        raise UsageError(f"{row.id} needs an agent identity blueprint, and the registration is an {app.kind}")


def _requests(made: Recipe, as_: str) -> str:
    from advisor.errors import UsageError
    from advisor.preflight.recipe_msal import render_msal
    from advisor.preflight.recipe_postman import postman_collection, postman_environment
    from advisor.preflight.recipe_text import render_curl, render_http, render_steps

    if as_ == "curl":
        return render_curl(made)
    if as_ == "http":
        return render_http(made)
    if as_ == "postman":
        return json.dumps(postman_collection(made), indent=2) + "\n"
    if as_ == "postman-environment":
        return json.dumps(postman_environment(made), indent=2) + "\n"
    if as_.startswith("msal-"):
        text = render_msal(made, as_.removeprefix("msal-"))
        if text is None:
            raise UsageError(
                f"no snippet for {made.grant} in that language" + (f" on {made.platform}" if made.platform else ""),
                hint="msal-javascript is for pages; --as curl prints the requests",
            )
        return text
    return render_steps(made)


def _template(
    row: Grant, preferences: Preferences, made: Recipe, options: RecipeOptions, as_: str, advice: Advice | None
) -> str:
    from advisor.preflight.template import make_template

    chosen = bool(options.redirect_uri or options.platform)
    settings = advice.register if advice else ()
    template = make_template(
        row,
        preferences,
        name=options.name,
        platform=made.platform,
        redirect_uri=made.redirect_uri,
        credential=made.credential,
        settings=[item for item in settings if not (chosen and item.property.endswith(".redirectUris"))],
        trusts=advice.credential.value if advice and advice.credential else "",
    )
    return _rendered(template, as_)


def _rendered(template: RegistrationTemplate, as_: str) -> str:
    from advisor.preflight.template import RENDERERS
    from advisor.templates import language
    from advisor.templates.plan import plan_of

    return RENDERERS[as_](template) if as_ in RENDERERS else language(as_)(plan_of(template))


def _say_needs(needs: Sequence[Need], unread: Sequence[str]) -> int:
    """Print what the registration lacks, and return the exit status."""
    from advisor.run.output import print_text

    print_text(_needs(needs, unread), sys.stderr)
    return 1 if needs else 3 if unread else 0


def _needs(needs: Sequence[Need], unread: Sequence[str]) -> str:
    """What to set first, and what could not be read."""
    import textwrap

    from reports.escape import visible

    def item(text: str) -> str:
        return textwrap.fill(
            text, 80, initial_indent="  - ", subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
        )

    lines = []
    if needs:
        lines.append("The registration does not fit yet. First set:")
        for need in needs:
            code = f" (otherwise AADSTS{need.code})" if need.code else ""
            lines.append(item(f"{need.property}: {visible(need.change)}{code}"))
            lines.append(f"    because {visible(need.says)}")
    for says in unread:
        lines.append(item(f"not known: {visible(says)}"))
    if not lines:
        return "The registration fits.\nexit 0\n"
    return "\n".join(lines) + f"\nexit {1 if needs else 3}\n"
