"""Values of options that need no conversion: they are taken as they are.

Typer converts every value with pydantic, the default of an option too. Loading it takes a fifth of the time in which
one file is checked.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin

_NOT_PLAIN: Final = object()


def take_as_they_are(parameters: Iterable[Any]) -> None:
    """Let *parameters* of Typer take values that need no conversion as they are, and leave all others to Typer."""
    for parameter in parameters:
        parameter._runtime_param = _AsItIs()  # Typer makes its own here when it is needed


class _AsItIs:
    """In the place of Typer's conversion, which it calls for the values that need one."""

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The *value* of a parameter as Typer converts it."""
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        taken = _as_it_is(value, param.type_descriptor.annotation)
        if taken is not _NOT_PLAIN:
            return taken
        param._runtime_param = None
        return param.get_runtime_param().coerce(value, param=param, ctx=ctx)


def _as_it_is(value: Any, kind: Any) -> Any:
    """*value* as *kind*; ``_NOT_PLAIN`` where that takes more than a constructor."""
    if get_origin(kind) is list and not isinstance(value, str):
        taken = [_as_it_is(one, *get_args(kind)) for one in value]
        return _NOT_PLAIN if _NOT_PLAIN in taken else taken
    is_text = kind in (str, Path) and isinstance(value, (str, kind)) and _is_unicode(str(value))
    is_default = kind in (int, float) and type(value) in (int, kind)  # what is typed is text
    if is_text or is_default:
        return kind(value)
    return value if get_origin(kind) is Literal and value in get_args(kind) else _NOT_PLAIN


def _is_unicode(text: str) -> bool:
    """Whether *text* is valid Unicode; an argument of other bytes is not."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
