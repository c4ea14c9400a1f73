"""A hand-made report that holds something of everything. Built, never read from disk."""

from __future__ import annotations

from typing import Any

import msgspec

from reports.advice import (
    Advice,
    Alternative,
    CredentialAdvice,
    Fact,
    OpenFact,
    Outcome,
    Reason,
    RuledOut,
    Setting,
    Tree,
    TreeEdge,
    TreeNode,
    Wish,
)
from reports.report import Report, Summary, Tool
from reports.rows import (
    CredentialRow,
    FindingRow,
    GrantState,
    GrantText,
    Input,
    Origin,
    Owner,
    PermissionRow,
    PostureEntry,
    PostureRow,
    Problem,
    RedirectRow,
    RegistrationRow,
    RuleText,
    UsageEntry,
    UsageRow,
)
from reports.trend import with_trend
from rules.knowledge.grant_flow import sequence
from rules.knowledge.sources import cite_all
from rules.model.finding import SEVERITIES, Because, NotAssessed, Severity
from rules.model.usage import Reach
from tests.reports.sent import with_requests

RULES = (
    RuleText(
        id="wildcard-redirect-uri",
        title="A redirect URI holds a wildcard.",
        why="Whoever gets a page below that pattern reads the authorization code.",
        fix="Register each address in full and remove the pattern.",
        family="redirect-uris",
        severity="critical",
        references=cite_all("the sample", "rfc:9700#4.1.1"),
    ),
    RuleText(
        id="implicit-access-token",
        title="The authorization endpoint hands access tokens to the browser in the URL.",
        why="A token in a fragment reaches history and scripts, cannot be bound to its client and cannot be refreshed.",
        fix="Move the client to the authorization code grant with PKCE, then switch the property off.",
        family="implicit",
        severity="high",
        references=cite_all("the sample", "rfc:9700#2.1.2", "rfc:6749#10.16"),
    ),
    RuleText(
        id="long-lived-secret",
        title="A client secret lives longer than allowed.",
        why="The longer a secret lives, the more places hold a copy of it.",
        fix="Replace it by a federated credential, or by a certificate that is renewed by machine.",
        family="credentials",
        severity="medium",
        references=cite_all("the sample", "rfc:6749#2.3.1"),
    ),
    RuleText(
        id="no-owner",
        title="Nobody owns the registration.",
        why="Nobody is told when a credential expires.",
        fix="Name two owners.",
        family="ownership",
        severity="low",
        references=cite_all("the sample", "rfc:9700#2.1"),
    ),
    RuleText(
        id="legacy-post-response",
        title="A leftover switch asks for form posts.",
        why="It has no effect on current endpoints and misleads readers.",
        fix="Remove the property.",
        family="legacy",
        severity="info",
        references=cite_all("the sample", "rfc:6749#3.1.2"),
    ),
    RuleText(
        id="duplicate-redirect-uri",
        title="One address is on two platforms.",
        why="The platform decides how the code may be redeemed.",
        fix="Keep it on one platform.",
        family="redirect-uris",
        severity="low",
        references=(),
    ),
)

GRANTS = (
    GrantText(
        id="authorization_code",
        title="Authorization code with PKCE",
        short="The person signs in in a browser.",
        status="recommended",
    ),
    GrantText(
        id="client_credentials",
        title="Client credentials",
        short="The program proves itself.",
        status="recommended",
    ),
    GrantText(id="implicit", title="Implicit", short="Tokens come back in the address.", status="last-resort"),
)

TREE = Tree(
    root="token-for",
    nodes=(
        TreeNode(id="token-for", kind="question", label="Whom does the API have to see: a person, or the program?"),
        TreeNode(id="runs-in", kind="question", label="Where does the code run that asks for the token?"),
        TreeNode(
            id="spa", kind="leaf", label="Authorization code with PKCE, redeemed by the page", note="platform spa"
        ),
        TreeNode(
            id="web", kind="leaf", label="Authorization code with PKCE, redeemed by the server", note="platform web"
        ),
        TreeNode(id="service", kind="leaf", label="Client credentials: the program acts as itself"),
        TreeNode(id="hosted-on", kind="question", label="Where is it hosted?"),
        TreeNode(id="managed-identity", kind="leaf", label="Managed identity"),
        TreeNode(id="certificate", kind="leaf", label="Certificate"),
    ),
    edges=(
        TreeEdge(id="token-for=user", source="token-for", target="runs-in", label="A person"),
        TreeEdge(id="token-for=program", source="token-for", target="service", label="The program itself"),
        TreeEdge(id="runs-in=browser", source="runs-in", target="spa", label="In a web page"),
        TreeEdge(id="runs-in=server", source="runs-in", target="web", label="On a server"),
        TreeEdge(id="hosted-on=azure", source="hosted-on", target="managed-identity", label="On Azure"),
        TreeEdge(id="hosted-on=elsewhere", source="hosted-on", target="certificate", label="Elsewhere"),
    ),
)

