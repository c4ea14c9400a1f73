"""``grantlint lint``: check app registrations in files and tenants."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from advisor.commands.options import (
    CheckOptions,
    ConfigurationOptions,
    FixOptions,
    InputOptions,
    KnownOptions,
    ReportOptions,
    SignInOptions,
)
from advisor.sources.table import listed, titles

if TYPE_CHECKING:
    from advisor.policy.govern import Policy
    from advisor.sources.reading.builder import Reading


def lint(
    input: InputOptions,
    sign_in: SignInOptions,
    checks: CheckOptions,
    fixes: FixOptions,
    known: KnownOptions,
    output: ReportOptions,
    configured: ConfigurationOptions,
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH",
            help="Files or folders with registrations; - is standard input. May be repeated.",
            show_default=False,
        ),
    ] = None,
) -> int:
    """Check the app registrations in files, folders and tenants.

    Reads {sources}.

    In a folder, grantlint reads all files except those that git ignores.
    Results go to standard output, everything else to standard error. Values
    that a file omits, or that only the deployment knows, are reported as not
    assessed, never as clean.

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
      grantlint lint apps/ --baseline known.json --prune-baseline
      grantlint lint apps/ --against main
      grantlint lint apps/ --resolve-hosts
      grantlint lint apps/ --diff
      grantlint lint apps/ --fix
      grantlint lint apps/ --fix-plan plan.sh
      grantlint lint --tenant contoso.com -o report.html
      grantlint lint --tenant contoso.com --only Portal --auth device-code
      grantlint lint apps/ --usage usage.json --verbose
      grantlint lint --tenant contoso.com --usage live

    \b
    grantlint never writes to a tenant. --fix-plan writes the requests that fix
    the findings, for you to review and run. Application.Read.All is enough for
    all properties of application objects. To read permission grants, directory
    roles and policies, add Directory.Read.All, Policy.Read.All and
    Policy.Read.PermissionGrant. If a permission is missing, the report names it
    and the exit status is 3.

    \b
    --beta reads the expressions of federated credentials from Microsoft Graph
    beta, for the credentials without a subject. Where a cloud does not return
    them, they are not assessed.

    \b
    --usage live reads the last sign-ins of applications from Microsoft Graph
    beta, in the global cloud. It needs AuditLog.Read.All and Microsoft Entra ID
    P1 or P2; a user also needs the role Reports Reader. live:30d reads the
    sign-ins of 30 days too. Microsoft Graph allows five requests in ten
    seconds, so this can take an hour. --timeout stops reading earlier.

    \b
    --include risk reads risky service principals. It needs
    IdentityRiskyServicePrincipal.Read.All and Microsoft Entra Workload ID
    Premium; a user also needs the role Security Reader. --include mfa reads
    whether owners can use MFA. It needs AuditLog.Read.All and Microsoft Entra
    ID P1 or P2; a user also needs the role Reports Reader. Preview rules check
    both. --include certificates needs no other permission, and one request for
    twenty applications that have a certificate.

    \b
    Exports for --export, as JSON or CSV:
      Get-ApplicationAccessPolicy | Export-Csv policies.csv
      az role assignment list --all -o json > roles.json
    """
    from advisor.errors import UsageError
    from advisor.run.compose import compose
    from advisor.run.dns import answers_for, check_dns_options, resolvers_for
    from advisor.run.exports import with_evidence
    from advisor.run.fix import check_fix_options, edited, fixed, print_diff, write_fixes
    from advisor.run.inputs import expected_files, inputs_at, read_inputs
    from advisor.run.located import in_repository
    from advisor.run.output import show
    from advisor.run.policy import baseline_path, baseline_update, policy_for, update_baseline, warn_of_outdated
    from advisor.run.policy_source import (
        Wanted,
        baseline_at,
        configuration_of,
        configured_before,
        gated,
        in_folders,
        policy_source,
    )
    from advisor.run.progress import progress_of_checks
    from advisor.run.reports import prepared
    from advisor.run.session import VERSION, as_of, check_rules_run, choose_some, clock_utc, limits_of, severity_named

    if not (paths := paths or []) and not input.tenant:
        raise UsageError("nothing to lint", hint="name files or folders, or - for standard input: grantlint lint apps/")
    check_fix_options(
        paths,
        input.tenant,
        fix=fixes.fix,
        diff=fixes.diff,
        unsafe=fixes.unsafe_fixes,
        reports=bool(output.output or output.fix_plan or known.write_baseline or known.prune_baseline)
        or output.format != "text",
    )
    access = sign_in.access(
        input.tenant,
        input.only,
        fast=input.fast,
        beta=input.beta,
        usage=input.usage,
        include=input.include,
        verbose=output.verbose,
        quiet=output.quiet,
    )
    with policy_source(known.against, known.policy_from) as source:
        configuration = configuration_of(source, wanted := Wanted(configured.config, configured.isolated))
        update = baseline_update(configuration, known.write_baseline, known.baseline, prunes=known.prune_baseline)
        plan = choose_some(configuration, checks.select, checks.ignore, preview=checks.preview)
        check_dns_options(checks.select, checks.resolver, wanted=checks.resolve_hosts)
        resolvers = resolvers_for(checks.resolver) if checks.resolve_hosts else ()
        clock, limits = clock_utc(), limits_of(configuration, input.max_bytes)
        baseline = baseline_at(baseline_path(configuration, known.baseline), source)
        with inputs_at(
            known.against,
            source.base,
            paths,
            candidates=input.candidates,
            environment=input.environment,
            limits=limits,
            preview=checks.preview or configuration.preview,
        ) as earlier:
            files = partial(
                read_inputs,
                paths,
                access,
                candidates=input.candidates,
                environment=input.environment,
                limits=limits,
                preview=checks.preview or configuration.preview,
                expected=expected_files(baseline, earlier),
            )
            reading = (read := with_evidence(files, input.usage, input.export, clock, limits))()
            if reading.subjects or reading.tenants:
                check_rules_run(
                    plan,
                    checks.select,
                    tenant=bool(reading.tenants),
                    dns=checks.resolve_hosts,
                    usage=bool(reading.usage),
                )
            answers = answers_for(reading, resolvers, quiet=output.quiet) if checks.resolve_hosts else None
            before = configured_before(source, wanted, configuration, earlier) if earlier else None
            report_on = partial(
                compose,
                title="App registrations",
                version=VERSION,
                now=as_of(checks.today, clock),
                made_at=clock,
                rules=plan,
                fail_on=severity_named(checks.fail_on) or configuration.fail_on,
                before=before,
                answers=answers,
                details=output.details(fixes=fixes.fix or fixes.diff),
            )

            def policy_of(reading: Reading, *, warns: bool = False) -> Policy:
                folders = in_folders(source, wanted, configuration, reading, Path.cwd())
                policy = policy_for(folders, paths, reading, baseline, honor=not known.no_suppressions)
                if warns:
                    warn_of_outdated(configuration, policy.comments, checks.select, checks.ignore)
                return gated(policy, source, reading, before, wanted, known.baseline)

            policy = policy_of(reading, warns=True)
            if fixes.fix or fixes.diff:
                result = fixed(
                    reading,
                    report_on(reading=reading, policy=policy),
                    read,
                    lambda again: report_on(reading=again, policy=policy_of(again)),
                    unsafe=fixes.unsafe_fixes,
                )
                if fixes.diff:
                    return print_diff(result, quiet=output.quiet)
                write_fixes(result, quiet=output.quiet)
                reading, policy = result.checked.reading, policy_of(result.checked.reading)
            with progress_of_checks(len(reading.subjects), quiet=output.quiet):
                report = edited(report_on(reading=reading, policy=policy), reading, output.settings())
    if update is not None:
        update_baseline(update, report, reading, policy)
    shown = prepared(
        report,
        since=output.since,
        what=output.redact,
        anchor=output.sarif_anchor or (in_repository(configuration.file, Path.cwd()) if configuration.file else ""),
    )
    return show(
        shown,
        output.settings(fixable=not fixes.fix),
        in_one_line=update is not None and report.summary.exit_status < 2,
    )


lint.__doc__ = (lint.__doc__ or "").replace("{sources}", listed(titles()))
