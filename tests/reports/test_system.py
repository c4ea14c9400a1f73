"""A system as a picture: as Mermaid and as SVG."""

import re
from xml.etree import ElementTree

import pytest

from reports.formats.html import render_html
from reports.formats.json import parse_report
from reports.formats.markdown import render_markdown
from reports.html.system_svg import columns, draw_system
from reports.stored import encode
from reports.system import system_mermaid
from tests.reports.systems import picture, system_report


def test_mermaid_has_a_node_for_each_client_and_an_arrow_for_each_call() -> None:
    assert system_mermaid(picture("Page>API", "Job!API")).splitlines() == [
        "flowchart LR",
        '  n1["Page<br/>Client credentials"]',
        '  n2["API<br/>Client credentials"]',
        '  n3["Job<br/>Client credentials"]',
        '  n1 -->|"on_behalf_of: A.Read"| n2',
        '  n3 -.-x|"on_behalf_of: A.Read"| n2',
    ]


def test_a_hostile_name_stays_a_text_in_mermaid() -> None:
    text = system_mermaid(picture('a"]\nclick x "javascript:1>b', hostile='"|<b>&#`\n'))
    assert all(re.fullmatch(r'  n\d(\["[^"<>]*<br/>[^"<>]*"\]| -->\|"[^"<>|]*\|?[^"<>|]*"\| n\d)', line) for line in
               text.splitlines()[1:])  # fmt: skip


def test_callers_are_on_the_left_of_what_they_call() -> None:
    assert columns(picture("Page>API", "API>Graph", "Page>Graph", "Job>API")) == {
        "Page": 0,
        "API": 1,
        "Graph": 2,
        "Job": 0,
    }


@pytest.mark.parametrize("calls", [("A>B", "B>A"), ("A>A",), ("A>B", "B>C", "C>A", "D>A")])
def test_a_circle_is_drawn(calls: tuple[str, ...]) -> None:
    drawn = ElementTree.fromstring(draw_system(picture(*calls), name="x", title="The system"))
    assert len(drawn.findall("path")) == 2 * len(calls)


def test_every_word_is_inside_of_the_drawing_and_no_two_overlap() -> None:
    calls = ("Page>API", "Page>Agent", "Agent>API", "Job>Stock", "API>Graph", "Page>Graph", "Job>API")
    drawn = ElementTree.fromstring(draw_system(picture(*calls), name="x", title="The system"))
    width, height = (float(drawn.attrib[name]) for name in ("width", "height"))
    places = [(float(one.attrib["x"]), float(one.attrib["y"])) for one in drawn.iter("tspan")]
    assert all(0 < x < width and 0 < y < height for x, y in places)
    assert len(set(places)) == len(places)
    boxes = [tuple(float(one.attrib[name]) for name in ("x", "y", "width", "height")) for one in drawn.findall("rect")]
    assert all(
        a is b or a[0] + a[2] <= b[0] or b[0] + b[2] <= a[0] or a[1] + a[3] <= b[1] or b[1] + b[3] <= a[1]
        for a in boxes
        for b in boxes
    )


def test_the_drawing_is_described_and_markup_in_it_is_inert() -> None:
    text = draw_system(picture("<script >API", hostile='"><script>'), name="x", title="The system")
    drawn = ElementTree.fromstring(text)
    assert "<script" not in text
    assert drawn.findtext("desc", "").startswith("<script  calls API (on_behalf_of")
    assert drawn.attrib["aria-labelledby"] == "x-title x-description"


def test_every_report_contains_the_system() -> None:
    report = system_report()
    assert '<svg class="system" role="img"' in render_html(report)
    assert '"on_behalf_of: A.Read"' in render_markdown(report)
    assert parse_report(encode(report)) == report
