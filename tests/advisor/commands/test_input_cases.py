"""Small inputs with the result that is right for each, where a collection of them lies beside the checkout.

Rows about git, links and pipes have no input there: see ``test_against.py`` and ``test_discover.py``.
"""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

CASES = Path(__file__).resolve().parents[4] / "shared" / "cases"

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="no collection of inputs beside the checkout")

_FINDING = re.compile(r"^\S+: (critical|high|medium|low|info) ([a-z0-9-]+) ", re.MULTILINE)


class Case(NamedTuple):
    """One run of ``lint`` and what is right for it. Every text is separated by ``"; "``."""

    #: The inputs and options. Paths are below the collection.
    arguments: str
    status: int
    #: Findings: severity, rule, and ``*2`` for as many. Without it, one or more.
    found: str = ""
    #: Rules that must not report anything; ``all`` for every rule above info.
    absent: str = ""
    #: What standard output and standard error must contain, and what they must not.
    says: str = ""
    omits: str = ""


_UNDECIDED = "name the .tfvars file that decides"
_PARAMETERS = "lint it with the parameter file that is deployed"

INFRASTRUCTURE = (
    Case(
        "iac/01-slash",
        1,
        "medium claimable-custom-scheme*2; low out-of-band-redirect-uri; low localhost-beside-production",
        "malformed-redirect-uri; plaintext-redirect-uri",
    ),
    Case("iac/02-split-conflict", 1, "medium overwritten-resource", says="azuread_application_redirect_uris.poc"),
    Case(
        "iac/03-override",
        1,
        "high plaintext-redirect-uri*1; high implicit-access-token*1",
        "no-owner",
        says="1 registration checked; iac/03-override/override.tf:4:22",
    ),
    Case("iac/35-override-good", 1, "high plaintext-redirect-uri*1", says="a_override.tf:5:11"),
    Case(
        "iac/04-tofu-shadow",
        1,
        says="1 registration checked; iac/04-tofu-shadow/main.tofu:1:1; Left out iac/04-tofu-shadow/main.tf",
        omits="main.tf:1:1",
    ),
    Case(
        "iac/05-checkov-oidc",
        1,
        "medium federated-pull-request*1; low wildcard-federated-subject*3; low malformed-federated-subject*1",
        says="8 registrations checked; federatedIdentityCredentials.subject",
    ),
    Case(
        "iac/06-ado-fic",
        0,
        absent="all",
        says="federatedIdentityCredentials.issuer; federatedIdentityCredentials.subject: known only after",
    ),
    Case("iac/07-remote-module", 2, says="Did not read 2 remote modules: module.portal_app"),
    Case("iac/07-remote-module/main.tf --candidates", 0, says="Did not read 2 remote modules"),
    Case("iac/07b-mixed", 0, says="1 registration checked; Did not read 2 remote modules: module.portal_app"),
    Case("iac/07c-aws-only", 2, says="no app registration found; looked at 1 file"),
    Case(
        "iac/08-relative-end", 1, "medium long-lived-credential*4", says="valid for 3,650 days; valid for 18,250 days"
    ),
    Case(
        "iac/09-sp-password",
        1,
        "low password-credential; medium spa-with-secret",
        says="1 registration checked",
    ),
    Case(
        "iac/10-consent-as-code",
        1,
        "critical granted-application-permission; critical application-with-directory-role;"
        " high granted-delegated-permission",
        says="Application.ReadWrite.All; Global Administrator",
    ),
    Case("iac/11-fic-json", 1, "medium federated-pull-request"),
    Case("iac/13-roles-json", 1, "low role-for-users-and-applications"),
    Case("iac/14-shell", 2, says="by script, which is not read: az ad app create (iac/14-shell/setup.sh:3)"),
    Case(
        "iac/14-shell/setup.sh",
        2,
        says="iac/14-shell/setup.sh:3: creates or changes a registration with a script",
        omits="JSON",
    ),
    Case(
        "iac/14-shell --preview",
        1,
        "high implicit-access-token; high plaintext-redirect-uri; medium federated-pull-request",
    ),
    Case("iac/15-ps", 2, says="by script, which is not read: New-MgApplication (iac/15-ps/setup.ps1:1)"),
    Case("iac/15-ps --preview", 1, "high implicit-access-token; high plaintext-redirect-uri"),
    Case("iac/61-other/depscript.json", 2, says="by script, which is not read: az ad app create"),
    Case("iac/61-other/depscript.json --preview", 2, says="by script, which is not read: az ad app create"),
    Case(
        "iac/17-bicep-module",
        1,
        "high implicit-access-token*1; high plaintext-redirect-uri*1",
        says="3 registrations checked; iac/17-bicep-module/main.bicepparam:3:18",
    ),
    Case("iac/18-crossplane", 1, "high implicit-access-token*1; high plaintext-redirect-uri*1; low no-owner"),
    Case("iac/19-pulumi-yaml", 1, "high implicit-access-token*1; high plaintext-redirect-uri*1; low no-owner"),
    Case(
        "iac/20-cdktf",
        1,
        "high powerful-application-permission; high plaintext-redirect-uri; medium long-lived-credential",
        says="cdk.tf.json:15:91; Did not read 1 remote module",
    ),
    Case("iac/21-tfvars", 0, absent="all", says=_UNDECIDED),
    Case("iac/21-tfvars/main.tf", 0, absent="all", says=_UNDECIDED),
    *(
        Case(
            paths,
            1,
            "high implicit-access-token*1; high plaintext-redirect-uri*1",
            says="prod.tfvars:1:12; prod.tfvars:2:13",
        )
        for paths in (
            "iac/21-tfvars/prod.tfvars",
            "iac/21-tfvars iac/21-tfvars/prod.tfvars",
            "iac/21-tfvars/prod.tfvars iac/21-tfvars",
            "iac/21-tfvars/main.tf iac/21-tfvars/prod.tfvars",
        )
    ),
    *(
        Case(
            paths,
            1,
            "high implicit-access-token*1; high plaintext-redirect-uri*1",
            says="azuredeploy.parameters.json:4:40",
        )
        for paths in (
            "iac/22-arm-params",
            "iac/22-arm-params/azuredeploy.json iac/22-arm-params/azuredeploy.parameters.json",
        )
    ),
    Case(
        "iac/23-yamldecode",
        1,
        "high implicit-access-token*1; high plaintext-redirect-uri*2",
        says="3 registrations checked",
    ),
    Case(
        "iac/24-terragrunt",
        1,
        "high implicit-access-token*1; high plaintext-redirect-uri*1",
        says="live/prod/terragrunt.hcl:10:19",
    ),
    Case("iac/24-terragrunt/live/prod", 2, says="Did not read 1 module outside the folder: ../../modules/app"),
    Case("iac/25-tftest", 1, absent="plaintext-redirect-uri", says="1 registration checked"),
    Case(
        "iac/26-plan-stream",
        2,
        says="plan.json:1: contains the log of terraform plan; plan.jsonl:1: contains the log; "
        "is encrypted by OpenTofu",
    ),
    Case("iac/26-plan-stream/plan.jsonl", 2, says="contains the log of terraform plan -json, not the plan"),
    Case("iac/26-plan-stream/tfplan.bin", 2, says="is a binary plan"),
    Case("iac/26-plan-stream/terraform.tfstate", 3, says="is encrypted by OpenTofu", omits="no app registration"),
    Case(
        "iac/27-bicep-many",
        1,
        "critical granted-application-permission*1; high granted-delegated-permission;"
        " high powerful-application-permission*2;"
        " high plaintext-redirect-uri*2; high implicit-access-token*1; medium long-lived-credential*1",
        says="App shop; App stock; Only dev; Third",
    ),
    Case(
        "iac/28-bicep-fic",
        1,
        "medium federated-pull-request*1; low malformed-federated-issuer*1",
        says="managed identity mi",
    ),
    Case("iac/69-bicep-fic-param", 1, "medium federated-pull-request*2"),
    Case("iac/30-bicep-precedence/main.bicep", 1, "high implicit-access-token*1; medium implicit-id-token*1"),
    Case("iac/30-bicep-precedence/b.bicep", 0, absent="all", says=f"isFallbackPublicClient; {_PARAMETERS}"),
    Case("iac/30-bicep-precedence/c.bicep", 0, absent="all", says=f"web.redirectUris; {_PARAMETERS}"),
    Case("iac/31-hcl-precedence", 1, "high plaintext-redirect-uri*1", "implicit-access-token", says=_UNDECIDED),
    Case("iac/32-arm-cond", 0, absent="all", says=f"web.redirectUris; {_PARAMETERS}"),
    Case(
        "iac/33-optional-defaults",
        1,
        "low no-owner*1",
        "plaintext-redirect-uri; implicit-access-token",
        "spa.redirectUris",
    ),
    Case(
        "iac/36-m365",
        1,
        "high spa-with-implicit*1; high plaintext-redirect-uri*1; medium long-lived-credential*1",
        says="m365agents.yml:6:29; has a secret that is valid for 3,650 days; --env chooses among prod too",
    ),
    Case(
        "iac/36-m365/m365agents.yml",
        1,
        "medium long-lived-credential*1; low password-credential*1",
        says="signInAudience",
    ),
    Case("iac/38-module-outside", 1, "high plaintext-redirect-uri*1", says="live/prod/main.tf:3:20"),
    Case("iac/38-module-outside/live/prod", 2, says="Did not read 1 module outside the folder: module.portal"),
    Case(
        "iac/39-old-count",
        1,
        "high implicit-access-token; medium long-lived-credential; medium federated-pull-request*1",
        "plaintext-redirect-uri; no-owner",
    ),
    Case("iac/41-bicep-load", 1, "high plaintext-redirect-uri*4", says="apps.yaml:2:10"),
    Case("iac/42-state", 1, "critical secret-in-file*2; medium long-lived-credential*2", omits="8Q~"),
    Case("iac/43-github-mi", 1, "medium federated-pull-request*1"),
    Case("iac/44-conditional", 1, "high plaintext-redirect-uri*1; low no-owner*2", says="isFallbackPublicClient"),
    Case(
        "iac/45-patterns",
        1,
        "medium long-lived-credential*1",
        "plaintext-redirect-uri; powerful-application-permission",
        says="it may have been changed there",
    ),
    Case("iac/46-optional-claims", 1, "low groups-by-name; low all-groups-in-tokens; low overwritten-resource"),
    Case(
        "iac/49-secret-no-end/main.tf", 1, "medium long-lived-credential*1; low password-credential*1", says="730 days"
    ),
    Case(
        "iac/49-secret-no-end/plan.json",
        1,
        "medium long-lived-credential*1; low password-credential*1",
        says="Introduced by the plan",
    ),
    *(
        Case(path, 1, "high implicit-access-token*1; high plaintext-redirect-uri*1", says="terraform.tfvars:1:12")
        for path in (
            "iac/50-auto-tfvars",
            "iac/50-auto-tfvars/terraform.tfvars",
            "iac/50-auto-tfvars/terraform.tfvars --candidates",
        )
    ),
    Case("iac/53-fic-dead", 1, "medium federated-pull-request*2; low wildcard-federated-subject*1"),
    Case("iac/59-tf-off", 1, "high plaintext-redirect-uri*1", says="One sends codes and tokens"),
    Case(
        "iac/60-bicep-syntax",
        1,
        "high plaintext-redirect-uri*12",
        says="Modules that were not read: br/public:avm/res/x:1.0",
    ),
    Case("iac/61-other/app.yaml", 1, "high implicit-access-token; high plaintext-redirect-uri"),
    Case("iac/61-other/m365dsc.json", 1, "high plaintext-redirect-uri; medium long-lived-credential"),
    Case("iac/61-other/mg.json", 1, "high plaintext-redirect-uri; medium long-lived-credential"),
    *(
        Case(
            f"iac/61-other/{name}",
            1,
            "medium long-lived-credential*1; high plaintext-redirect-uri*1",
            says="1 registration checked",
        )
        for name in ("pulumi-stack.json", "pulumi-stack2.json", "pulumi-stack3.json")
    ),
    Case(
        "iac/61-other/terragrunt-runall.json",
        2,
        says="has text after the end of its plan; write each plan or state to its own file",
    ),
    Case("iac/63-many", 1, "high plaintext-redirect-uri*2; low no-owner*261", says="391 registrations checked"),
    Case("iac/64-links", 1, "medium long-lived-credential*10", says="5 registrations checked"),
    Case(
        "iac/65-chained",
        1,
        "medium spa-with-secret*1; low secret-beside-federation",
        says="1 registration checked",
    ),
    Case(
        "iac/67-split",
        1,
        "high password-credential; high powerful-application-permission; medium owner-of-powerful-application",
        says="1 registration checked",
    ),
    Case("iac/68-plan-chained", 1, "medium spa-with-secret*3", says="3 registrations checked"),
    Case(
        "iac/plan",
        1,
        "high plaintext-redirect-uri*4; high implicit-access-token*1",
        says="10 registrations checked; fixed: 1",  # what a plan deletes or forgets is not fixed
    ),
    Case("iac/plan/delete.json", 0, says="deletes or forgets 1 application and changes no other"),
    Case("iac/plan/forget.json", 0, says="deletes or forgets 1 application and changes no other"),
    Case("iac/plan/noop.json", 1, "high plaintext-redirect-uri", says="Introduced by the plan: 0 findings"),
    Case(
        "iac/plan/unknown.json",
        1,
        "high implicit-access-token",
        "plaintext-redirect-uri",
        "known only after the deployment",
    ),
)

