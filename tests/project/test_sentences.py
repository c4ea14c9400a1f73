"""One sentence, one place: no two modules say the same in words of their own."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: Rules are read one by one, and each says what it says in full.
APART = "rules/families/"
#: This many words make a sentence that must not be written twice.
WORDS = 6


def sentences(tree: ast.Module) -> Iterator[str]:
    """The texts of a module that are no docstrings; what an f-string inserts is a pair of braces."""
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside | alone:
            yield node.value


def test_no_sentence_is_in_two_modules() -> None:
    found: dict[str, set[str]] = {}
    for top in ("advisor", "reports", "rules"):
        for path in (ROOT / top).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(APART):
                for text in sentences(ast.parse(path.read_text("utf-8"))):
                    words = text.lower().split()
                    if sum(word[0].isalpha() or word[0] == "{" for word in words) >= WORDS:
                        found.setdefault(" ".join(words), set()).add(name)
    assert {text: sorted(names) for text, names in found.items() if len(names) > 1} == {}
