"""The interactive page for tests: written to a file, opened in the browser, compared with the command."""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from advisor.decide.advice import advise
from advisor.decide.load import load_tree
from advisor.decide.page.build import build_page
from advisor.decide.tree import DecisionTree, walk, walks

Answers = dict[str, str]

#: A tree with one of everything that the engine knows; few enough answers to try them all.
SMALL = load_tree((Path(__file__).parent / "small.toml").read_text("utf-8"))


@cache
def bundled_paths() -> tuple[Answers, ...]:
    """The answers to each complete path of the bundled tree."""
    return tuple(paths(load_tree()))


def paths(tree: DecisionTree) -> list[Answers]:
    """The answers to each complete path of *tree*."""
    return [{step.question.fact: step.answer for step in path.asked} for path in walks(tree)]


def one_for_each_end(tree: DecisionTree) -> list[Answers]:
    """The answers to one path for each leaf with each of its credentials."""
    ends = {
        (path.leaf and path.leaf.id, path.credential and path.credential.id): {
            step.question.fact: step.answer for step in path.asked
        }
        for path in walks(tree)
    }
    return list(ends.values())


def address(answers: Answers) -> str:
    """The part of the page's address that contains *answers*."""
    return "#" + "&".join(f"{name}={answer}" for name, answer in answers.items())


def write_page(file: Path, tree: DecisionTree, initial: Answers | None = None) -> Path:
    """Write the page for *tree*."""
    file.write_text(build_page(tree, initial or {}, version="0", made_on="2026-11-24"), "utf-8")
    return file


def assert_same(page: Any, tree: DecisionTree, many: Iterable[Answers]) -> int:
    """Assert that the command and the open *page* take the same path and, where it ends, give the same advice. Return
    how many paths ended.
    """
    distinct = list({tuple(answers.items()): answers for answers in many}.values())
    script = """(many) => many.map((answers) => {
        const missing = walk(answers).missing;
        return missing ? { missing: missing.fact } : { advice: JSON.stringify(advise(answers)) };
    })"""
    ended = 0
    for answers, got in zip(distinct, page.evaluate(script, distinct), strict=True):
        missing = walk(tree, answers).missing
        if missing:
            assert got == {"missing": missing.fact}, answers
        else:
            ended += 1
            assert json.loads(got["advice"]) == json.loads(msgspec.json.encode(advise(tree, answers))), answers
    return ended