ADVICE = Advice(
    client_name="Contoso Portal",
    facts=(
        Fact(
            question="token-for",
            ask="Whom does the API have to see: a person, or the program?",
            choice="user",
            label="A person",
            by="given",
        ),
        Fact(
            question="runs-in",
            ask="Where does the code run that asks for the token?",
            choice="server",
            label="On a server",
            by="asked",
        ),
    ),
    grant="authorization_code",
    grant_title="Authorization code with PKCE",
    headline="Authorization code with PKCE, redeemed by the server",
    client="confidential",
    platform="web",
    credential=CredentialAdvice(
        id="managed-identity",
        title="Managed identity",
        why="Nothing has to be kept or renewed.",
        ruled_out=(RuledOut(grant="secret", title="Client secret", reasons=(Reason(text="It can be copied."),)),),
    ),
    why=("The person signs in at Entra alone.", "The code is useless without the verifier."),
    ruled_out=(
        RuledOut(
            grant="implicit",
            title="Implicit",
            reasons=(
                Reason(text="a server redeems a code out of the browser's sight", question="runs-in", choice="server"),
            ),
        ),
        RuledOut(
            grant="client_credentials", title="Client credentials", reasons=(Reason(text="a person's token is needed"),)
        ),
    ),
    contradictions=("You said that nobody is present, and that a person signs in.",),
    warnings=("Guests of other tenants sign in with their own tenant's policies.",),
    remaining_risk=("A redirect URI that somebody else can claim hands the code to them.",),
    would_change=("If the program acted as itself: client credentials.",),
    register=(
        Setting(property="web.redirectUris", value="https://portal.contoso.com/signin-oidc", why="exact, over https"),
        Setting(
            property="web.implicitGrantSettings.enableAccessTokenIssuance", value="false", why="no token in the address"
        ),
    ),
    request=(
        "GET https://login.example/{tenant}/oauth2/v2.0/authorize",
        "  ?client_id={client_id}",
        "  &response_type=code",
    ),
    path=("token-for=user", "runs-in=server", "hosted-on=azure"),
    leaf="web",
    last_resort=False,
    sources=cite_all("the sample", "rfc:6749#4.1", "rfc:9700#2.1.1"),
    repeat="grantlint advise -a token-for=user -a runs-in=server",
    scopes=("Request openid and one permission of the API.",),
    assumed=("Not known: Where is it hosted? Safe assumption: On Azure.",),
    not_said=(OpenFact(question="cloud", ask="In which cloud is the tenant?", choices=("global", "china")),),
    wishes=(
        Wish(wish="implicit", label="The implicit grant", verdict="refused", text="The server redeems a code."),
        Wish(wish="secret", label="A secret", verdict="allowed", text="A server can protect one."),
    ),
    alternatives=(
        Alternative(
            question="hosted-on",
            ask="Where is it hosted?",
            who="The team that operates the client.",
            outcomes=(
                Outcome(choice="azure", label="On Azure", leads_to="managed identity"),
                Outcome(choice="elsewhere", label="Elsewhere", leads_to="certificate"),
            ),
        ),
    ),
    unused=("acts-in=own-tenant changes nothing in this advice",),
)


def registration(key: str, name: str, *, file: str = "apps/portal.json", line: int = 1, **more: Any) -> RegistrationRow:
    """A registration as a portal manifest gives it."""
    return RegistrationRow(
        **{
            "key": key,
            "name": name,
            "app_id": "11111111-1111-4111-8111-111111111111",
            "object_id": None,
            "audience": "AzureADMyOrg",
            "format": "portal manifest",
            "origin": Origin(file=file, line=line, column=1),
            "complete": True,
            **more,
        }
    )


def finding(rule: str, severity: Severity, key: str, message: str, **more: Any) -> FindingRow:
    """A finding; its fingerprint is made of what it is about."""
    return FindingRow(
        **{
            "rule": rule,
            "severity": severity,
            "registration": key,
            "pointer": "/web/redirectUris/0",
            "message": message,
            "value": "https://*.contoso.com/cb",
            "fingerprint": f"{rule}{key}".replace("-", "").encode().hex()[:32],
            "origin": Origin(),
            **more,
        }
    )


def summary(findings: tuple[FindingRow, ...], **more: Any) -> Summary:
    """The figures over *findings*; everything else as given."""
    new = [row.severity for row in findings if row.state == "new"]
    return Summary(
        **{
            "registrations": 3,
            "rules": len(RULES),
            "findings": len(findings),
            "by_severity": {severity: new.count(severity) for severity in SEVERITIES},
            "known": sum(row.state == "known" for row in findings),
            "suppressed": sum(row.state == "suppressed" for row in findings),
            "not_assessed": 0,
            "problems": 0,
            "verdict": "findings",
            "exit_status": 1,
            "exit_reason": "findings at or above low",
            **more,
        }
    )


