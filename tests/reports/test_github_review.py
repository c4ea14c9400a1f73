"""The format ``github-review``: suggestions that apply, within the limits of GitHub, from untrusted files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reports.formats.github_review import LONGEST, MOST
from tests.conftest import Run

RULES = ("--isolated", "--select", "plaintext-information-url", "--select", "debugging-redirect-host")


def review(grantlint: Callable[..., Run], *paths: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(grantlint("lint", *paths, "--format", "github-review", *RULES).out)
    return found


def test_suggestions_give_what_fix_writes(folder: Path, grantlint: Callable[..., Run]) -> None:
    text = (
        '{"displayName": "Portal",\r\n\t"web": {\r\n\t\t"redirectUris": [\r\n\t\t\t"https://a.contoso.com/",\r\n'
        '\t\t\t"https://oauth.pstmn.io/v1/callback"\r\n\t\t],\r\n\t\t"homePageUrl": "http://www.contoso.com"}}\r\n'
    )
    Path("app").mkdir()
    Path("app/a b.json").write_bytes(text.encode())
    comments = review(grantlint, "app/a b.json")["comments"]
    assert isinstance(comments, list)
    (home,) = (one for one in comments if "homePageUrl" in one["body"])
    assert (home["path"], home["line"], home["side"]) == ("app/a b.json", 7, "RIGHT")
    assert home["body"].endswith('```suggestion\n\t\t"homePageUrl": "https://www.contoso.com"}}\n```')


def test_untrusted_text_ends_no_fence_and_mentions_nobody(folder: Path, grantlint: Callable[..., Run]) -> None:
    text = '{"displayName": "<b>@all</b>",\n"notes": "```", "web": {"homePageUrl": "http://a.b"}}\n'
    Path("m.json").write_text(text, "utf-8")
    found = review(grantlint, "m.json")
    (comment,) = found["comments"]
    assert comment["body"].endswith('````suggestion\n"notes": "```", "web": {"homePageUrl": "https://a.b"}}\n````')
    assert "<b>" not in comment["body"].partition("````")[0]
    assert "@all" not in comment["body"].partition("````")[0]


def test_a_line_with_a_secret_or_a_control_character_is_not_suggested(
    folder: Path, grantlint: Callable[..., Run]
) -> None:
    secret = "Abc8Q~" + "d" * 34
    for name, notes in (("secret", secret), ("control", "\u202e")):
        text = f'{{"displayName": "P",\n"notes": "{notes}", "web": {{"homePageUrl": "http://a.b"}}}}\n'
        Path(f"{name}.json").write_text(text, "utf-8")
        assert review(grantlint, f"{name}.json")["comments"] == []


def test_a_review_is_within_the_limits(folder: Path, grantlint: Callable[..., Run]) -> None:
    for number in range(MOST + 20):
        text = f'{{"displayName": "P{number}",\n"web": {{"homePageUrl": "http://a.b"}}}}\n'
        Path(f"{number}.json").write_text(text, "utf-8")
    found = review(grantlint, *(f"{number}.json" for number in range(MOST + 20)))
    comments = found["comments"]
    assert isinstance(comments, list)
    assert (found["event"], len(comments)) == ("COMMENT", MOST)
    assert "20 further suggestions left out" in str(found["body"])
    assert all(len(text) <= LONGEST for text in (str(found["body"]), *(one["body"] for one in comments)))
