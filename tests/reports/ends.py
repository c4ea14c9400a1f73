"""The advice at every leaf and every credential of the bundled tree, each once."""

from functools import cache

from advisor.decide.advice import advise
from advisor.decide.load import load_tree
from advisor.decide.tree import walks
from reports.advice import Advice

TREE = load_tree()


def _paths() -> dict[str, dict[str, str]]:
    """The answers that lead to each end which no earlier path has shown."""
    found: dict[str, dict[str, str]] = {}
    seen: set[str] = set()
    for path in walks(TREE):
        ends = {part.id for part in (path.leaf, path.credential) if part}
        if not ends <= seen:
            seen |= ends
            found[" ".join(sorted(ends))] = {step.question.fact: step.answer for step in path.asked}
    return found


PATHS = _paths()


@cache
def advice_at(name: str) -> Advice:
    """The advice at the end of that name."""
    return advise(TREE, PATHS[name], client_name=name)