def empty_report(**more: Any) -> Report:
    """A report about nothing, into which a test puts what it is about."""
    return Report(
        **{
            "tool": Tool(name="grantlint", version="0.1.0"),
            "made_at": "2026-11-24T09:00:00Z",
            "judged_at": "2026-11-24T09:00:00Z",
            "title": "App registrations",
            "summary": summary((), registrations=0, rules=0, verdict="no-findings", exit_status=0, exit_reason=""),
            **more,
        }
    )


_SOURCE = '    "oauth2AllowImplicitFlow": true,'

FINDINGS = (
    finding("no-owner", "low", "api", "has no owner", pointer="/owners", value="[]", origin=Origin(property="owners")),
    finding(
        "implicit-access-token",
        "high",
        "portal",
        "issues access tokens from the authorization endpoint",
        pointer="/web/implicitGrantSettings/enableAccessTokenIssuance",
        value="true",
        origin=Origin(
            file="apps/portal.json",
            line=41,
            column=32,
            end_line=41,
            end_column=36,
            property="oauth2AllowImplicitFlow",
            text=_SOURCE,
            text_start=_SOURCE.index("true"),
            text_end=_SOURCE.index("true") + 4,
        ),
        because=(Because("/spa/redirectUris/0", "the page at https://portal.contoso.com/ receives them"),),
        patch={"web": {"implicitGrantSettings": {"enableAccessTokenIssuance": False}}},
        change="set to false",
    ),
    finding(
        "wildcard-redirect-uri",
        "critical",
        "portal",
        "sends codes to every host below contoso.com",
        origin=Origin(file="apps/portal.json", line=52, column=9, property="replyUrlsWithType[0].url"),
        patch={"web": {"redirectUris": []}},
        change="remove",
    ),
    finding("long-lived-secret", "medium", "portal", "has a secret that lives for 730 days", value="CI 4f1c"),
    finding("legacy-post-response", "info", "portal", "still asks for form posts", value="true"),
    finding("no-owner", "low", "portal", "has no owner", pointer="/owners", value="[]", state="suppressed"),
    finding(
        "long-lived-secret", "medium", "api", "has a secret that lives for 400 days", state="known", value="Nightly"
    ),
)

NOT_ASSESSED = (
    NotAssessed(rule="no-owner", registration="desktop", pointer="/owners", reason="not-in-file"),
    NotAssessed(
        rule="wildcard-redirect-uri",
        registration="desktop",
        pointer="/web/redirectUris/0",
        reason="placeholder",
        note="${{HOST}}",
        remedy="lint the file after the placeholders are filled in",
    ),
    NotAssessed(
        rule="wildcard-redirect-uri",
        registration="desktop",
        pointer="/web/redirectUris/1",
        reason="placeholder",
        note="${{HOST}}/signout",
        remedy="lint the file after the placeholders are filled in",
    ),
)


def _posture(key: str, *states: GrantState) -> PostureRow:
    by = {
        "authorization_code": "web.redirectUris",
        "client_credentials": "passwordCredentials",
        "implicit": "oauth2AllowImplicitFlow",
    }
    return PostureRow(
        registration=key,
        entries=tuple(
            PostureEntry(
                grant=grant, state=state, by=(name,), note="a redirect URI on web" if state == "allowed" else ""
            )
            for (grant, name), state in zip(by.items(), states, strict=True)
        ),
    )


ANN = Owner(id="a", name="Ann Example", address="ann@contoso.example")
BEN = Owner(id="b", name="Ben Example")

#: What the portal holds beside its findings.
PORTAL: dict[str, Any] = {
    "created": "2021-03-04T09:00:00Z",
    "owners": (ANN, BEN),
    "credentials": (
        CredentialRow(kind="secret", id="s1", name="CI", starts="2024-12-01T00:00:00Z", ends="2026-12-04T00:00:00Z"),
        CredentialRow(kind="certificate", id="c1", name="", starts="2024-01-01T00:00:00Z", ends="2026-10-15T00:00:00Z"),
        CredentialRow(
            kind="secret", id="s2", name="Backup", starts="2026-01-01T00:00:00Z", ends="2028-06-01T00:00:00Z"
        ),
        CredentialRow(kind="federated", id="f1", name="deploy from main"),
    ),
    "redirects": (
        RedirectRow(uri="https://portal.contoso.com/signin-oidc", platform="web", host="portal.contoso.com"),
        RedirectRow(uri="https://port\u0430l.contoso.com/", platform="spa", host="port\u0430l.contoso.com"),
        RedirectRow(uri="com.contoso.portal://auth", platform="publicClient"),
    ),
    "requested": (
        PermissionRow(
            resource="00000003-0000-0000-c000-000000000000",
            id="e1fe6dd8-ba31-4d61-89e7-88639da4683d",
            reach="delegated",
            resource_name="Microsoft Graph",
            name="User.Read",
        ),
        PermissionRow(
            resource="22222222-2222-4222-8222-222222222222",
            id="33333333-3333-4333-8333-333333333333",
            reach="application",
        ),
    ),
}


