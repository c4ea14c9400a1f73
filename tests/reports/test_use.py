"""The use of grants in Markdown: what follows first, what is not known as a number, and redirect URIs once."""

from reports.formats.markdown import render_markdown
from reports.use import REDIRECT_URIS
from tests.reports.sample import sample_report, usage_report


def test_markdown_has_what_follows_from_the_use_of_grants_the_gravest_first() -> None:
    text = render_markdown(usage_report())
    block = next(block for block in text.split("\n\n") if "`Contoso Orders API` `implicit`" in block).split("\n")
    assert block[0].startswith("- `Contoso Orders API` `implicit`: last seen 2026-11-19, 120 sign-ins; blocked today")
    assert block[1].startswith("- `Contoso Portal` `implicit`: not seen from 2026-10-01 to 2026-11-20")
    assert block[1].endswith("2 sign-ins failed; can be turned off")
    assert block[-2:] == ["- 2 grants of registrations: use not known", f"- {REDIRECT_URIS}"]


def test_markdown_without_evidence_says_nothing_of_use() -> None:
    assert "Use of grants" not in render_markdown(sample_report())
