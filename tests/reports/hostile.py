"""A report whose names, addresses, paths and values want to be markup, script, terminal sequences or very long."""

from __future__ import annotations

import msgspec

from reports.report import Report
from reports.rows import Input, Origin, PostureEntry, PostureRow, Problem, RequestStep, RequestText, RuleText
from rules.knowledge.grant_flow import Message
from rules.knowledge.reference import Reference
from rules.model.finding import Because, NotAssessed
from tests.reports.sample import RULES, empty_report, finding, registration, summary
from tests.reports.sent import with_requests

HOSTILE = "</script><img src=x onerror=alert(1)>\u202ejavascript:alert(1)\x1b[31m\u200b\ud800{{7*7}}"


def _rule(id_: str) -> RuleText:
    """A rule of an organisation, with an address that wants to leave the link that it is in."""
    source = Reference(HOSTILE, "https://wiki.example/)>\n\n# forged\x1b\\\x9b\x07\u202e")
    return RuleText(
        id=id_, title=HOSTILE, why=HOSTILE, fix=HOSTILE, family=HOSTILE, severity="low", references=(source,)
    )


def hostile_report() -> Report:
    """Names, addresses, paths and values that want to be markup, script, terminal sequences or very long."""
    long = "x" * 1_000_000
    found = (
        finding(
            "wildcard-redirect-uri",
            "critical",
            "a",
            f"sends codes to {HOSTILE}",
            value=HOSTILE,
            origin=Origin(
                file=f"apps/{HOSTILE}.json",
                line=1,
                column=1,
                property=HOSTILE,
                text=f"\t{HOSTILE}",
                text_start=1,
                text_end=20,
            ),
            because=(Because("/web/redirectUris/1", HOSTILE),),
            patch={"web": {"redirectUris": [HOSTILE, "javascript:alert(1)", long]}},
            change=f"replace with {HOSTILE}",
            fix=HOSTILE,
        ),
        finding("unknown-rule", "low", "b", "is odd", value=long, fingerprint='"><script>alert(1)</script>'),
        finding("unknown-rule", "low", "b", "is odd", value=long, fingerprint='"><script>alert(1)</script>'),
        finding("no-owner", "low", "nobody announced this key", "has no owner"),
        msgspec.structs.replace(finding("own-rule", "high", "a", HOSTILE), rule=f"own-\x1b\u202e{long}"),
    )
    report = empty_report(
        title=HOSTILE,
        inputs=(Input(name=HOSTILE, format=HOSTILE, status="partly", note=HOSTILE, remedy=HOSTILE),),
        problems=(Problem(what=HOSTILE, file=long, line=1, column=2, hint=HOSTILE),),
        rules=(*RULES, _rule(f"own-\x1b\u202e{long}")),
        registrations=(
            registration("a", HOSTILE, app_id=HOSTILE, audience=HOSTILE, format=HOSTILE),
            registration("b", long),
            registration("c", ""),
            registration("d", " \u3000 "),
        ),
        findings=found,
        not_assessed=(
            NotAssessed(
                rule="no-owner", registration="c", pointer=f"/{HOSTILE}", reason="novel", note=long, remedy=HOSTILE
            ),
        ),
        postures=(
            PostureRow(
                registration="c", entries=(PostureEntry(grant=HOSTILE, state="unknown", by=(HOSTILE,), note=HOSTILE),)
            ),
        ),
        summary=summary(found),
    )
    told = with_requests(report, uri=HOSTILE.replace("{{7*7}}", "{{{{7*7}}}}"), why=HOSTILE)
    step = RequestStep(
        sender=HOSTILE,
        receiver=HOSTILE,
        says=HOSTILE,
        method=HOSTILE,
        url=HOSTILE,
        headers=((HOSTILE, HOSTILE),),
        parameters=((HOSTILE, HOSTILE), ("redirect_uri", "{redirect_uri}")),
    )
    text = RequestText(
        id="authorization_code-1",
        grant="authorization_code",
        title=HOSTILE,
        platform=HOSTILE,
        credential=HOSTILE,
        steps=(step,),
        bring=((HOSTILE, HOSTILE),),
    )
    message = Message("client", "server", HOSTILE, (HOSTILE,))
    sequence = msgspec.structs.replace(
        told.sequences[0], messages=(message,), players=(("client", HOSTILE),), instead=HOSTILE, status=HOSTILE
    )
    return msgspec.structs.replace(told, requests=(text, *told.requests[1:]), sequences=(sequence, *told.sequences[1:]))
