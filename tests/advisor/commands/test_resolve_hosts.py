"""``grantlint lint --resolve-hosts`` from end to end, against a resolver on the loopback interface."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rules.model.clean import clean, merged_into
from tests.dns_server import DnsServer, Reply, exists, missing, refuses
from tests.reports.rows_of import rows_of

DAY = ("--today", "2026-01-15", "--no-posture")


@pytest.fixture
def lint(folder: Path, grantlint: Callable) -> Callable[..., Any]:
    """Lint a web app that redirects to *addresses*, while DNS is as *zone* says."""

    def call(zone: dict[str, Reply], addresses: list[str], *options: str) -> Any:
        app = merged_into("web", {"web": {"redirectUris": addresses}})
        (folder / "app.json").write_text(json.dumps(app, indent=1), "utf-8")
        with DnsServer({"portal.contoso.com": exists(), **zone}) as server:  # where it is told of sign-outs
            run = grantlint("lint", "app.json", *DAY, "--resolve-hosts", "--resolver", str(server.resolver), *options)
            call.asked = server.names()  # type: ignore[attr-defined]
        return run

    return call


def test_a_host_that_others_may_register_is_critical_and_reported_once(lint: Callable) -> None:
    run = lint({}, ["https://contoso.azure-api.net/cb"])
    assert run.status == 1
    assert run.out.count("https://contoso.azure-api.net/cb") >= 1
    assert "critical unresolvable-redirect-host" in run.out
    assert "claimable-redirect-host" not in run.out
    assert "the name may be free at Azure API Management" in " ".join(run.out.split())
    assert "2 host names: 1 found, 1 missing." in " ".join(run.err.split())


def test_a_cname_that_dangles_is_critical(lint: Callable) -> None:
    run = lint({"login.contoso.com": missing("contoso.azure-api.net")}, ["https://login.contoso.com/cb"])
    assert run.status == 1
    assert "critical dangling-cname" in run.out
    assert "unresolvable-redirect-host" not in run.out


def test_a_host_that_dns_knows_stays_claimable(lint: Callable) -> None:
    run = lint({"contoso.azure-api.net": exists()}, ["https://contoso.azure-api.net/cb"])
    assert "low claimable-redirect-host" in run.out
    assert "unresolvable-redirect-host" not in run.out


def test_what_dns_does_not_answer_is_not_assessed_and_makes_the_run_incomplete(lint: Callable) -> None:
    run = lint({"login.contoso.com": refuses()}, ["https://login.contoso.com/cb"], "-o", "r.json")
    assert run.out == ""
    assert run.status == 3
    words = " ".join(run.err.split())
    assert "2 host names: 1 found, 1 not answered." in words
    assert "DNS said nothing of login.contoso.com" in words
    assert "answered SERVFAIL" in words
    report = rows_of(Path("r.json").read_text())
    assert report["summary"]["verdict"] == "incomplete"
    gaps = {(gap["rule"], gap["reason"], gap["pointer"]) for gap in report["not_assessed"]}
    assert gaps == {
        ("dangling-cname", "failed", "/web/redirectUris/0"),
        ("unresolvable-redirect-host", "failed", "/web/redirectUris/0"),
    }
    assert all("--resolver" in gap["remedy"] for gap in report["not_assessed"])


def test_a_domain_that_nobody_answered_for_is_not_taken_for_registered(lint: Callable) -> None:
    run = lint({"contosso.com": refuses()}, ["https://login.contosso.com/cb"])
    assert "low unresolvable-redirect-host" in run.out
    assert run.status == 3


def test_names_in_answers_become_no_control_codes(lint: Callable) -> None:
    run = lint({"login.contoso.com": missing("x\\027[31m\\010.azure-api.net")}, ["https://login.contoso.com/cb"])
    assert "critical dangling-cname" in run.out
    assert "\x1b" not in run.out + run.err


def test_internal_names_wildcards_and_addresses_are_not_asked_for(lint: Callable) -> None:
    addresses = ["https://intranet/cb", "https://app.corp.local/cb", "https://*.contoso.com/cb", "https://192.0.2.7/cb"]
    run = lint({}, addresses)
    assert lint.asked == {"portal.contoso.com"}  # type: ignore[attr-defined]
    assert "unresolvable-redirect-host" not in run.out


def test_without_the_option_nothing_is_asked_said_or_missed(folder: Path, grantlint: Callable) -> None:
    (folder / "app.json").write_text(json.dumps(clean("web")), "utf-8")
    run = grantlint("lint", "app.json", *DAY)
    assert run.status == 0
    assert "DNS" not in run.out + run.err
    few = grantlint("lint", "app.json", *DAY, "-o", "r.json")
    ids = {rule["id"] for rule in json.loads(Path("r.json").read_text())["rules"]}
    assert not {"dangling-cname", "unresolvable-redirect-host"} & ids
    of_files = [
        rule
        for rule in json.loads(Path("r.json").read_text())["rules"]
        if not rule.get("scope", "").startswith("tenant")
    ]
    assert f"checked with {len(of_files)} rules" in few.err


def test_a_finding_of_dns_is_known_where_the_address_was_there_before(folder: Path, grantlint: Callable) -> None:
    app = merged_into("web", {"web": {"redirectUris": ["https://contoso.azure-api.net/cb"]}})
    (folder / "app.json").write_text(json.dumps(app), "utf-8")
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b.example", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *command], cwd=folder, check=True)
    with DnsServer({"portal.contoso.com": exists()}) as server:
        run = grantlint(
            "lint", "app.json", *DAY, "--resolve-hosts", "--resolver", str(server.resolver), "--against", "HEAD"
        )
    assert run.status == 0
    assert "0 introduced, 0 fixed, 1 left" in run.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--resolver", "192.0.2.53"], "--resolver needs --resolve-hosts"),
        (
            ["--resolve-hosts", "--resolver", "dns.contoso.com"],
            "invalid --resolver value 'dns.contoso.com': it is not an IP address",
        ),
        (["--resolve-hosts", "--resolver", "192.0.2.53:0"], "the port must be from 1 to 65535"),
        (["--select", "dangling-cname"], "the rule dangling-cname needs --resolve-hosts"),
    ],
)
def test_a_wrong_use_is_one_clear_line(options: list[str], said: str, folder: Path, grantlint: Callable) -> None:
    (folder / "app.json").write_text(json.dumps(clean("web")), "utf-8")
    run = grantlint("lint", "app.json", *options)
    assert run.status == 2
    assert said in run.err
    assert run.out == ""


def test_the_help_says_what_is_sent_to_whom(grantlint: Callable) -> None:
    page = " ".join(grantlint("lint", "--help").out.split())
    assert "Only the host names are sent to the resolver." in page
