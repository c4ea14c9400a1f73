"""``grantlint tree`` draws the tree and says what was proved."""

from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.decide.files import bundled_texts
from advisor.decide.load import load_tree
from advisor.decide.proof import prove


def test_the_tree_is_drawn(grantlint: Callable) -> None:
    run = grantlint("tree")
    assert run.status == 0
    assert run.out.startswith("  api: Which API does the client call?")
    assert "hosted-on: Where does the component" in run.out
    assert run.err == ""
    assert max(map(len, run.out.splitlines())) <= 100


def test_a_path_is_marked(grantlint: Callable) -> None:
    run = grantlint("tree", "-a", "api=graph", "-a", "runs-in=browser")
    assert run.out.startswith("> api: ")
    assert "> │  ├─ browser" in run.out


def test_mermaid_for_a_wiki(grantlint: Callable) -> None:
    run = grantlint("tree", "--format", "mermaid", "-a", "api=none")
    assert run.out.startswith("flowchart TD\n")
    assert "linkStyle 12 stroke-width:4px" in run.out


def test_the_proof_is_told_in_figures(grantlint: Callable) -> None:
    run = grantlint("tree", "--check")
    assert run.status == 0
    first, second, path, *rest = run.out.splitlines()
    proof = prove(load_tree(), bundled_texts())
    assert first == (
        f"proved: {proof.questions} questions, {proof.asides} asides, {proof.leaves} leaves, "
        f"{proof.credentials} credentials, {proof.notes} notes"
    )
    assert second == f"{proof.paths} paths; the longest asks 9 questions:"
    assert path.count("=") == 9
    assert "every path ends in one leaf" in " ".join(rest)


def test_another_tree_can_be_proved(grantlint: Callable, folder: Path) -> None:
    text = (Path(__file__).parents[1] / "decide" / "whole.toml").read_text("utf-8")
    (folder / "ours.toml").write_text(text, "utf-8")
    run = grantlint("tree", "ours.toml", "--check")
    assert run.status == 0
    assert "ours.toml:16: question token-for has no unsure; " in run.err
    (folder / "ours.toml").write_text(text.replace('then = "spa"', 'then = "spaa"'), "utf-8")
    run = grantlint("tree", "ours.toml", "--check")
    assert run.status == 2
    assert run.out == ""
    assert "ours.toml:" in run.err
    assert "page-tokens=page leads to 'spaa', which does not exist" in run.err


def test_a_setting_that_nobody_can_enter_is_found(grantlint: Callable, folder: Path) -> None:
    text = (Path(__file__).parents[1] / "decide" / "whole.toml").read_text("utf-8")
    permissions = 'value = "application permissions (type Role), as few as possible"'
    assert permissions in text
    (folder / "ours.toml").write_text(text.replace(permissions, 'value = "few permissions"'), "utf-8")
    run = grantlint("tree", "ours.toml", "--check")
    assert run.status == 1
    assert "ours.toml: requiredResourceAccess has a value that cannot be entered: few permissions" in run.err
    assert "registrations have no findings" not in run.out


@pytest.mark.parametrize("arguments", [(), ("--questions",), ("--format", "mermaid"), ("--format", "svg")])
def test_a_tree_of_strangers_sends_nothing_raw_to_the_terminal(
    grantlint: Callable, folder: Path, arguments: tuple[str, ...]
) -> None:
    text = (Path(__file__).parents[1] / "decide" / "whole.toml").read_text("utf-8")
    evil = text.replace("A person's rights (also", r"\u001b[31m\u202e\u009b\u0007 rights (also")
    assert evil != text
    (folder / "ours.toml").write_text(evil, "utf-8")
    run = grantlint("tree", "ours.toml", *arguments)
    assert run.status == 0
    assert not set("\x1b\u202e\x9b\x07") & set(run.out)


def test_a_tree_that_is_not_there(grantlint: Callable, folder: Path) -> None:
    run = grantlint("tree", "none.toml")
    assert run.status == 2
    assert "none.toml: there is no such file; check the path" in run.err


def test_an_unknown_answer_is_one_line(grantlint: Callable) -> None:
    run = grantlint("tree", "-a", "token-for=users")
    assert run.status == 2
    assert run.err.count("\n") == 1
    assert "did you mean user?" in run.err
