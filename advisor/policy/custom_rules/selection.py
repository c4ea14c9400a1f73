"""A ``select`` expression: parsed and checked once, then asked of each registration.

Nothing but what the expression reads is turned into JSON values, and a value that it needs and nobody read is a gap.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any, Final

import msgspec
from jmespath.exceptions import (
    EmptyExpressionError,
    IncompleteExpressionError,
    LexerError,
    ParseError,
)
from jmespath.functions import Functions
from jmespath.parser import Parser

from advisor.policy.custom_rules.reads import EACH, Node, Reads, reads
from advisor.policy.custom_rules.trace import ApplyError, Placed, Tracer
from rules.model.clean import KINDS, clean
from rules.model.registration import UNSET, Registration
from rules.primitives.texts import counted

#: Functions whose result says nothing by itself: it has to be compared.
_COUNTS: Final = frozenset(
    {"length", "abs", "avg", "ceil", "floor", "sum", "to_number", "join", "to_string", "type", "keys"}
)


class SelectError(Exception):
    """An expression that cannot select; ``word`` is what is wrong in it, ``known`` what might have been meant."""

    def __init__(self, what: str, *, hint: str = "", word: str = "", known: tuple[str, ...] = ()) -> None:
        super().__init__(what)
        self.hint = hint
        self.word = word
        self.known = known


class Selected(msgspec.Struct, frozen=True, gc=False):
    """An offending value: where it stands, and the value itself; ``True`` when the expression only said that one offends."""

    pointer: str
    value: Any


class Missing(msgspec.Struct, frozen=True, gc=False):
    """A place that could not be judged. ``note`` says what stands there when it was read, in vain."""

    pointer: str
    note: str = ""


class Selection:
    """What ``select`` says of a registration. Raises ``SelectError`` for an expression that is none, or can never select."""

    def __init__(self, text: str) -> None:
        self._tree = _parse(text)
        _check_calls(self._tree)
        self.reads: Final[Reads] = reads(self._tree)
        if self._tree["type"] == "literal" or (
            self._tree["type"] == "function_expression" and self._tree["value"] in _COUNTS
        ):
            raise SelectError("gives the same kind of value for every registration", hint=_COMPARE)
        self._tracer = Tracer()
        self._inside = _under(self.reads.each, self.reads.inside) if self.reads.each else self.reads.inside
        #: The beginning of the pointers of elements that are judged singly; no pointer begins with a space.
        self._start = f"/{self.reads.each.replace('.', '/')}/" if self.reads.each else " "
        self._document = _document_of(self.reads)
        self._home = "/" + (self.reads.paths[0].replace(".", "/") if self.reads.paths else "displayName")
        self._try()

    def ask(self, app: Registration) -> Iterator[Selected | Missing]:
        """What the expression selects of *app*, and what it could not judge; each place once."""
        document = self._document(app)
        gaps = dict.fromkeys(self._unit(place) for way in self._inside for place in _absent(document, way, ""))
        # What a source marked as unread is told by the engine, which knows the reason.
        yield from (Missing(pointer) for pointer in gaps if pointer not in app.unread)
        if gaps and not self.reads.each:
            return
        skip = {*gaps, *(self._unit(pointer) for pointer in app.unread if self._concerns(pointer))}
        seen: set[str] = set()
        try:
            for found in self._tracer.select(self._tree, document, skip):
                pointer = found.pointer or self._home
                if pointer not in seen:
                    seen.add(pointer)
                    yield Selected(pointer, _value(found, document))
        except ApplyError as error:
            yield Missing(self._home, str(error))

    def _unit(self, pointer: str) -> str:
        """What cannot be judged without the value at *pointer*: the element that it belongs to, where they are judged singly."""
        if not pointer.startswith(self._start):
            return pointer
        return self._start + pointer.removeprefix(self._start).partition("/")[0]

    def _concerns(self, pointer: str) -> bool:
        """Whether an element can be judged only with the value at *pointer*, which lies in it or is it."""
        if not pointer.startswith(self._start):
            return False
        tokens = pointer.split("/")[1:]
        return self._unit(pointer) == pointer or any(
            all(EACH in (one, other) or one == other for one, other in zip(way, tokens, strict=False))
            for way in self._inside
        )

    def _try(self) -> None:
        """Evaluate it on registrations of each kind: a function that takes no such value fails here and not in a run."""
        for kind in KINDS:
            try:
                tuple(self._tracer.select(self._tree, clean(kind)))
            except ApplyError as error:
                raise SelectError(f"cannot be applied: {error}", hint=_GUARD) from None
            except RecursionError:
                raise SelectError("is nested too deeply", hint="flatten it") from None


_GUARD: Final = "look at the types of what it reads: grantlint rules, or Microsoft Graph's page on application"
_COMPARE: Final = "compare it, as in length(owners) > `5`"


def _parse(text: str) -> Node:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of `x` for the text x, which is old and works
            tree: Node = Parser().parse(text).parsed
    except EmptyExpressionError:
        raise SelectError("is empty", hint="write what selects the offending values") from None
    except IncompleteExpressionError:
        raise SelectError("is no JMESPath: it ends too early", hint="close what was opened") from None
    except LexerError as error:
        what = f"is no JMESPath: {error.message} at character {error.lexer_position + 1}"
        raise SelectError(what, hint="see jmespath.org") from None
    except ParseError as error:
        what = f"is no JMESPath: {error.token_value!r} at character {error.lex_position + 1} does not belong there"
        raise SelectError(what, hint="see jmespath.org") from None
    except (ValueError, RecursionError):
        raise SelectError("is no JMESPath", hint="see jmespath.org") from None
    return tree


def _check_calls(node: Node) -> None:
    """Refuse functions that do not exist, and wrong numbers of arguments: the library finds that out when it calls them."""
    children = [child for child in node["children"] if isinstance(child, dict)]
    if node["type"] == "function_expression":
        name = node["value"]
        if name not in Functions.FUNCTION_TABLE:
            known = tuple(sorted(Functions.FUNCTION_TABLE))
            raise SelectError(f"calls a function {name}() that JMESPath does not have", word=name, known=known)
        signature = Functions.FUNCTION_TABLE[name]["signature"]
        variadic = bool(signature) and signature[-1].get("variadic")
        if len(children) < len(signature) or (len(children) > len(signature) and not variadic):
            takes = f"{'at least ' if variadic else ''}{counted(len(signature), 'argument')}"
            raise SelectError(f"calls {name}() with {len(children)}: it takes {takes}", hint="see jmespath.org")
    for child in children:
        _check_calls(child)


def _under(each: str, inside: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    """Ways in lists, from the elements of the list *each* on."""
    start = (*each.split("."), EACH)
    return tuple(way for way in inside if way[: len(start)] == start)


def _document_of(found: Reads) -> Callable[[Registration], dict[str, Any]]:
    """A function that turns what the expression reads of a registration into JSON values; what was not read is left out."""
    names = tuple(dict.fromkeys(path.partition(".")[0] for path in found.paths))
    wanted = [field for field in msgspec.structs.fields(Registration) if found.whole or field.encode_name in names]
    getters = tuple((field.encode_name, attrgetter(field.name)) for field in wanted)
    encode, decode = msgspec.json.Encoder().encode, msgspec.json.Decoder().decode

    def document(app: Registration) -> dict[str, Any]:
        values = {name: value for name, get in getters if (value := get(app)) is not UNSET}
        found: dict[str, Any] = decode(encode(values))
        return found

    return document


def _absent(value: Any, way: tuple[str, ...], pointer: str) -> Iterator[str]:
    """The pointers at which the objects along *way* have no such property. A null has none, and lacks nothing."""
    for position, token in enumerate(way):
        if token == EACH:
            for index, element in enumerate(value if isinstance(value, list) else ()):
                yield from _absent(element, way[position + 1 :], f"{pointer}/{index}")
            return
        if not isinstance(value, dict):
            return
        pointer = f"{pointer}/{token}"
        if token not in value:
            yield pointer
            return
        value = value[token]


def _value(found: Placed, document: dict[str, Any]) -> Any:
    """What offends, for people: where the expression only said that something does, what stands at its place."""
    if found.value is not True or not found.made:
        return found.value
    value: Any = document
    for token in found.pointer.split("/")[1:]:
        value = value[int(token)] if isinstance(value, list) else value.get(token)
    return True if value is document else value
