"""``grantlint recipe``: requests that work, what to set first, registrations from scratch."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rules.model.clean import clean

FORMATS = (
    "text",
    "curl",
    "http",
    "postman",
    "postman-environment",
    "msal-python",
    "msal-dotnet",
    "msal-javascript",
    "msal-java",
)

CLIENT = "11111111-1111-4111-8111-111111111113"


@pytest.fixture
def manifests(folder: Path) -> Path:
    for kind in ("web", "spa", "native", "daemon", "api"):
        (folder / f"{kind}.json").write_text(json.dumps(clean(kind)))
    return folder


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_of_a_fitting_registration(grantlint: Callable, manifests: Path, format: str) -> None:
    run = grantlint("recipe", "authorization_code", "-r", "native.json", "--tenant", "contoso.com", "--as", format)
    assert run.status == 0
    assert run.out
    assert run.err == "The registration fits.\nexit 0\n"


@pytest.mark.parametrize("format", ["curl", "http", "postman"])
def test_what_it_prints_passes_the_preflight(grantlint: Callable, manifests: Path, format: str) -> None:
    for grant, kind in (("authorization_code", "spa"), ("authorization_code", "web"), ("client_credentials", "daemon")):
        assert (
            grantlint(
                "recipe",
                grant,
                "-r",
                f"{kind}.json",
                "--tenant",
                "t.com",
                "--as",
                format,
                "-o",
                "out",
                "--today",
                "2026-01-15",
            ).status
            == 0
        )
        assert grantlint("request", "out", "-r", f"{kind}.json", "--today", "2026-01-15").status == 0


def test_pkce_is_another_one_each_time(grantlint: Callable, manifests: Path) -> None:
    first, second = (grantlint("recipe", "authorization_code", "-r", "spa.json", "--as", "curl").out for _ in range(2))
    assert first != second


def test_a_registration_that_does_not_fit(grantlint: Callable, manifests: Path) -> None:
    run = grantlint("recipe", "device_code", "-r", "native.json", "--tenant", "t.com")
    assert run.status == 1
    assert "First set:\n  - isFallbackPublicClient: true (otherwise AADSTS7000218)" in run.err
    assert "device_code" in run.out


def test_what_was_not_read_is_said(grantlint: Callable, manifests: Path) -> None:
    data = clean("native")
    Path("part.json").write_text(json.dumps({"appId": data["appId"], "publicClient": data["publicClient"]}))
    run = grantlint("recipe", "device_code", "-r", "part.json", "--tenant", "t.com")
    assert run.status == 3
    assert "not known" in run.err


@pytest.mark.parametrize("form", ["graph-json", "az", "powershell", "terraform", "bicep"])
def test_a_registration_from_an_advice(grantlint: Callable, form: str) -> None:
    run = grantlint(
        "recipe",
        "authorization_code",
        "--platform",
        "spa",
        "--redirect-uri",
        "https://a.contoso.com/",
        "--as",
        form,
        "--name",
        "Orders",
    )
    assert run.status == 0
    assert "https://a.contoso.com/" in run.out
    assert "Orders" in run.out


def test_answers_stand_for_grant_platform_and_credential(grantlint: Callable) -> None:
    answers = ("-a", "token-for=user", "-a", "runs-in=browser", "-a", "page-tokens=page")
    assert "header Origin: https://app.example.com" in grantlint("recipe", *answers).out
    body = json.loads(grantlint("recipe", *answers, "--as", "graph-json").out)
    assert body["spa"]["redirectUris"] == ["https://{host}/{path of the page}"]  # as the advice prints it
    assert body["isFallbackPublicClient"] is False


def test_answers_that_do_not_reach_an_advice_name_those_that_are_missing(grantlint: Callable) -> None:
    run = grantlint("recipe", "-a", "token-for=user")
    assert run.status == 2
    first, *missing = run.err.splitlines()
    assert first.startswith("grantlint: no answer to runs-in; probably also needed: installed-legacy; answer")
    assert [line.split()[0] for line in missing] == ["runs-in", "installed-legacy"]


def test_linting_a_template_is_clean(grantlint: Callable, folder: Path) -> None:
    grantlint(
        "recipe",
        "authorization_code",
        "--platform",
        "spa",
        "--redirect-uri",
        "https://a.contoso.com/",
        "--as",
        "graph-json",
        "-o",
        "app.json",
    )
    run = grantlint("lint", "app.json", "--fail-on", "info", "--isolated")
    assert "no findings" in run.err
    assert run.status == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "no grant; name a grant"),
        (["authorisation_code"], "unknown grant 'authorisation_code'; did you mean authorization_code?"),
        (["none"], "this client requests no token"),
        (["device_code", "-a", "token-for=user"], "both GRANT and -a"),
        (
            ["authorization_code", "--platform", "spa", "--as", "msal-java"],
            "no snippet for authorization_code in that language on spa",
        ),
    ],
)
def test_what_is_wrong_is_one_line(grantlint: Callable, arguments: list[str], said: str) -> None:
    run = grantlint("recipe", *arguments)
    assert run.status == 2
    assert said in run.err
    assert run.err.count("\n") == 1


def test_the_host_of_an_api_is_completed_and_another_name_refused(grantlint: Callable, manifests: Path) -> None:
    run = grantlint("recipe", "authorization_code", "-r", "native.json", "--api", "contoso.crm4.dynamics.com")
    assert "https://contoso.crm4.dynamics.com/user_impersonation" in run.out
    refused = grantlint("recipe", "authorization_code", "--api", "orders.contoso.com")
    assert refused.status == 2
    assert "it has no scheme" in refused.err


def test_it_requests_the_api_that_the_registration_requests(grantlint: Callable, folder: Path) -> None:
    mail = {"id": "570282fd-fa5c-430d-a7fd-fc8dc98a9dca", "type": "Scope"}  # Mail.Read
    access = [{"resourceAppId": "00000003-0000-0000-c000-000000000000", "resourceAccess": [mail]}]
    (folder / "app.json").write_text(json.dumps({**clean("spa"), "requiredResourceAccess": access}))
    said = grantlint("recipe", "authorization_code", "-r", "app.json").out
    assert "scope=openid offline_access https://graph.microsoft.com/.default" in said
    assert "User.Read" in grantlint("recipe", "authorization_code", "-r", "app.json", "--api", "graph").out


def test_the_recipe_of_an_mcp_server(grantlint: Callable, manifests: Path) -> None:
    arguments = ("recipe", "mcp-server", "--api", "https://mcp.contoso.com", "--scope", "tools.read")
    run = grantlint(*arguments)
    assert (run.status, run.err) == (0, "")
    assert run.out.startswith("MCP server at https://mcp.contoso.com\n")
    assert json.loads(grantlint(*arguments, "--as", "metadata").out)["resource"] == "https://mcp.contoso.com"
    body = json.loads(grantlint(*arguments, "--as", "graph-json", "--client", CLIENT).out)
    assert body["api"]["preAuthorizedApplications"][0]["appId"] == CLIENT
    assert "resource=https%3A%2F%2Fmcp.contoso.com" in grantlint(*arguments, "--as", "http").out


def test_a_registration_of_an_mcp_server_is_checked(grantlint: Callable, manifests: Path) -> None:
    run = grantlint("recipe", "mcp-server", "-r", "api.json", "--as", "metadata")
    assert run.status == 1
    assert "identifierUris: add the URL of the server" in run.err


def test_an_agent_is_named_in_each_request(grantlint: Callable) -> None:
    run = grantlint("recipe", "agent-user", "--agent", CLIENT, "--as", "curl")
    assert run.status == 0
    assert run.out.count(f"client_id={CLIENT}") == 2
    assert f"fmi_path={CLIENT}" in run.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("mcp-server", "--api", "http://mcp.contoso.com"), "not the URL of an MCP server"),
        (("mcp-server", "--client", "me"), "invalid --client value 'me'"),
        (("client_credentials", "--as", "metadata"), "--as metadata is for mcp-server"),
        (("agent-user", "-r", "web.json"), "agent-user needs an agent identity blueprint"),
        (("agent-user", "--as", "bicep"), "no bicep template for agent-user"),
        (("agent-usr",), "did you mean agent-user?"),
    ],
)
def test_what_does_not_fit_a_flow_is_one_line(
    grantlint: Callable, manifests: Path, arguments: tuple[str, ...], said: str
) -> None:
    run = grantlint("recipe", *arguments)
    assert (run.status, run.out) == (2, "")
    assert said in run.err
