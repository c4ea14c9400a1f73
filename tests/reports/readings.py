"""What each reader of a format makes of it: the findings that it would show, as its own documentation says it reads."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from typing import NamedTuple
from xml.etree.ElementTree import fromstring

Counts = Counter[tuple[str, str]]

#: Why the sample report has a gap.
GAP = "a placeholder is in its place"

_WORDS = {"blocker": "critical", "critical": "high", "major": "medium", "minor": "low", "info": "info"}


def json_counts(text: str) -> Counts:
    return Counter((row["state"], row["severity"]) for row in json.loads(text)["findings"])


def sarif_counts(text: str) -> Counts:
    (run,) = json.loads(text)["runs"]
    return Counter((result["properties"]["state"], result["properties"]["severity"]) for result in run["results"])


def junit_counts(text: str) -> Counts:
    """The lines of failed and skipped cases that speak of a finding."""
    counts: Counts = Counter()
    for element in fromstring(text).iter():
        if element.tag not in ("failure", "skipped"):
            continue
        for line in (element.text or "").splitlines():
            if found := re.match(r"(critical|high|medium|low|info): ", line):
                known, accepted = line.endswith("(known before)"), "(accepted" in line
                counts["known" if known else "suppressed" if accepted else "new", found[1]] += 1
    return counts


def gitlab_counts(text: str) -> Counter[str]:
    """GitLab shows one issue for each fingerprint."""
    issues = {issue["fingerprint"]: issue for issue in json.loads(text)}
    return Counter(_WORDS[issue["severity"]] for issue in issues.values())


def github_counts(text: str) -> Counter[str]:
    return Counter(
        re.findall(r"^::(?:error|warning|notice) [^:]*title=(critical|high|medium|low|info)%3A ", text, re.MULTILINE)
    )


def azure_counts(text: str) -> Counter[str]:
    return Counter(re.findall(r"^##vso\[task\.logissue [^\]]*\](critical|high|medium|low|info): ", text, re.MULTILINE))


def csv_counts(text: str) -> Counts:
    return Counter((row["state"], row["severity"]) for row in csv.DictReader(text.splitlines()) if row.get("severity"))


def markdown_counts(text: str) -> Counts:
    counts: Counts = Counter()
    for line in text.splitlines():
        if found := re.match(r"- \*\*(critical|high|medium|low|info)\*\* ", line):
            known, accepted = line.endswith(" (known before)"), "(accepted" in line
            counts["known" if known else "suppressed" if accepted else "new", found[1]] += 1
    return counts


def text_counts(text: str) -> Counter[str]:
    return Counter(re.findall(r"^.*?: (critical|high|medium|low|info) ", text, re.MULTILINE))


def html_counts(text: str) -> Counts:
    reader = _Findings()
    reader.feed(text)
    return reader.counts


class _Findings(HTMLParser):
    """Counts ``<li class="finding critical r3 known">``; pages of many findings write ``f``."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counts = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = (dict(attrs).get("class") or "").split()
        if tag == "li" and classes[:1] in (["finding"], ["f"]):
            state = "known" if "known" in classes else "suppressed" if "accepted" in classes else "new"
            self.counts[state, classes[1]] += 1


class Reading(NamedTuple):
    """How the reader of a format counts findings, whether it shows known and accepted ones, and what it says was not
    read.

    ``unread`` are the words that the sample report must leave in the format: a gap, an input and a problem.
    """

    counts: Callable[[str], Counter]
    known: bool
    accepted: bool
    unread: tuple[str, ...] = (GAP, "permission denied", "not JSON: a comma is missing")


#: One row for each format in ``reports/formats``.
READINGS = {
    "azure": Reading(azure_counts, known=False, accepted=False),
    "csv": Reading(csv_counts, known=True, accepted=True, unread=(GAP,)),  # a row is about a registration
    "github": Reading(github_counts, known=False, accepted=False),
    "github-review": Reading(lambda text: markdown_counts(json.loads(text)["body"]), known=False, accepted=False),
    "github-summary": Reading(markdown_counts, known=True, accepted=True),
    "gitlab": Reading(gitlab_counts, known=True, accepted=False, unread=()),  # its format holds issues alone
    "html": Reading(html_counts, known=True, accepted=True),
    "json": Reading(
        json_counts, known=True, accepted=True, unread=('"placeholder"', "permission denied", "not JSON: a comma")
    ),
    "junit": Reading(junit_counts, known=True, accepted=True),
    "markdown": Reading(markdown_counts, known=False, accepted=False),
    "sarif": Reading(sarif_counts, known=True, accepted=True),
    "text": Reading(text_counts, known=False, accepted=False),
}
