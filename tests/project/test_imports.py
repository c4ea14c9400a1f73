"""No modules import each other in a circle, neither at the top nor inside functions."""

from collections.abc import Iterator, Mapping, Set

import grimp
import pytest

PACKAGES = ("rules", "reports", "advisor")


def cycles(imports: Mapping[str, Set[str]]) -> Iterator[list[str]]:
    """One shortest cycle for each group of modules that import each other (strongly connected components, Tarjan)."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []

    def visit(module: str) -> Iterator[list[str]]:
        number[module] = lowest[module] = len(number)
        stack.append(module)
        for other in sorted(imports[module]):
            if other not in number:
                yield from visit(other)
                lowest[module] = min(lowest[module], lowest[other])
            elif other in stack:
                lowest[module] = min(lowest[module], number[other])
        if lowest[module] == number[module]:
            start = stack.index(module)
            group = stack[start:]
            del stack[start:]
            if len(group) > 1:
                yield shortest(imports, set(group), module)

    for module in sorted(imports):
        if module not in number:
            yield from visit(module)


def shortest(imports: Mapping[str, Set[str]], group: Set[str], start: str) -> list[str]:
    """The shortest way from *start* back to itself inside the *group*."""
    ways = [[start]]
    while True:
        way = ways.pop(0)
        for other in sorted(imports[way[-1]] & group):
            if other == start:
                return [*way, start]
            if other not in way:
                ways.append([*way, other])


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    found = [" -> ".join(cycle) for cycle in cycles(imports)]
    assert not found, "import cycles:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("imports", "found"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"b"}, "b": {"a"}}, [["a", "b", "a"]]),
        ({"a": {"b"}, "b": {"c", "d"}, "c": {"d"}, "d": {"b"}}, [["b", "d", "b"]]),
        ({"a": {"b"}, "b": {"a"}, "c": {"d", "a"}, "d": {"c"}}, [["a", "b", "a"], ["c", "d", "c"]]),
    ],
)
def test_a_circle_is_found_and_shown(imports: dict[str, set[str]], found: list[list[str]]) -> None:
    assert list(cycles(imports)) == found
