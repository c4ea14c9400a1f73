"""Functions of Terraform, Bicep and ARM of which can be said what they come to without running anything.

Sources: HashiCorp, "Terraform functions"; Microsoft, "Bicep functions" and "ARM template functions". Where two
languages give a name another meaning, the arguments say which one is meant; else the value is not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from advisor.limits import spend
from advisor.sources.code.collection_functions import COLLECTIONS
from advisor.sources.code.function_arguments import Function, Unknowable, as_text, elements, known, scalar, switch
from advisor.sources.reading.node import Node


def _format(arguments: Sequence[Node]) -> str:
    """ARM's and Bicep's ``{0}``, Terraform's ``%s``."""
    texts = [as_text(known(argument)) for argument in arguments]
    if None in texts or texts[0] is None:
        raise Unknowable
    pattern, *values = (text or "" for text in texts)
    if "%" in pattern and "{0}" not in pattern:
        if pattern.replace("%s", "").replace("%d", "").count("%"):
            raise Unknowable
        try:
            return pattern.replace("%d", "%s") % tuple(values)
        except TypeError:  # as many values as places are wanted
            raise Unknowable from None
    for number, value in enumerate(values):
        pattern = _filled_in(pattern, f"{{{number}}}", value)
    if "{" in pattern:
        raise Unknowable
    return pattern


def _join(arguments: Sequence[Node]) -> str:
    """Terraform names the separator first, Bicep and ARM last."""
    one, other = arguments
    joined, separator = (one, other) if isinstance(one.value, list) else (other, one)
    texts = [as_text(known(element)) for element in elements(joined)]
    between = known(separator)
    if None in texts or not isinstance(between, str):
        raise Unknowable
    spend(characters=len(between) * len(texts))
    return between.join(text for text in texts if text is not None)


def _replaced(arguments: Sequence[Node]) -> str:
    """A text with another for each of its occurrences; what Terraform takes for a regular expression is left alone."""
    text, old, new = (known(argument) for argument in arguments)
    if not all(isinstance(one, str) for one in (text, old, new)) or not old or old[:1] == old[-1:] == "/" != old:
        raise Unknowable
    return _filled_in(text, old, new)


def _filled_in(text: str, old: str, new: str) -> str:
    """*text* with *new* for each *old*. Its length is counted first, for it can be that of both multiplied."""
    spend(characters=len(text) + text.count(old) * len(new))
    return text.replace(old, new)


def _all(arguments: Sequence[Node]) -> bool:
    """Whether all hold; one that does not decides, whatever the others are."""
    return False if any(one.value is False for one in arguments) else all(switch(one) for one in arguments)


def _any(arguments: Sequence[Node]) -> bool:
    return True if any(one.value is True for one in arguments) else any(switch(one) for one in arguments)


def _first_known(arguments: Sequence[Node]) -> Node:
    for argument in arguments:
        if known(argument) is not None:
            return argument
    raise Unknowable


def _tried(arguments: Sequence[Node]) -> Node:
    """The first that works: what is not known may or may not."""
    if not arguments[0].known:
        raise Unknowable
    return arguments[0]


def _chosen(arguments: Sequence[Node]) -> Node:
    return arguments[1] if switch(arguments[0]) else arguments[2]


#: By names in lower case: Terraform's, Bicep's and ARM's.
FUNCTIONS: Final[Mapping[str, Function]] = {
    **COLLECTIONS,
    "and": _all,
    "coalesce": _first_known,
    "equals": lambda arguments: scalar(arguments[0]) == scalar(arguments[1]),
    "false": lambda _: False,
    "format": _format,
    "if": _chosen,
    "join": _join,
    "lower": lambda arguments: str(scalar(arguments[0])).lower(),
    "not": lambda arguments: not switch(arguments[0]),
    "null": lambda _: None,
    "or": _any,
    "replace": _replaced,
    "string": lambda arguments: as_text(scalar(arguments[0])),
    "tobool": lambda arguments: switch(arguments[0]),
    "tolower": lambda arguments: str(scalar(arguments[0])).lower(),
    "tostring": lambda arguments: as_text(scalar(arguments[0])),
    "toupper": lambda arguments: str(scalar(arguments[0])).upper(),
    "true": lambda _: True,
    "try": _tried,
    "upper": lambda arguments: str(scalar(arguments[0])).upper(),
}
