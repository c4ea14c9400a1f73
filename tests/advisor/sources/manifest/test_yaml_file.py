"""Registrations in YAML, as the Azure CLI prints them."""

from collections.abc import Callable

from advisor.sources.reading.builder import Reading
from rules.model.registration import read_value

Reads = Callable[..., Reading]
APP = """appId: 11111111-1111-4111-8111-111111111111
displayName: Portal
isFallbackPublicClient: null
signInAudience: AzureADMyOrg
web:
  implicitGrantSettings:
    enableAccessTokenIssuance: true
  redirectUris:
  - http://portal.contoso.com/
"""


def test_scalars_have_the_types_of_json_and_their_lines(reads: Reads) -> None:
    reading = reads({"app.yaml": APP})
    (subject,) = reading.subjects
    assert subject.app.is_fallback_public_client is None
    assert read_value(subject.app, "web.implicitGrantSettings.enableAccessTokenIssuance") is True
    assert reading.locate(subject.key, "/web/redirectUris/0").line == 9
    assert reading.problems == ()


def test_a_list_holds_a_registration_per_element(reads: Reads) -> None:
    items = "".join("- " + APP.replace("\n", "\n  ").rstrip(" ") for _ in range(2))
    assert len(reads({"apps.yaml": items}).subjects) == 2


def test_the_old_format_and_what_is_no_yaml_are_refused_with_the_remedy(reads: Reads) -> None:
    old = "identifierUris: []\nreplyUrls:\n- http://a/\n"
    for name, text in {"old.yaml": old, "broken.yaml": f"{APP}  - [\n"}.items():
        (problem,) = reads({name: text}).problems
        assert "az ad app show -o json" in problem.hint
