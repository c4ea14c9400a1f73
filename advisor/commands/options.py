"""Options that several commands share, in the groups that ``--help`` shows, and the completion of their values."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import typer

from reports.formats import FORMATS

if TYPE_CHECKING:
    from advisor.policy.config import Configuration
    from advisor.run.compose import Details
    from advisor.run.output import Output
    from advisor.run.tenant import TenantAccess


def complete_format(incomplete: str) -> list[str]:
    """Formats that begin so."""
    return [name for name in FORMATS if name.startswith(incomplete)]


def complete_rule(incomplete: str) -> list[str]:
    """Rules and families that begin so."""
    from rules.families import RULES

    names = dict.fromkeys((*(r.family for r in RULES), *(r.id for r in RULES)))
    return [name for name in names if name.startswith(incomplete)]


def complete_severity(incomplete: str) -> list[str]:
    """Severities that begin so."""
    from advisor.policy.checks import FAIL_ON

    return [name for name in FAIL_ON if name.startswith(incomplete)]


def complete_answer(incomplete: str) -> list[str]:
    """Answers that begin so: questions first, then their choices."""
    from advisor.decide.load import load_tree
    from advisor.decide.parts import UNSURE

    facts = load_tree().facts
    if "=" not in incomplete:
        return [f"{name}=" for name in facts if name.startswith(incomplete)]
    edges = (
        f"{name}={choice}"
        for name, question in facts.items()
        for choice in (*(choice.id for choice in question.choices), UNSURE)
    )
    return [edge for edge in edges if edge.startswith(incomplete)]


FormatOption = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help=f"Print in this format: {', '.join(FORMATS)}.",
        autocompletion=complete_format,
    ),
]
TextOrJsonOption = Annotated[
    Literal["text", "json"], typer.Option("--format", metavar="FORMAT", help="Print in this format: text or json.")
]
ColorOption = Annotated[
    Literal["auto", "always", "never"],
    typer.Option(
        "--color",
        metavar="WHEN",
        help="Use color: auto, always or never; auto respects NO_COLOR, FORCE_COLOR and the terminal.",
    ),
]
RegistrationOption = Annotated[
    str | None,
    typer.Option(
        "--registration",
        "-r",
        metavar="PATH[#NAME]",
        help="Use this registration. NAME selects one of several by display name, client ID or object ID; "
        "tenant:ID#NAME reads it from a tenant.",
        show_default=False,
    ),
]
TodayOption = Annotated[
    datetime | None,
    typer.Option(
        "--today", formats=["%Y-%m-%d"], metavar="DATE", help="Check expiry dates as of this day, YYYY-MM-DD."
    ),
]
OnlyOption = Annotated[
    list[str],
    typer.Option(
        "--only",
        metavar="APP",
        help="Read only this application of the tenant: a name, a client ID or a Graph filter. May be repeated.",
        show_default=False,
    ),
]
IncludeOption = Annotated[
    list[str],
    typer.Option(
        "--include",
        metavar="PART",
        help="Also read this: risk (risky service principals), mfa (MFA methods of owners) or certificates (of "
        "applications). May be repeated.",
        show_default=False,
    ),
]
FastOption = Annotated[
    bool,
    typer.Option("--fast", help="Read only the application objects of the tenant; report the rest as not read."),
]

BetaOption = Annotated[
    bool,
    typer.Option(
        "--beta",
        help="Also read the expressions of federated credentials, which only Microsoft Graph beta returns.",
    ),
]


@dataclass(frozen=True, kw_only=True)
class InputOptions:
    """What ``lint`` reads in addition to the named files."""

    heading: ClassVar[str] = "Input"
    tenant: Annotated[
        list[str],
        typer.Option(
            "--tenant",
            "-t",
            metavar="ID",
            help="Read this tenant through Microsoft Graph; ID is its tenant ID or one of its domains. May be "
            "repeated.",
            show_default=False,
        ),
    ] = field(default_factory=list)
    only: OnlyOption = field(default_factory=list)
    fast: FastOption = False
    beta: BetaOption = False
    include: IncludeOption = field(default_factory=list)
    usage: Annotated[
        list[str],
        typer.Option(
            "--usage",
            metavar="FILE",
            help="Compare the allowed grants with sign-in logs of the same tenant; see grantlint usage --help. With "
            "--tenant, live reads the last sign-ins; live:30d also reads 30 days of sign-ins. May be repeated.",
            show_default=False,
        ),
    ] = field(default_factory=list)
    export: Annotated[
        list[str],
        typer.Option(
            "--export",
            metavar="KIND:FILE",
            help="Add what other services say of the same tenant: access-policies:FILE has the application access "
            "policies of Exchange Online, azure-roles:FILE the role assignments of Azure. May be repeated.",
            show_default=False,
        ),
    ] = field(default_factory=list)
    candidates: Annotated[
        bool,
        typer.Option("--candidates", help="Skip named files that contain no registration (for pre-commit hooks)."),
    ] = False
    max_bytes: Annotated[
        int | None,
        typer.Option(
            "--max-bytes",
            metavar="BYTES",
            min=1,
            help="Read files up to this size, decompressed. For a snapshot, the limit is ten times as high. "
            "[default: 100000000]",
            show_default=False,
        ),
    ] = None
    environment: Annotated[
        str | None,
        typer.Option(
            "--env",
            metavar="NAME",
            help="Fill placeholders from env/.env.NAME next to a manifest. [default: the first such file]",
            show_default=False,
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class SignInOptions:
    """How a tenant is reached."""

    heading: ClassVar[str] = "Sign-in"
    auth: Annotated[
        str | None,
        typer.Option(
            "--auth",
            metavar="METHOD",
            help="Sign in with this method: certificate, environment, workload-identity, managed-identity, azure-cli, "
            "azure-powershell, device-code, browser. [default: the first method that is set up]",
            show_default=False,
        ),
    ] = None
    client_id: Annotated[
        str | None,
        typer.Option(
            "--client-id", metavar="GUID", help="Sign in as this client. [env var: AZURE_CLIENT_ID]", show_default=False
        ),
    ] = None
    certificate: Annotated[
        str | None,
        typer.Option(
            "--certificate",
            metavar="FILE",
            help="Sign in with this certificate and its private key, PEM or PFX. [env var: "
            "AZURE_CLIENT_CERTIFICATE_PATH, AZURE_CLIENT_CERTIFICATE_PASSWORD]",
            show_default=False,
        ),
    ] = None
    cloud: Annotated[
        str,
        typer.Option(
            "--cloud",
            metavar="CLOUD",
            help="Use this cloud: global, us-gov-l4, us-gov-l5 or china.",
            envvar="GRANTLINT_CLOUD",
            show_envvar=True,
        ),
    ] = "global"
    graph_endpoint: Annotated[
        str | None,
        typer.Option(
            "--graph-endpoint",
            metavar="URL",
            help="Use this Microsoft Graph endpoint instead of the cloud's.",
            envvar="GRANTLINT_GRAPH_ENDPOINT",
            show_default=False,
            show_envvar=True,
        ),
    ] = None
    authority: Annotated[
        str | None,
        typer.Option(
            "--authority",
            metavar="URL",
            help="Use this sign-in authority (login endpoint) instead of the cloud's.",
            envvar="AZURE_AUTHORITY_HOST",
            show_default=False,
            show_envvar=True,
        ),
    ] = None

    timeout: Annotated[
        float,
        typer.Option(
            "--timeout",
            metavar="SECONDS",
            min=1,
            help="Stop reading tenants after this time, and report the rest as not read.",
        ),
    ] = 7200

    def access(
        self,
        tenants: list[str],
        only: list[str],
        *,
        fast: bool,
        beta: bool = False,
        usage: Sequence[str] = (),
        include: Sequence[str] = (),
        verbose: bool = False,
        quiet: bool = False,
    ) -> TenantAccess:
        """What of *tenants* is read, and how they are reached; *usage* has the values of ``--usage``."""
        from advisor.run.tenant import TenantAccess
        from advisor.run.usage import usage_sources

        return TenantAccess(
            tenants=tuple(tenants),
            only=tuple(only),
            fast=fast,
            beta=beta,
            usage_days=usage_sources(usage).days,
            include=tuple(dict.fromkeys(include)),
            auth=self.auth,
            client_id=self.client_id,
            certificate=self.certificate,
            cloud=self.cloud,
            endpoint=self.graph_endpoint,
            authority=self.authority,
            verbose=verbose,
            quiet=quiet,
            deadline=time.monotonic() + self.timeout,
        )


@dataclass(frozen=True, kw_only=True)
class CheckOptions:
    """Which rules run, and what fails."""

    heading: ClassVar[str] = "Checks"
    select: Annotated[
        list[str],
        typer.Option(
            "--select",
            metavar="NAME",
            help="Run only this rule or family. May be repeated.",
            autocompletion=complete_rule,
            show_default=False,
        ),
    ] = field(default_factory=list)
    ignore: Annotated[
        list[str],
        typer.Option(
            "--ignore",
            metavar="NAME",
            help="Skip this rule or family. May be repeated.",
            autocompletion=complete_rule,
            show_default=False,
        ),
    ] = field(default_factory=list)
    preview: Annotated[
        bool,
        typer.Option(
            "--preview", help="Also run preview rules and read literal values of scripts. Both may still change."
        ),
    ] = False
    resolve_hosts: Annotated[
        bool,
        typer.Option(
            "--resolve-hosts",
            help="Check in DNS that the hosts of redirect URIs exist. Only the host names are sent to the resolver. "
            "The exit status is 3 if a query is not answered.",
        ),
    ] = False
    resolver: Annotated[
        str | None,
        typer.Option(
            "--resolver",
            metavar="ADDRESS",
            help="Use this DNS resolver, IP or IP:port. [default: the resolver of the system]",
            show_default=False,
        ),
    ] = None
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on",
            metavar="SEVERITY",
            help="Exit with 1 from this severity up: critical, high, medium, low, info, never. [default: low]",
            autocompletion=complete_severity,
            show_default=False,
        ),
    ] = None
    today: TodayOption = None


@dataclass(frozen=True, kw_only=True)
class FixOptions:
    """What is fixed in the files that are checked."""

    heading: ClassVar[str] = "Fixes"
    fix: Annotated[
        bool,
        typer.Option(
            "--fix",
            help="Fix findings in their files if no client depends on the change, and report the other findings.",
        ),
    ] = False
    diff: Annotated[
        bool,
        typer.Option(
            "--diff", help="Print the fixes as a unified diff instead of writing files. Exit with 1 if there are fixes."
        ),
    ] = False
    unsafe_fixes: Annotated[
        bool,
        typer.Option("--unsafe-fixes", help="With --fix or --diff: include changes after which a client may fail."),
    ] = False


@dataclass(frozen=True, kw_only=True)
class KnownOptions:
    """Findings that do not fail the run."""

    heading: ClassVar[str] = "Known and accepted findings"
    baseline: Annotated[
        Path | None,
        typer.Option(
            "--baseline",
            metavar="FILE",
            help="Treat the findings in this file as known; only new and more severe findings fail.",
            show_default=False,
        ),
    ] = None
    write_baseline: Annotated[
        Path | None,
        typer.Option(
            "--write-baseline",
            metavar="FILE",
            help="Write all current findings to this file. The file keeps entries that this run could not check.",
            show_default=False,
        ),
    ] = None
    prune_baseline: Annotated[
        bool, typer.Option("--prune-baseline", help="Remove findings that no longer occur from the baseline.")
    ] = False
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            metavar="REVISION",
            help="Fail only for findings that are new since the merge base with this git branch, tag or commit.",
            show_default=False,
        ),
    ] = None
    policy_from: Annotated[
        str | None,
        typer.Option(
            "--policy-from",
            metavar="REVISION",
            help="Use the configuration, baseline and suppressions of this revision. "
            "With worktree, use the files of the working tree. "
            "[default: the merge base of --against: a change cannot accept its own findings]",
            show_default=False,
        ),
    ] = None
    no_suppressions: Annotated[
        bool, typer.Option("--no-suppressions", help="Report suppressed findings too, for an audit.")
    ] = False


@dataclass(frozen=True, kw_only=True)
class ConfigurationOptions:
    """Which configuration file is used."""

    heading: ClassVar[str] = "Configuration"
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            envvar="GRANTLINT_CONFIG",
            help="Use this configuration file. [default: the nearest grantlint.toml or pyproject.toml, from here "
            "upward]",
            show_default=False,
            show_envvar=True,
        ),
    ] = None
    isolated: Annotated[bool, typer.Option("--isolated", help="Ignore configuration files.")] = False

    def load(self) -> Configuration:
        """The configuration of the run."""
        from advisor.run.session import load

        return load(self.config, isolated=self.isolated)


@dataclass(frozen=True, kw_only=True)
class OutputOptions:
    """Where a report goes, and in which format."""

    heading: ClassVar[str] = "Output"
    format: FormatOption = "text"
    output: Annotated[
        list[Path],
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Also write a report to a file. Its extension sets the format: .html .json .sarif .xml (JUnit) .csv "
            ".md .txt; or name the format: github:FILE. May be repeated.",
            show_default=False,
        ),
    ] = field(default_factory=list)
    color: ColorOption = "auto"

    def settings(self, *, fixable: bool = True) -> Output:
        """Where and how :func:`advisor.run.output.show` shows a report; without *fixable*, not what can be fixed."""
        from advisor.run.output import Output

        return Output(fixable=fixable, format=self.format, files=tuple(self.output), color=self.color)


@dataclass(frozen=True, kw_only=True)
class ReportOptions(OutputOptions):
    """Where a report goes, in which format, and how much of it."""

    fix_plan: Annotated[
        list[Path],
        typer.Option(
            "--fix-plan",
            metavar="FILE",
            help="Write the requests that fix new findings, for you to review and run: .sh (Azure CLI), .ps1 "
            "(PowerShell) or .http (Graph requests). The scripts compare the current value before each step.",
            show_default=False,
        ),
    ] = field(default_factory=list)
    since: Annotated[
        list[Path],
        typer.Option(
            "--since",
            metavar="FILE",
            help="Compare with an earlier report (JSON): show which findings are new or fixed, and since when findings "
            "are open. May be repeated.",
            show_default=False,
        ),
    ] = field(default_factory=list)
    split_by: Annotated[
        Literal["owner", "registration"] | None,
        typer.Option(
            "--split-by",
            metavar="KEY",
            help="Write each report of -o as several files with an index, split by owner or registration.",
            show_default=False,
        ),
    ] = None
    redact: Annotated[
        Literal["names", "ids"] | None,
        typer.Option(
            "--redact",
            metavar="WHAT",
            help="Remove names, addresses, paths and values (names), or also identifiers (ids).",
            show_default=False,
        ),
    ] = None
    sarif_anchor: Annotated[
        str,
        typer.Option(
            "--sarif-anchor",
            metavar="PATH",
            help="Attach findings that do not belong to a file to this file of the repository. [default: the "
            "configuration file]",
            show_default=False,
        ),
    ] = ""
    full: Annotated[
        bool, typer.Option("--full", help="Print all findings; by default, more than ten are shown as an overview.")
    ] = False
    concise: Annotated[bool, typer.Option("--concise", help="Print one line for each finding.")] = False
    posture: Annotated[
        bool, typer.Option("--posture/--no-posture", help="Show which grants each registration allows.")
    ] = True
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing unless the run fails.")] = False
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose",
            "-v",
            help="Also show known and accepted findings, reasons, patches, and everything that was not assessed.",
        ),
    ] = False

    def details(self, *, fixes: bool) -> Details:
        """How much of what was read the output, or a run that *fixes* files, needs."""
        if self.settings().has_details or self.redact is not None or self.since:
            return "all"
        more = (fixes, self.output, self.full, self.concise, self.verbose)
        return "overview" if self.format == "text" and not any(more) else "findings"

    def settings(self, *, fixable: bool = True) -> Output:
        """Where and how :func:`advisor.run.output.show` shows a report; without *fixable*, not what can be fixed."""
        from advisor.run.output import Output

        return Output(
            fixable=fixable,
            format=self.format,
            files=tuple(self.output),
            fix_plans=tuple(self.fix_plan),
            split_by=self.split_by,
            color=self.color,
            full=self.full,
            concise=self.concise,
            posture=self.posture,
            quiet=self.quiet,
            verbose=self.verbose,
        )
