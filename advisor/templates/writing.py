"""What the languages share: names of variables, comments, and JSON with values in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from advisor.templates.model import Inserted, Joined, Plan, Planned
from reports.escape import visible
from reports.fix_plan.words import body_text, paragraph

#: The first lines of every template.
ABOUT = (
    "Registrations of a system, made by grantlint from the answers. Read this file before you run it: grantlint never "
    "writes to a tenant."
)


def camel(words: str) -> str:
    """A name in camel case from words joined by hyphens."""
    first, *rest = words.split("-")
    return first + "".join(word.capitalize() for word in rest)


def snake(words: str) -> str:
    """A name with underscores from words joined by hyphens."""
    return words.replace("-", "_")


def comments(texts: Iterator[str] | list[str] | tuple[str, ...], mark: str) -> list[str]:
    """Lines of comments. Each text is made visible, so that no name can begin a line of its own."""
    return [f"{mark} {line}" for text in texts for line in paragraph(visible(text))]


def head(plan: Plan, mark: str, *how: str) -> list[str]:
    """The first comments of a template: what it is, how it is run, and what is left to do by hand."""
    lines = comments([ABOUT, *how], mark)
    left = [*plan.notes, *(f"{one.name}: {note}" for one in plan.registrations for note in one.notes)]
    if left:
        lines += [mark, *comments(["To do manually:"], mark)]
        lines += [f"{mark} {line}" for text in left for line in paragraph(visible(text), "- ", "  ")]
    return lines


def credential_notes(planned: Planned) -> list[str]:
    """What to do for a credential that a template does not create."""
    if planned.credential == "secret":
        return [f"Add a client secret to {planned.name} and store it in a vault. A template would print or store it."]
    if planned.credential == "certificate":
        return [f"Add the certificate of {planned.name}, without its private key."]
    return []


def json_with(value: Any, write: Callable[[Inserted], str], indent: int | None = None) -> str:
    """*value* as JSON in ASCII, in which no text contains a quote, dollar or brace of a shell or an editor.

    *write* says how what is inserted into a text is written.
    """
    found: list[Inserted] = []

    def plain(item: Any) -> Any:
        if isinstance(item, dict):
            return {key: plain(one) for key, one in item.items()}
        if isinstance(item, list):
            return [plain(one) for one in item]
        if isinstance(item, Joined):
            return "".join(plain(part) for part in item.parts)
        if isinstance(item, Inserted):
            found.append(item)
            return f"\0{len(found) - 1}\0"
        return item

    text = body_text(plain(value), indent)
    for number, item in enumerate(found):
        text = text.replace(f"\\u0000{number}\\u0000", write(item))
    return text
