"""A session of an editor with the language server: open, type, explain, fix, accept, and quit."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lsprotocol import types as lsp

from tests.advisor.server.editor import Editor

TERRAFORM = """\
resource "azuread_application" "portal" {
  display_name = "Portal 😀"
  web {
    redirect_uris = ["https://😀.example/", "https://*.contoso.com/callback"]
    implicit_grant {
      access_token_issuance_enabled = true
    }
  }
  required_resource_access {
    resource_app_id = "00000003-0000-0000-c000-000000000000"
    resource_access {
      id   = "810c84a8-4a9e-49e6-bf7d-12d183f40d01"
      type = "Role"
    }
  }
}
"""
MANIFEST = """\
{
  "appId": "11111111-1111-4111-8111-111111111111",
  "displayName": "Portal",
  "signInAudience": "AzureADMyOrg",
  "passwordCredentials": [{"startDateTime": "2020-01-01T00:00:00Z", "endDateTime": "2020-02-01T00:00:00Z"}],
  "web": {"redirectUris": ["http://a.example/cb"]}
}
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workspace").resolve()


@pytest.fixture(scope="module")
def editor(root: Path) -> Iterator[Editor]:
    editor = Editor(root)
    yield editor
    assert editor.quit() == 0


def opened(editor: Editor, file: Path, text: str, *, saved: str | None = None) -> list[lsp.Diagnostic]:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text if saved is None else saved, "utf-8", newline="")
    editor.open(file, text)
    return editor.diagnostics(file)


def test_findings_have_places_codes_links_and_reasons(editor: Editor, root: Path) -> None:
    found = {one.code: one for one in opened(editor, root / "one/main.tf", TERRAFORM)}
    implicit = found["implicit-access-token"]
    assert (implicit.severity, implicit.source) == (lsp.DiagnosticSeverity.Error, "grantlint")
    assert str(implicit.range) == "5:38-5:42"
    assert implicit.code_description is not None
    assert implicit.code_description.href.startswith("https://")
    assert [one.message for one in implicit.related_information or ()] == ["a wildcard host"]
    # The emoji before the value is two units of UTF-16.
    assert str(found["wildcard-redirect-uri"].range) == "3:44-3:76"


def test_the_text_of_the_editor_counts_and_not_the_file(editor: Editor, root: Path) -> None:
    file = root / "two/main.tf"
    assert opened(editor, file, "# nothing yet\n", saved=TERRAFORM) == []
    editor.change(file, TERRAFORM, 2)
    assert "implicit-access-token" in {one.code for one in editor.diagnostics(file, 2)}
    editor.close(file)
    assert editor.diagnostics(file, None) == []


def test_a_sibling_counts_as_the_editor_has_it(editor: Editor, root: Path) -> None:
    variables = root / "three/variables.tf"
    opened(editor, variables, 'variable "on" {\n  default = false\n}\n')
    main = root / "three/main.tf"
    text = TERRAFORM.replace("enabled = true", "enabled = local.on") + "locals {\n  on = false\n}\n"
    assert "implicit-access-token" not in {one.code for one in opened(editor, main, text)}
    editor.change(main, text.replace("on = false", "on = true"), 2)
    assert "implicit-access-token" in {one.code for one in editor.diagnostics(main, 2)}


def test_outdated_checks_are_never_shown(editor: Editor, root: Path) -> None:
    file = root / "four/main.tf"
    opened(editor, file, TERRAFORM)
    for version in range(2, 8):
        editor.change(file, TERRAFORM + "#" * version, version)
    editor.diagnostics(file, 7)
    assert not any(editor.was_published(file, version) for version in range(2, 7))


def test_half_typed_text_has_a_problem_in_place_of_its_findings(editor: Editor, root: Path) -> None:
    file = root / "five/app.json"
    assert {one.code for one in opened(editor, file, MANIFEST)} >= {"plaintext-redirect-uri"}
    editor.change(file, MANIFEST[:-40], 2)
    assert [one.message[:12] for one in editor.diagnostics(file, 2)] == ["Not checked:"]
    editor.change(file, MANIFEST, 3)
    assert len(editor.diagnostics(file, 3)) > 1