REGISTRATIONS = (
    *(
        Case(f"registrations/{name}", 0, absent="all", says="federatedIdentityCredentials.audiences")
        for name in ("b/a1.bicep", "b/a2.bicep", "b/a3.bicep", "b/a4.bicep", "t11", "t8", "t8/arm.json")
    ),
    Case(
        "registrations/baddate.json",
        3,
        absent="all; powerful-test-application",
        says="passwordCredentials.endDateTime",
        omits="valid secret",
    ),
    Case("registrations/t6", 0, absent="no-owner", says="owners: known only after the deployment"),
    Case("registrations/t1", 1, "high implicit-access-token", says="spa.redirectUris", omits="no redirect URI"),
    Case("registrations/easyauth.json", 1, absent="implicit-id-token"),
    *(
        Case(f"registrations/{name}", 0, absent="all", says="a placeholder is in its place", omits="exit 3")
        for name in ("b/sub.bicep", "b/empty.bicep", "t12")
    ),
    *(
        Case(f"registrations/{name}", 2, says=says)
        for name, says in (
            ("t7", "No registration uses the values of these files: registrations/t7/x.tfvars"),
            ("t7/x.tfvars", "contains values for variables and no registration"),
            ("tv", "No registration uses the values of these files: registrations/tv/terraform.tfvars"),
            ("tv/terraform.tfvars", "contains values for variables and no registration"),
        )
    ),
    Case(
        "registrations/t5",
        1,
        "medium long-lived-credential*1; low password-credential*1",
        says="1 registration checked",
    ),
    Case(
        "registrations/t4", 1, "medium long-lived-credential*2; low password-credential*1", says="730 days; 3,650 days"
    ),
    Case("registrations/t2", 1, "low unknown-permission*1", says="almost the ID of ChannelMessage.Read.All"),
    Case("registrations/t3", 1, "medium custom-uri-with-v1-tokens*1", says="api://orders"),
    Case("registrations/star.json", 0, "info incomplete-permission-definition*1"),
    Case("registrations/mg-null-nav.json", 0, absent="no-owner", says="export with $expand=owners"),
    Case("registrations/mg-depth2.json", 2, absent="all", says="ConvertTo-Json -Depth 10"),
    Case("registrations/batch-list.json", 1, "high plaintext-redirect-uri*1", says="2 registrations checked"),
    Case("registrations/e01-scope.json", 1, "low custom-uri-with-v1-tokens*1"),
    Case("registrations/e01.json", 0, absent="all", says="identifierUris: not known whether it is right"),
    Case("registrations/u30.json", 1, "low malformed-redirect-uri*1", says="begins with a space"),
    Case("registrations/b/twice.bicep", 0, says="1 registration checked"),
    Case("registrations/dup/one.tf", 1, "low no-owner*1", omits="two.tf"),
)


@pytest.mark.parametrize("case", [*INFRASTRUCTURE, *REGISTRATIONS], ids=lambda case: case.arguments)
def test_the_result_is_right(case: Case, grantlint: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CASES)
    run = grantlint("lint", *case.arguments.split(), "--isolated", "--concise", "--today", "2026-11-30", "-v")
    printed = " ".join((run.out + run.err).split())
    found = Counter(f"{severity} {rule}" for severity, rule in _FINDING.findall(run.out))
    for name, _, number in (wanted.partition("*") for wanted in _listed(case.found)):
        assert found[name] == int(number or found[name] or 1), (name, found)
    for rule in _listed(case.absent):
        reported = {name for name in found if not name.startswith("info") and rule in ("all", name.partition(" ")[2])}
        assert not reported
    assert [text for text in _listed(case.says) if text not in printed] == []
    assert [text for text in _listed(case.omits) if text in printed] == []
    assert run.status == case.status


def _listed(texts: str) -> list[str]:
    return [text.strip() for text in texts.split(";") if text.strip()]
