"""For the tests of a pack: try its rules on their own examples, as grantlint's own tests do.

::

    from contoso_rules import RULES
    from grantlint.testing import check

    def test_every_rule_keeps_what_its_examples_promise() -> None:
        check(RULES)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["check"]


def check(rules: Sequence[Any]) -> None:
    """Raise ``AssertionError`` with a line for each thing that is wrong; *rules* are what ``@rule`` and its kin made.

    Each bad example must be reported once, at its place and with its severity, and by no other of the *rules* than its
    ``also`` names. No good example may be reported, and nothing clean that examples are merged into. Ids
    must be two or more words in kebab-case, and each at most once.
    """
    from . import _enter_for_packs

    _enter_for_packs()
    from rules.docs.examples import complaints

    found = tuple(complaints(tuple(rules)))
    if found:
        raise AssertionError("\n".join(found))
