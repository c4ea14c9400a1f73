"""Kubernetes manifests: which registrations they name, and secrets that are in them."""

import base64
from collections.abc import Callable
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from advisor.limits import Limits
from advisor.sources.code.kubernetes import read_kubernetes
from advisor.sources.discover import read_paths
from advisor.sources.reading.builder import Builder, Reading
from rules.model.registration import HIDDEN

Reads = Callable[..., Reading]
ID = "11111111-1111-4111-8111-111111111111"
ACCOUNT = f"""# who
apiVersion: v1
kind: ServiceAccount
metadata:
  name: orders
  namespace: shop
  annotations:
    azure.workload.identity/client-id: "{ID}"
"""


def test_a_service_account_names_its_registration(reads: Reads) -> None:
    reading = reads({"deploy/sa.yaml": ACCOUNT})
    assert reading.subjects == reading.problems == ()
    assert reading.notes == (
        f"Named but not checked, because it is declared elsewhere: {ID} "
        "(deploy/sa.yaml:8, ServiceAccount shop/orders).",
    )


def test_a_folder_is_searched_for_them_and_other_yaml_is_left_alone(reads: Reads) -> None:
    reading = reads({"d/sa.yml": ACCOUNT, "d/ci.yaml": "jobs: {}\n", "d/broken.yaml": "a: [\n"}, "d")
    assert [row.name for row in reading.inputs] == ["d/sa.yml"]


def test_what_a_list_holds_is_named_too(reads: Reads) -> None:
    items = "".join(f"- {line}\n" if not n else f"  {line}\n" for n, line in enumerate(ACCOUNT.splitlines()[1:]))
    reading = reads({"all.yaml": f"apiVersion: v1\nkind: List\nitems:\n- kind: Service\n{items}"})
    (note,) = reading.notes
    assert f"{ID} (all.yaml:11, ServiceAccount shop/orders)" in note


def test_a_template_that_is_no_yaml_yet_is_read_line_by_line(reads: Reads) -> None:
    template = (
        "{{- if .Values.on }}\nmetadata:\n  annotations:\n    azure.workload.identity/client-id: {{ .Values.id "
        "| quote }}\n{{- end }}\n"
    )
    reading = reads({"t.yaml": f"{ACCOUNT}---\n{template}"})
    assert "(t.yaml:8, ServiceAccount shop/orders), a placeholder (t.yaml:13, template)" in reading.notes[0]


def secret(values: str, key: str = "stringData") -> str:
    return f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: aso-credential\n{key}:\n{values}"


def test_a_secret_of_the_service_operator_that_is_in_the_file_is_checked(reads: Reads) -> None:
    reading = reads({"s.yaml": secret(f"  AZURE_CLIENT_ID: {ID}\n  AZURE_CLIENT_SECRET: hunter2\n")})
    (subject,) = reading.subjects
    assert subject.key == ID
    assert subject.app.password_credentials[0].secret_text == HIDDEN
    origin = reading.locate(subject.key, "/passwordCredentials/0")
    assert (origin.line, origin.property) == (7, "stringData.AZURE_CLIENT_SECRET")


def test_so_is_one_that_is_only_encoded(reads: Reads) -> None:
    encoded = base64.b64encode(ID.encode()).decode()
    values = f"  AZURE_CLIENT_ID: {encoded}\n  AZURE_CLIENT_SECRET: aHVudGVyMg==\n"
    assert reads({"s.yaml": secret(values, "data")}).subjects[0].key == ID


def test_one_that_a_later_step_fills_in_is_only_named(reads: Reads) -> None:
    reading = reads({"s.yaml": secret(f"  AZURE_CLIENT_ID: {ID}\n  AZURE_CLIENT_SECRET: ${{SECRET}}\n")})
    assert reading.subjects == ()
    assert "Secret aso-credential" in reading.notes[0]


def test_a_named_file_without_a_registration_says_so(reads: Reads) -> None:
    (problem,) = reads({"a.yaml": "kind: ConfigMap\n"}).problems
    assert problem.what == "contains no registration, and refers to no registration"


@given(st.text(alphabet="ab:-{}[] \n\"'&*#|>", max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    read_kubernetes(Builder(), "x.yaml", f"{text}\nazure.workload.identity/client-id: x\n".encode())


def nested(levels: int) -> str:
    return ACCOUNT + "spec:\n" + "".join(f"{' ' * level}a:\n" for level in range(1, levels + 1))


def test_deep_nesting_ends_in_the_names_that_lines_give(reads: Reads) -> None:
    for levels in (254, 255, 256, 500):
        (note,) = reads({"deep.yaml": nested(levels)}).notes
        assert ID in note, levels


def test_aliases_that_repeat_a_tree_are_not_expanded_for_ever(reads: Reads) -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))
    (note,) = reads({"bomb.yaml": ACCOUNT + bomb, "cycle.yaml": f"x: &x [*x]\ny: AZURE_CLIENT_ID {ID}\n"}).notes
    assert f"{ID} (bomb.yaml:8, template)" in note


def test_a_manifest_over_the_limit_is_not_read_and_the_limit_can_be_raised(folder: Path) -> None:
    (folder / "long.yaml").write_text(f"{ACCOUNT}filler: {'x' * 210_000}\n")
    (row,) = read_paths(["long.yaml"], stdin=bytes).inputs
    assert (row.status, row.note) == ("not-read", "too large: the YAML is too long to read in time")
    (row,) = read_paths(["long.yaml"], stdin=bytes, limits=Limits(steps=5_000_000)).inputs
    assert row.status == "read"
