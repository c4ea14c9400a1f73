"""Load a decision tree: the one that comes with the product, another whole one, or an organization's file merged into
ours.

The tests and ``grantlint tree --check`` prove the bundled tree; every other one is proved when it is loaded.
"""

from __future__ import annotations

from functools import lru_cache

from advisor.decide.files import Text, assemble, bundled_texts, join, parse_file
from advisor.decide.overlay import laid_and_proved
from advisor.decide.proof import prove
from advisor.decide.tree import DecisionTree


def load_tree(text: str | None = None, *, file: str = "tree.toml") -> DecisionTree:
    """Load the bundled tree, or prove and return the one in *text*: a whole tree, or the file of an organization.

    *file* is what messages call the text. Raises ``TreeError`` with file, line and path for a text that is not a tree,
    or a tree that fails its proof.
    """
    if text is None:
        return _bundled()
    own = Text(file, text)
    parts = parse_file(own)
    if not parts.start:
        return laid_and_proved(_bundled(), parts, own)
    tree = assemble(parts, (own,))
    prove(tree, (own,))
    return tree


@lru_cache(maxsize=1)
def _bundled() -> DecisionTree:
    texts = bundled_texts()
    return assemble(join(parse_file(text) for text in texts), texts)
