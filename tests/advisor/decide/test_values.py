"""Values that are printed come from tables: authority, issuer, audience, scopes, redirect URIs, addresses of clouds."""

import re
from functools import cache

import pytest

from advisor.decide.advice import advise
from advisor.decide.load import load_tree
from advisor.decide.notes import given_of
from advisor.decide.parts import matches
from advisor.decide.tables.apis import apis
from advisor.decide.tables.support import Support, supports
from advisor.decide.tables.values import Framework, TableValues, frameworks, values
from advisor.decide.tree import assumed_answers, walk, walks
from advisor.preflight.template import trust_in
from reports.advice import Advice
from rules.knowledge.addresses import CLOUDS, addresses
from rules.knowledge.sources import sources

TREE = load_tree()
AUDIENCES = tuple(choice.id for choice in TREE.facts["audience"].choices)
APIS = tuple(choice.id for choice in TREE.facts["api"].choices if choice.id != "none")
COLUMNS = ("audience", "cloud", "api", "framework")
Answers = dict[str, str]


@cache
def bases() -> tuple[Answers, ...]:
    """The answers of every path."""
    return tuple({step.question.fact: step.answer for step in path.asked} for path in walks(TREE))


def settled(answers: Answers) -> dict[str, str]:
    """What is known with *answers*; nothing where they lead to no end."""
    found = walk(TREE, {**answers, **assumed_answers(TREE, answers)})
    return given_of(TREE, found, answers) if found.leaf and not found.missing else {}


def told(grant: str, *, platform: str | None = None, credential: str = "", **more: str) -> Advice:
    """The advice at the first end with *grant* to which answers with *more* lead."""
    wanted = {"grant": grant, **({"platform": platform} if platform else {})}
    wanted |= {**({"credential": credential} if credential else {}), **more}
    for answers in bases():
        if wanted.items() <= settled({**answers, **more}).items():
            return advise(TREE, {**answers, **more})
    pytest.fail(f"no path ends in {wanted}")


def authority(advice: Advice) -> str:
    return re.sub(r"^\w+ (.*)/oauth2/.*", r"\1", advice.request[0])


# Authority and audience


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        ("one-tenant", "https://login.microsoftonline.com/{tenant id}"),
        ("many-tenants", "https://login.microsoftonline.com/organizations"),
        ("with-personal", "https://login.microsoftonline.com/common"),
        ("personal-only", "https://login.microsoftonline.com/consumers"),
        ("external-id", "https://{subdomain}.ciamlogin.com/{tenant id}"),
        ("b2c", "https://{name}.b2clogin.com/{name}.onmicrosoft.com/{policy}"),
    ],
)
def test_users_sign_in_at_the_authority_of_their_accounts(audience: str, expected: str) -> None:
    assert authority(told("authorization_code", audience=audience)) == expected


@pytest.mark.parametrize("audience", ["one-tenant", "many-tenants", "with-personal"])
@pytest.mark.parametrize("grant", ["client_credentials", "on_behalf_of"])
def test_apps_and_exchanges_name_one_tenant(grant: str, audience: str) -> None:
    assert authority(told(grant, audience=audience)) == "https://login.microsoftonline.com/{tenant id}"


@pytest.mark.parametrize("grant", ["password", "integrated_windows", "saml_bearer"])
def test_grants_of_work_accounts_never_name_personal_ones(grant: str) -> None:
    advice = told(grant, audience="with-personal")
    assert authority(advice).endswith("/organizations")
    assert {row.property: row.value for row in advice.register}["signInAudience"] == "AzureADMultipleOrgs"


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("audience", AUDIENCES)
def test_an_issuer_is_never_an_authority(audience: str, cloud: str) -> None:
    """A federated credential trusts one tenant of one cloud, and not a page on which users sign in."""
    for kind in ("managed_identity", "federated"):
        advice = told("authorization_code", credential=kind, audience=audience, cloud=cloud)
        assert advice.credential
        assert not re.search(r"/(organizations|common|consumers)/|ciamlogin|b2clogin|/oauth2/", advice.credential.value)
        if trust := trust_in(advice.credential.value):
            assert trust.audience == addresses()["token-exchange"].in_cloud(cloud)


# Clouds


