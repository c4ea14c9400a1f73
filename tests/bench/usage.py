"""Sign-in logs: rows per second and memory, against a loop that counts rows by application and nothing else.

The floor reads the same file with ``json`` or ``csv``: an array as a whole, since ``json`` cannot do otherwise, lines
and rows one by one.
"""

from __future__ import annotations

import csv
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 29)

#: What a child process runs to say how much memory a reading needs.
READ = """
import re, sys
from datetime import date
from pathlib import Path
from advisor.usage.read import read_usage
read_usage([sys.argv[1]], date(2026, 11, 29))
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


def records(count: int) -> Iterable[dict[str, Any]]:
    """*count* sign-ins of 200 applications in 30 days, about as long as real ones."""
    chance = random.Random(7)
    kinds = (("interactiveUser", "authorizationCodeWithPkce"), ("nonInteractiveUser", "refreshTokenGrant"))
    for number in range(count):
        kind, protocol = chance.choice((*kinds, ("servicePrincipal", "clientCredentials")))
        at = datetime(2026, 11, 28) - timedelta(days=30 * number / count)
        yield {
            "id": f"{number:08x}-0000-4000-8000-000000000000",
            "createdDateTime": f"{at.isoformat(timespec='seconds')}Z",
            "appId": f"{chance.randrange(200):08x}-1111-4111-8111-111111111111",
            "appDisplayName": "Contoso Portal",
            "resourceId": f"{chance.randrange(4):08x}-0000-0000-c000-000000000000",
            "signInEventTypes": [kind],
            "isInteractive": kind == "interactiveUser",
            "userId": f"{chance.randrange(9_999):08x}-7777-4777-8777-777777777777",
            "userPrincipalName": "jane.doe@contoso.com",
            "ipAddress": "203.0.113.9",
            "authenticationProtocol": protocol,
            "clientCredentialType": "clientSecret",
            "servicePrincipalCredentialKeyId": "",
            "federatedCredentialId": "",
            "originalTransferMethod": "none",
            "status": {"errorCode": 0, "failureReason": None, "additionalDetails": None},
            "deviceDetail": {"deviceId": "", "operatingSystem": "Windows", "browser": "Edge", "isManaged": False},
            "location": {"city": "Redmond", "countryOrRegion": "US", "geoCoordinates": {"latitude": 1.5}},
            "appliedConditionalAccessPolicies": [{"id": str(n), "result": "success"} for n in range(4)],
        }


def array(path: Path, rows: list[dict[str, Any]]) -> None:
    """A download: one array, indented."""
    path.write_text(json.dumps(rows, indent=2))


def lines(path: Path, rows: list[dict[str, Any]]) -> None:
    """A file of a storage account."""
    with path.open("w") as file:
        for row in rows:
            record = {"time": row["createdDateTime"], "category": "SignInLogs", "properties": row}
            file.write(json.dumps(record) + "\n")


def table(path: Path, rows: list[dict[str, Any]]) -> None:
    """A portal CSV of applications."""
    from tests.advisor.usage.world import PORTAL_APPLICATIONS

    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, PORTAL_APPLICATIONS, restval="some text")
        writer.writeheader()
        for row in rows:
            values = {
                "Date (UTC)": row["createdDateTime"],
                "Application ID ": row["appId"],
                "Credential key ID": row["id"][:2],
            }
            writer.writerow(
                values | {"Resource ID ": row["resourceId"], "Status": "Success", "Sign-in error code": "0"}
            )


def count_array(path: Path) -> object:
    with path.open() as file:
        return Counter((row["appId"], row["status"]["errorCode"]) for row in json.load(file))


def count_lines(path: Path) -> object:
    with path.open() as file:
        rows = (json.loads(line)["properties"] for line in file)
        return Counter((row["appId"], row["status"]["errorCode"]) for row in rows)


def count_table(path: Path) -> object:
    with path.open(newline="") as file:
        return Counter((row[8], row[19]) for row in csv.reader(file))


FORMS: tuple[tuple[str, Callable[[Path, list[dict[str, Any]]], None], Callable[[Path], object]], ...] = (
    ("JSON array", array, count_array),
    ("JSON lines", lines, count_lines),
    ("CSV", table, count_table),
)


def reading(count: int, rounds: int, row: Callable[[str, float, float, float, str], None]) -> None:
    """Read *count* sign-ins in each form, in turn with the floor, and print the peak memory."""
    from advisor.usage.read import read_usage

    rows = list(records(count))
    with tempfile.TemporaryDirectory() as folder:
        for name, write, floor in FORMS:
            path = Path(folder) / "signins"
            write(path, rows)
            turns = [
                (_cpu(lambda p=path: read_usage([str(p)], TODAY)), _cpu(lambda f=floor, p=path: f(p)))
                for _ in range(rounds)
            ]  # type: ignore[misc]
            ours, least = (min(column) for column in zip(*turns, strict=True))
            size = path.stat().st_size / 1e6
            row(f"{count:,} sign-ins, {name}", ours, least, 1.5, "a counting loop")
            print(f"{'':<34} {size:.0f} MB, {count / ours:,.0f} rows/s, peak memory {_peak(path):.0f} MB")


def _cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _peak(path: Path) -> float:
    """The peak memory of a process that reads the file, in megabytes."""
    run = subprocess.run([sys.executable, "-c", READ, str(path)], cwd=ROOT, capture_output=True, text=True, check=True)
    return int(re.findall(r"\d+", run.stdout)[-1]) / 1024
