"""Agent identity blueprints and agent identities in files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec import UNSET

from advisor.errors import InputError
from advisor.sources.manifest.json_file import read_json
from advisor.sources.manifest.recognize import cast_of
from advisor.sources.reading.builder import Builder, Reading
from advisor.sources.reading.source import File
from rules.analysis.posture import posture
from rules.engine.rule import Context
from rules.engine.run import lint
from rules.families import RULES
from rules.model.clean import NOW, clean
from rules.model.object_kind import BLUEPRINT_TYPE, NOT_OF_BLUEPRINTS
from tests.conftest import Run

CAST = "https://graph.microsoft.com/v1.0/$metadata#applications/microsoft.graph.agentIdentityBlueprint"
BLUEPRINT = "00001111-aaaa-2222-bbbb-3333cccc4444"
AGENT = {"id": "1b7313c4-05d0-4a08-88e3-7b76c003a0a2", "agentIdentityBlueprintId": BLUEPRINT}


def as_graph_lists_it() -> dict[str, Any]:
    """A blueprint as a list with the cast returns it: without a type, and without what it does not have."""
    left_out = ("notes", "spa", "publicClient", "isFallbackPublicClient", "samlMetadataUrl", "@odata.type")
    return {name: value for name, value in clean("blueprint").items() if name not in left_out}


def in_powershell(value: dict[str, Any]) -> dict[str, Any]:
    return {f"{name[0].upper()}{name[1:]}": member for name, member in value.items()}


def read(document: Any) -> Reading:
    builder = Builder()
    read_json(builder, File("blueprints.json", json.dumps(document).encode()))
    return builder.build()


@pytest.mark.parametrize(
    "document",
    [
        {"@odata.context": CAST, "value": [as_graph_lists_it()]},
        {"@odata.context": f"{CAST}(id,appId)", "value": [as_graph_lists_it()]},
        {"@odata.context": f"{CAST}/$entity", **as_graph_lists_it()},
        {"value": [{**as_graph_lists_it(), "@odata.type": BLUEPRINT_TYPE}]},
        {"responses": [{"id": "1", "status": 200, "body": {"@odata.context": CAST, "value": [as_graph_lists_it()]}}]},
        [{**in_powershell(as_graph_lists_it()), "AdditionalProperties": {"@odata.type": BLUEPRINT_TYPE}}],
    ],
)
def test_a_blueprint_is_one_by_its_type_or_by_the_cast_of_the_request(document: Any) -> None:
    reading = read(document)
    (subject,) = reading.subjects
    assert subject.app.kind == "blueprint"
    assert reading.row(subject.key).object_kind == "blueprint"


def test_a_list_of_applications_has_no_cast() -> None:
    assert cast_of("https://graph.microsoft.com/v1.0/$metadata#applications") == ""
    assert cast_of("https://graph.microsoft.com/v1.0/$metadata#applications(id,appId)") == ""
    assert read([clean("web")]).subjects[0].app.kind == "application"


def test_what_a_blueprint_does_not_have_is_not_missing() -> None:
    (subject,) = read({"@odata.context": CAST, "value": [as_graph_lists_it()]}).subjects
    assert UNSET not in [getattr(subject.app, name) for name in NOT_OF_BLUEPRINTS]
    assert lint([subject], RULES, Context(NOW)).not_assessed == ()


def test_a_blueprint_has_the_three_grants_of_agents_whatever_was_not_read() -> None:
    (subject,) = read({"value": [{"@odata.type": BLUEPRINT_TYPE, "appId": BLUEPRINT}]}).subjects
    states = {fact.grant: fact.state for fact in posture(subject.app, NOW)}
    assert {grant for grant, state in states.items() if state == "unknown"} == {
        "client_credentials",
        "on_behalf_of",
        "refresh_token",
    }
    assert {
        state for grant, state in states.items() if grant not in ("client_credentials", "on_behalf_of", "refresh_token")
    } == {"blocked"}


@pytest.mark.parametrize(
    ("document", "what"),
    [
        (
            {"value": [AGENT, AGENT]},
            f"2 agent identities, which have no registrations of their own; lint the blueprint {BLUEPRINT}",
        ),
        (AGENT, f"an agent identity, which has no registration of its own; lint the blueprint {BLUEPRINT}"),
        (
            {"@odata.type": "#microsoft.graph.agentIdentityBlueprintPrincipal", "appId": BLUEPRINT},
            "the principal of an agent identity blueprint, not the blueprint",
        ),
    ],
)
def test_the_service_principals_of_agents_lead_to_their_blueprint(document: Any, what: str) -> None:
    with pytest.raises(InputError, match="contains") as error:
        read(document)
    assert error.value.what == f"contains {what}"


def test_what_makes_a_property_of_blueprints_readable_is_named(folder: Path, grantlint: Callable[..., Run]) -> None:
    left_out = ("sponsors", "inheritablePermissions")
    blueprint = {name: value for name, value in as_graph_lists_it().items() if name not in left_out}
    Path("blueprint.json").write_text(json.dumps({"@odata.context": f"{CAST}/$entity", **blueprint}))
    said = " ".join(grantlint("lint", "blueprint.json", "--preview").err.split())
    assert "(sponsors: the input does not have it; export with $expand=sponsors)" in said
    assert "(inheritablePermissions: the input does not have it; lint the tenant)" in said
