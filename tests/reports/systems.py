"""Systems of clients for tests of reports."""

import re

import msgspec

from reports.advice import SystemArrow, SystemNode, SystemPicture
from reports.report import Report
from tests.reports.sample import advice_report


def picture(*calls: str, hostile: str = "") -> SystemPicture:
    """A picture of calls such as ``Page>API``; ``Page!API`` is one that does not work."""
    pairs = [re.split("[>!]", call) for call in calls]
    names = dict.fromkeys(name for pair in pairs for name in pair)
    nodes = tuple(SystemNode(name=name, note=f"Client credentials{hostile}", kind="client") for name in names)
    arrows = (
        SystemArrow(
            source=source, target=target, grant="on_behalf_of", permissions=(f"A.Read{hostile}",), works=">" in call
        )
        for call, (source, target) in zip(calls, pairs, strict=True)
    )
    return SystemPicture(nodes=nodes, arrows=tuple(arrows))


def system_report() -> Report:
    """A report of clients that call each other; one of the calls does not work."""
    return msgspec.structs.replace(advice_report(), picture=picture("Page>API", "Job!API", "API>Microsoft Graph"))
