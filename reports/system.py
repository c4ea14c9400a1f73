"""A system as Mermaid: its clients, the APIs that they call, and an arrow for each call."""

from __future__ import annotations

from reports.advice import SystemArrow, SystemPicture
from reports.escape import NAME_SHOWN, visible

#: What Mermaid reads in a quoted text: the signs of entities, of quotes and of tags (Mermaid, "Flowcharts").
_ENTITIES = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "`": "#96;", "&": "#amp;", "\\": "#92;"}


def system_mermaid(picture: SystemPicture) -> str:
    """The picture as Mermaid's ``flowchart``; a call that does not work has a dotted arrow and a cross."""
    names = {node.name: f"n{number}" for number, node in enumerate(picture.nodes, 1)}
    lines = ["flowchart LR"]
    for node in picture.nodes:
        opening, closing = ("[", "]") if node.kind == "client" else ("([", "])")
        lines.append(f'  {names[node.name]}{opening}"{_text(node.name)}<br/>{_text(node.note)}"{closing}')
    for arrow in picture.arrows:
        line = "-->" if arrow.works else "-.-x"
        label = f'|"{_text(arrow_words(arrow))}"|'
        lines.append(f"  {names[arrow.source]} {line}{label} {names[arrow.target]}")
    return "\n".join(lines) + "\n"


def arrow_words(arrow: SystemArrow) -> str:
    """The grant and the permissions of a call; words in their place where no permission is named."""
    return f"{arrow.grant}: {', '.join(arrow.permissions) or 'permissions to choose'}"


def picture_words(picture: SystemPicture) -> str:
    """The picture in words, for readers who do not see it."""
    calls = (
        f"{arrow.source} {'calls' if arrow.works else 'cannot call'} {arrow.target} ({arrow_words(arrow)})"
        for arrow in picture.arrows
    )
    return "; ".join(calls) + "."


def _text(text: str) -> str:
    return "".join(_ENTITIES.get(character, character) for character in visible(text, NAME_SHOWN))