def sample_report() -> Report:
    """Findings of every severity and state, a source that was not read, problems, postures, advice with its tree."""
    report = empty_report(
        title="Contoso registrations",
        inputs=(
            Input(name="apps/", format="folder", status="read", registrations=3),
            Input(
                name="apps/broken.json",
                format="",
                status="not-read",
                note="permission denied",
                remedy="make the file readable for this account",
            ),
        ),
        problems=(
            Problem(
                what="not JSON: a comma is missing",
                file="apps/typo.json",
                line=3,
                column=14,
                hint="add it before the name",
            ),
        ),
        rules=RULES,
        grants=GRANTS,
        registrations=(
            registration("api", "Contoso Orders API", file="apps/api.json", owners=(), credentials=()),
            registration("portal", "Contoso Portal", **PORTAL),
            registration("desktop", "Contoso Desktop", file="apps/desktop.json", complete=False, owners=(ANN,)),
            registration("sync", "Contoso Nightly Sync", file="apps/sync.json"),
        ),
        findings=FINDINGS,
        not_assessed=NOT_ASSESSED,
        postures=(
            _posture("api", "blocked", "allowed", "blocked"),
            _posture("portal", "allowed", "allowed", "allowed"),
            _posture("desktop", "unknown", "blocked", "blocked"),
            _posture("sync", "blocked", "allowed", "blocked"),
        ),
        advices=(ADVICE,),
        tree=TREE,
        summary=summary(FINDINGS, registrations=4, not_assessed=len(NOT_ASSESSED), problems=1),
    )
    return with_requests(report)


def usage_report() -> Report:
    """The sample with evidence of use: in use, to turn off, blocked but seen, and not known."""
    whole = sample_report()
    period = {"start": "2026-10-01", "end": "2026-11-20", "sources": ("Microsoft Graph (beta)",)}
    unknown = {"why": "no source has records of the kind servicePrincipal", "remedy": "add them"}
    seen = {"count": 120, "unit": "sign-ins", "first": "2026-10-02", "last": "2026-11-19"}
    return msgspec.structs.replace(
        whole,
        usage=(
            UsageRow(
                registration="portal",
                entries=(
                    _use("authorization_code", "allowed", "seen", "in-use", **seen),
                    _use("client_credentials", "allowed", "not-known", **unknown),
                    _use("implicit", "allowed", "not-seen", "can-be-turned-off", failed=2, **period),
                ),
            ),
            UsageRow(
                registration="api",
                entries=(
                    _use("client_credentials", "allowed", "not-known", **unknown),
                    _use("implicit", "blocked", "seen", "contradiction", **seen),
                ),
            ),
            UsageRow(registration="sync", entries=(_use("implicit", "unknown", "seen", "migrate-first", **seen),)),
            UsageRow(registration="desktop", entries=(_use("authorization_code", "unknown", "not-seen", **period),)),
        ),
        reach=(
            Reach(kind="interactiveUser", source="signins.json", start="2026-09-30", end="2026-11-24", rows=4100),
            Reach(
                kind="nonInteractiveUser",
                source="more.csv",
                start="2026-09-30",
                end="2026-11-24",
                rows=100_000,
                why="it has as many rows as a download may have",
                remedy="download a shorter period",
            ),
        ),
    )


def _use(grant: str, allowed: GrantState, used: Any, says: Any = "", **more: Any) -> UsageEntry:
    status = next(row.status for row in GRANTS if row.id == grant)
    return UsageEntry(grant=grant, allowed=allowed, used=used, status=status, says=says, **more)


def advice_report() -> Report:
    """What ``grantlint advise -o advice.html`` makes: advice and nothing else."""
    return empty_report(
        title="Advice", grants=GRANTS, advices=(ADVICE,), tree=TREE, sequences=(sequence("authorization_code"),)
    )


def trend_report() -> Report:
    """The sample against a run of October, which had one finding more and two fewer."""
    then = sample_report()
    went = finding("no-owner", "low", "portal", "has a page that went", fingerprint="gone")
    kept = tuple(row for row in then.findings if row.rule not in ("legacy-post-response", "wildcard-redirect-uri"))
    earlier = msgspec.structs.replace(then, made_at="2026-10-01T09:00:00Z", findings=(*kept, went))
    return with_trend(then, [earlier])
