"""List the sources that have to be read again: ``python tests/project/sources.py``.

Due is what was never read again, and what was read more than a year ago, oldest first. Each line has the date, the ID
in ``rules/knowledge/sources.tsv``, and the URL. Read the section, correct what cites it, and write the date.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from rules.knowledge.reference import NOT_READ_AGAIN, Reference
from rules.knowledge.sources import sources


def due(rows: Mapping[str, Reference], today: date) -> dict[str, Reference]:
    """The *rows* that were never read again, then those read more than a year before *today*, oldest first."""
    a_year_ago = f"{today.year - 1}{today:-%m-%d}"
    found = {name: row for name, row in rows.items() if row.checked == NOT_READ_AGAIN or row.checked < a_year_ago}
    return dict(sorted(found.items(), key=lambda item: (item[1].checked != NOT_READ_AGAIN, item[1].checked, item[0])))


def main() -> None:
    rows = sources()
    found = due(rows, datetime.now(UTC).date())  # noqa: TID251 - due is what is old by the clock
    for name, row in found.items():
        print(f"{row.checked:<11} {name}  {row.url}")
    print(f"{len(found)} of {len(rows)} sources are due", file=sys.stderr)


if __name__ == "__main__":
    main()
