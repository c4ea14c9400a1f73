"""``grantlint lint``: judge app registrations in files and tenants."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from advisor.commands.dns_options import ResolveOption, ResolverOption, answers_for, check_asking, resolvers_for
from advisor.commands.options import (
    AnchorOption,
    ColorOption,
    ConfigOption,
    FixPlanOption,
    FormatOption,
    IsolatedOption,
    OutputOption,
    RedactOption,
    SinceOption,
    SplitOption,
    TodayOption,
    VerboseOption,
    complete_rule,
    complete_severity,
)
from advisor.commands.policy_options import (
    AgainstOption,
    BaselineOption,
    NoSuppressionsOption,
    WriteBaselineOption,
    policy_for,
    reading_at,
    warn_of_outdated,
    write_baseline,
)
from advisor.commands.session import VERSION, as_of, choose, clock_utc, load
from advisor.commands.tenant import (
    AuthOption,
    AuthorityOption,
    CertificateOption,
    ClientIdOption,
    CloudOption,
    EndpointOption,
    FastOption,
    OnlyOption,
    Reach,
    TenantOption,
    read_inputs,
)
from advisor.sources.table import listed, titles


def lint(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH...", help="Files or folders with registrations; - is standard input.", show_default=False
        ),
    ] = None,
    candidates: Annotated[
        bool, typer.Option("--candidates", help="Pass over files that hold something else, for hooks that name many.")
    ] = False,
    environment: Annotated[
        str | None,
        typer.Option(
            "--env",
            metavar="NAME",
            help="Fill placeholders from env/.env.NAME beside a manifest. [default: the first there is]",
            show_default=False,
        ),
    ] = None,
    tenant: TenantOption = None,
    only: OnlyOption = None,
    fast: FastOption = False,
    auth: AuthOption = None,
    client_id: ClientIdOption = None,
    certificate: CertificateOption = None,
    cloud: CloudOption = "global",
    graph_endpoint: EndpointOption = None,
    authority: AuthorityOption = None,
    select: Annotated[
        list[str] | None,
        typer.Option(
            "--select", metavar="NAME", help="Only this rule or family; may be repeated.", autocompletion=complete_rule
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            "--ignore", metavar="NAME", help="Not this rule or family; may be repeated.", autocompletion=complete_rule
        ),
    ] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Run rules whose judgement may still change too.")] = False,
    resolve_hosts: ResolveOption = False,
    resolver: ResolverOption = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on",
            metavar="SEVERITY",
            help="Exit with 1 from this severity up: critical, high, medium, low, info, never. [default: low]",
            autocompletion=complete_severity,
        ),
    ] = None,
    baseline: BaselineOption = None,
    write_known: WriteBaselineOption = None,
    against: AgainstOption = None,
    no_suppressions: NoSuppressionsOption = False,
    format: FormatOption = "text",
    output: OutputOption = None,
    fix_plan: FixPlanOption = None,
    since: SinceOption = None,
    split_by: SplitOption = None,
    redact: RedactOption = None,
    sarif_anchor: AnchorOption = "",
    concise: Annotated[bool, typer.Option("--concise", help="One line for each finding.")] = False,
    posture: Annotated[bool, typer.Option("--posture/--no-posture", help="Show which grants work today.")] = True,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Say nothing when there is nothing to fail for.")
    ] = False,
    verbose: VerboseOption = False,
    color: ColorOption = "auto",
    config: ConfigOption = None,
    isolated: IsolatedOption = False,
    today: TodayOption = None,
) -> int:
    """Judge the app registrations in files, folders and tenants.

    Reads {sources}.

    A folder is searched, less what git ignores. Results go to standard
    output, all else to standard error. What a file leaves out, or what only
    the deployment will know, is named as not assessed, never as clean.

    \b
    Examples:
      grantlint lint manifest.json
      grantlint lint apps/ -o report.html -o report.json -o report.sarif
      az ad app list --all | grantlint lint - --fail-on high
      terraform show -json plan.out > plan.json && grantlint lint plan.json
      grantlint lint . --concise
      grantlint lint apps/ --select implicit --concise
      grantlint lint apps/ --write-baseline known.json
      grantlint lint apps/ --baseline known.json
      grantlint lint apps/ --against main
      grantlint lint apps/ --resolve-hosts
      grantlint lint apps/ --fix-plan plan.sh
      grantlint lint --tenant contoso.com -o report.html
      grantlint lint --tenant contoso.com --only Portal --auth device-code

    \b
    A tenant is only read; --fix-plan writes what mends it, for you to run.
    Application.Read.All is enough for everything on the application object;
    Directory.Read.All, Policy.Read.All and Policy.Read.PermissionGrant add
    what was granted, directory roles and the policies. What may not be read
    is named with its permission, and exits with 3.
    """
    from advisor.commands.output import show
    from advisor.errors import UsageError
    from advisor.run.compose import compose
    from advisor.run.reports import prepared

    if not paths and not tenant:
        raise UsageError("nothing to lint", hint="name files or folders, or - for standard input: grantlint lint apps/")
    paths = paths or []
    reach = Reach(
        tenants=tuple(tenant or ()),
        only=tuple(only or ()),
        fast=fast,
        auth=auth,
        client_id=client_id,
        certificate=certificate,
        cloud=cloud,
        endpoint=graph_endpoint,
        authority=authority,
        verbose=verbose,
        quiet=quiet,
    )
    configuration = load(config, isolated=isolated)
    plan = choose(configuration, select or [], ignore or [], preview=preview)
    check_asking(select or [], resolver, wanted=resolve_hosts)
    resolvers = resolvers_for(resolver) if resolve_hosts else ()
    clock = clock_utc()
    now = as_of(today, clock)
    reading = read_inputs(paths, reach, candidates=candidates, environment=environment)
    answers = answers_for(reading, resolvers, quiet=quiet) if resolve_hosts else None
    policy = policy_for(configuration, paths, reading, baseline, honour=not no_suppressions)
    warn_of_outdated(configuration, policy.comments, select or [], ignore or [])
    with reading_at(against, paths) as before:
        report = compose(
            title="App registrations",
            version=VERSION,
            now=now,
            made_at=clock,
            rules=plan,
            reading=reading,
            policy=policy,
            fail_on=severity_named(fail_on) or configuration.fail_on,
            before=before,
            against=against or "",
            answers=answers,
        )
    if write_known is not None:
        write_baseline(write_known, report, reading)
    anchor = sarif_anchor or (Path(configuration.file).name if configuration.file else "")
    return show(
        prepared(report, since=since or (), what=redact, anchor=anchor),
        format=format,
        output=output or [],
        colour=color,
        concise=concise,
        quiet=quiet,
        posture=posture,
        verbose=verbose,
        split_by=split_by,
        fix_plan=fix_plan or [],
    )


lint.__doc__ = (lint.__doc__ or "").replace("{sources}", listed(titles()))


def severity_named(word: str | None) -> str | None:
    """The severity that ``--fail-on`` names. Raises ``UsageError`` for another word."""
    from advisor.errors import UsageError
    from advisor.policy.checks import FAIL_ON

    if word is not None and word not in FAIL_ON:
        raise UsageError(f"unknown severity {word!r} in --fail-on", hint=f"one of {', '.join(FAIL_ON)}")
    return word
