"""How the work of a function grows: Python and C calls are counted, for seconds differ from machine to machine."""

import sys
from collections.abc import Callable


def calls(work: Callable[[], object]) -> int:
    """How many functions are called while *work* runs."""
    count = 0

    def seen(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def growth(work: Callable[[int], Callable[[], object]], size: int) -> float:
    """By how much the number of calls is multiplied when *size* is doubled: 2 is linear, 4 quadratic.

    *work* prepares the input of a size, and returns what is to be counted.
    """
    work(2 * size)()  # what is loaded or cached once does not count
    return calls(work(2 * size)) / calls(work(size))
