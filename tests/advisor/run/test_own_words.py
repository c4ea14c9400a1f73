"""What is found, and its fix, name properties as the file does that was read, or as the portal does for a tenant."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from advisor.policy.govern import Policy
from advisor.run.audit import audit
from advisor.sources.discover import read_paths
from advisor.sources.reading.builder import Builder, Reading
from advisor.sources.terraform.pulumi import spell
from reports.rows import FindingRow
from rules.engine.rule import Bad, Rule
from rules.families import RULES
from rules.knowledge.property_names import PropertyName, property_names
from rules.model.clean import NOW, merged_into
from rules.model.registration import Registration
from tests.advisor.sources.test_same_findings import CASES, read, settings
from tests.advisor.sources.writers import FORMATS

RULE = next(rule for rule in RULES if rule.id == "public-client-flows-enabled")
OPEN = merged_into(RULE.base, RULE.bad[0].fragment)


def found(reading: Reading, rule: Rule = RULE, bad: Bad | None = None) -> tuple[FindingRow, ...]:
    configured = Policy().configuration
    if bad is not None:
        configured = msgspec.structs.replace(configured, settings=settings(bad))
    names = bad.dns or None if bad else None
    return audit(reading, [rule], NOW, Policy(configuration=configured), names).findings


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("new manifest", ""),
        ("bicep", ""),
        ("arm", ""),
        ("old manifest", "Set allowPublicClient to false"),
        ("tf", "Set fallback_public_client_enabled to false"),
        ("plan", "Set fallback_public_client_enabled to false"),
        ("pulumi", "Set fallbackPublicClientEnabled to false"),
    ],
)
def test_a_fix_names_the_setting_as_the_file_does(folder: Path, name: str, fix: str) -> None:
    (finding,) = found(read(folder, FORMATS[name], OPEN))
    assert finding.fix.startswith(fix)
    assert bool(finding.fix) == bool(fix)


def test_a_fix_names_the_setting_as_the_portal_does_where_a_tenant_was_read() -> None:
    builder = Builder()
    builder.add_from_tenant(msgspec.convert(OPEN, Registration), "contoso.com", format="Microsoft Graph")
    (finding,) = found(builder.build())
    assert finding.fix.startswith("Set Allow public client flows to No if")


def test_a_fix_names_what_an_old_manifest_does_not_have(folder: Path) -> None:
    (folder / "old.json").write_text('{"name": "x", "appId": "a", "informationalUrls": null, "oauth2Permissions": [], '
        '"availableToOtherTenants": true, "replyUrls": [], "requiredResourceAccess": []}')  # fmt: skip
    rule = next(rule for rule in RULES if rule.id == "missing-terms-of-service")
    fixes = [finding.fix for finding in found(read_paths(["old.json"], stdin=bytes), rule)]
    assert fixes == ["Set informationalUrls.termsOfService and informationalUrls.privacy."]


def test_each_finding_of_a_run_over_several_formats_has_its_own(folder: Path) -> None:
    for name in ("new manifest", "old manifest", "tf"):
        (folder / FORMATS[name].file).write_text(FORMATS[name].write({**OPEN, "appId": name}), "utf-8")
    fixes = {finding.fix.split(" to ")[0] for finding in found(read_paths(["."], stdin=bytes))}
    assert fixes == {"", "Set allowPublicClient", "Set fallback_public_client_enabled"}


def other_name(format: str, row: PropertyName) -> str:
    """What a format calls a property, by the table."""
    if format in ("new manifest", "arm", "bicep"):
        return ""
    if format == "old manifest":
        return row.manifest
    return spell(f".{row.argument}").removeprefix(".") if format == "pulumi" else row.argument


@pytest.mark.exhaustive
@pytest.mark.parametrize(("name", "rule", "said"), CASES)
def test_no_property_is_named_as_graph_does_where_the_format_has_another_name(
    folder: Path, name: str, rule: Rule, said: list[Bad]
) -> None:
    leaves = {(row.path.split(".")[-1], other_name(name, row).split(".")[-1]) for row in property_names().values()}
    other = {graph for graph, own in leaves if own and own != graph and not graph.islower()}
    for bad in said:
        for finding in found(read(folder, FORMATS[name], merged_into(rule.base, bad.fragment)), rule, bad):
            text = re.sub(r'"[^"]*"|\{[^}]*\}', "", f"{finding.message} {finding.fix or rule.fix}")
            # What is looked up in the service principal of an API is called as Graph does.
            text = re.sub(r"[^.]*of the resource's service principal", "", text)
            assert not other & set(re.findall(r"(?<![\w./:-])[A-Za-z]\w*(?![\w:-]|\.\w)", text)), finding


def test_what_an_organizations_own_rule_says_stays(folder: Path, grantlint: Callable) -> None:
    (folder / "grantlint.toml").write_text(
        '[[rule]]\nid = "our-flows"\nseverity = "low"\nwhere = "isFallbackPublicClient"\n'
        'message = "has isFallbackPublicClient set"\nfix = "Set isFallbackPublicClient to false."\n'
    )
    (folder / "main.tf").write_text(FORMATS["tf"].write(OPEN), "utf-8")
    run = grantlint("lint", "main.tf", "--select", "our-flows", "--format", "json")
    (finding,) = json.loads(run.out)["findings"]
    assert (finding["message"], finding.get("fix")) == ("has isFallbackPublicClient set", None)