def test_hover_explains_findings_grants_and_permissions(editor: Editor, root: Path) -> None:
    file = root / "one/main.tf"
    text = editor.hover(file, 5, 40)
    assert "**Why:** An access token in the URL can leak" in text
    assert "web.implicit\\_grant.access\\_token\\_issuance\\_enabled to false" in text
    assert "Grants that this value allows: Implicit" in text
    assert "**Mail.Read of Microsoft Graph** (application permission)" in editor.hover(file, 11, 20)
    assert editor.hover(file, 15, 1) == ""


def edits(action: lsp.CodeAction) -> list[tuple[str, str, str]]:
    assert action.edit is not None
    return [
        (change.text_document.uri.rpartition("/")[2], str(edit.range), edit.new_text)
        for change in action.edit.document_changes or ()
        if isinstance(change, lsp.TextDocumentEdit)
        for edit in change.edits
        if isinstance(edit, lsp.TextEdit)
    ]


def test_actions_fix_and_accept(editor: Editor, root: Path) -> None:
    fix, accept = editor.actions(root / "one/main.tf", 5, 40)
    assert fix.title == "Fix implicit-access-token: set to false; a client may stop working"
    assert edits(editor.resolve(fix)) == [("main.tf", "5:38-5:42", "false")]
    comment = "      # grantlint: ignore[implicit-access-token]: state the reason here\n"
    assert edits(editor.resolve(accept)) == [("main.tf", "5:0-5:0", comment)]
    assert [one.code for one in accept.diagnostics or ()] == ["implicit-access-token"]


def test_json_is_accepted_in_the_configuration(editor: Editor, root: Path) -> None:
    file = root / "five/app.json"
    action = next(one for one in editor.actions(file, 5, 30) if one.title.startswith("Accept plaintext-redirect"))
    (name, place, text), *more = edits(editor.resolve(action))
    assert (name, place, more) == ("grantlint.toml", "0:0-0:0", [])
    assert text == (
        '[[suppress]]\nrule = "plaintext-redirect-uri"\nregistration = "11111111-1111-4111-8111-111111111111"\n'
        'value = "http://a.example/cb"\nreason = "state the reason here"\n'
    )


def test_the_configuration_of_the_workspace_counts_as_it_is_edited(editor: Editor, root: Path) -> None:
    configuration = root / "grantlint.toml"
    file = root / "six/app.json"
    assert "plaintext-redirect-uri" in {one.code for one in opened(editor, file, MANIFEST)}
    try:
        configuration.write_text("", "utf-8")
        editor.open(configuration, "")
        accepted = '[[suppress]]\nrule = "plaintext-redirect-uri"\npath = "six/**"\nreason = "a test"\n'
        editor.change(configuration, accepted, 2)
        editor.change(file, MANIFEST + "\n", 2)
        assert "plaintext-redirect-uri" not in {one.code for one in editor.diagnostics(file, 2)}
        editor.change(configuration, "ignore = [", 3)
        editor.change(file, MANIFEST + "\n\n", 3)
        (only,) = editor.diagnostics(file, 3)
        assert only.message.startswith("Not checked: ")
        assert "grantlint.toml" in only.message
    finally:
        editor.close(configuration)
        configuration.unlink()


def test_hints_name_permissions_and_ages(editor: Editor, root: Path) -> None:
    assert editor.hints(root / "one/main.tf") == ["Mail.Read"]
    file = root / "seven/app.json"
    opened(editor, file, MANIFEST)
    old, expired = editor.hints(file)
    assert old.endswith(" days old")
    assert expired.startswith("expired ")


def test_an_id_is_completed_from_its_name(editor: Editor, root: Path) -> None:
    file = root / "eight/main.tf"
    opened(editor, file, TERRAFORM.replace("810c84a8-4a9e-49e6-bf7d-12d183f40d01", "Mail.Rea"))
    items = editor.complete(file, 11, 22)
    item = next(one for one in items if one.label == "Mail.Read (application)")
    assert item.text_edit == lsp.TextEdit(
        lsp.Range(lsp.Position(11, 14), lsp.Position(11, 22)), "810c84a8-4a9e-49e6-bf7d-12d183f40d01"
    )


def test_a_document_that_is_in_no_file_is_checked(editor: Editor) -> None:
    item = lsp.TextDocumentItem("untitled:Untitled-1", "json", 1, MANIFEST)
    editor._call(editor.client.text_document_did_open, lsp.DidOpenTextDocumentParams(item))
    with editor._news:
        assert editor._news.wait_for(lambda: ("untitled:Untitled-1", 1) in editor._published, 20)
    assert editor._published["untitled:Untitled-1", 1]