@pytest.mark.parametrize("cloud", CLOUDS[1:])
@pytest.mark.parametrize("api", APIS)
def test_no_address_of_the_global_cloud_is_printed_for_another_one(api: str, cloud: str) -> None:
    for grant in ("authorization_code", "client_credentials"):
        advice = told(grant, api=api, cloud=cloud)
        text = "\n".join((*advice.request, *advice.scopes))
        for row in addresses().values():
            if row.in_cloud(cloud) != row.worldwide:
                assert not re.search(re.escape(row.worldwide) + r"(?![A-Za-z])", text), (row.id, text)
        assert "not known" not in text


# Scopes


def test_each_api_has_a_scope_and_a_token_of_its_own() -> None:
    for grant in ("authorization_code", "client_credentials", "device_code", "on_behalf_of"):
        advice = told(grant, api="graph,dataverse")
        lines = [text for text in advice.scopes if text.startswith(("Microsoft Graph, for ", "Dataverse, for "))]
        assert len(lines) == 2
        asked = [line for line in advice.request if "scope=" in line]
        assert len([line for line in asked if "graph.microsoft.com" in line]) == 1
        assert len([line for line in asked if "dynamics.com" in line]) == 1


def test_to_know_who_signed_in_needs_no_api() -> None:
    request = told("authorization_code", api="sign-in-only").request
    assert [line.strip() for line in request if "scope=" in line] == ["scope=openid profile"]


@pytest.mark.parametrize("api", [row.id for row in apis() if row.set_up])
def test_what_an_administrator_sets_up_is_said(api: str) -> None:
    title = next(row.title for row in apis() if row.id == api)
    assert any(text.startswith(f"{title}: ") for text in told("client_credentials", api=api).warnings)


# Frameworks


@pytest.mark.parametrize("row", frameworks(), ids=lambda row: f"{row.id}-{row.platform}")
def test_a_framework_decides_the_redirect_uri(row: Framework) -> None:
    assert TREE.facts["framework"].choice(row.id)
    fill = TableValues({"framework": row.id})
    printed = {fill(leaf.redirect) for leaf in TREE.leaves if leaf.platform == row.platform}
    assert row.redirect in printed


def test_a_framework_of_another_platform_is_named_as_unused() -> None:
    assert told("authorization_code", platform="spa", framework="spring").unused == (
        "framework=spring changes nothing in this advice",
    )


# What does not work together


def answers_for(row: Support) -> Answers | None:
    """Answers for which *row* holds: those of a path, and one value for each fact that the path leaves open."""
    open_to_all = {name for name, question in TREE.facts.items() if question.aside} | {"api"}
    asides = {key: cells[0] for key, cells in row.conditions.items() if key in open_to_all}
    for answers in bases():
        known = settled(given := {**answers, **asides})
        if known and matches(row.conditions, known):
            return given
    return None


@pytest.mark.parametrize("row", supports(), ids=lambda row: row.id)
def test_what_does_not_work_is_a_conflict_with_both_answers_or_a_warning(row: Support) -> None:
    note = next((note for note in TREE.notes if note.id == f"table-{row.id}"), None)
    answers = answers_for(row)
    if note is None or answers is None:
        pytest.skip("no path of the tree leads there")
    advice = advise(TREE, answers)
    urls = {sources()[name].url for name in row.sources}
    assert urls <= {source.url for source in advice.sources}
    if row.verdict == "limited":
        assert row.text in advice.warnings
        return
    said = next(text for text in advice.contradictions if text.endswith(row.text))
    assert all(f"{key}=" in said for key in row.conditions if key != "leaf")
    end = walk(TREE, answers).credential
    assert (advice.request == ()) == (note.no_request or (end is not None and end.no_request))


# The tables


def test_every_condition_names_a_fact_and_a_choice_of_the_tree() -> None:
    conditions = [row.conditions for row in supports()]
    conditions += [row.when for _, rows in values() for row in rows]
    for when in conditions:
        for key, cells in when.items():
            fact = TREE.facts.get(key)
            assert fact or key in ("grant", "credential", "leaf"), when
            if fact and key in COLUMNS:
                assert all(fact.choice(cell) for cell in cells), when


def test_every_value_can_be_printed() -> None:
    """A row below one that holds for all that it holds for would never count."""
    for text, rows in values():
        for number, row in enumerate(rows):
            above = [one.when for one in rows[:number]]
            hidden = [
                when for when in above
                if all(key in row.when and set(row.when[key]) <= set(cells) for key, cells in when.items())
            ]  # fmt: skip
            assert not hidden, (text, row)
