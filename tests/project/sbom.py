"""Print the software bill of materials as CycloneDX 1.6 JSON: ``python tests/project/sbom.py > grantlint.cdx.json``.

It lists what ``constraints.txt`` pins, each with the package URL and the hashes that pip checks. It needs the standard
library only, so that the release workflow runs it before anything is installed. The output depends on the files alone:
no time, no random serial number. Source: CycloneDX 1.6 JSON reference; package URLs by the PURL specification, type
``pypi``.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)([^\\\n]*)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def components(constraints: str) -> list[dict[str, Any]]:
    """The pinned packages of a constraints file, in its order. Raises ``ValueError`` for one without a hash."""
    found = []
    for block in re.split(r"\n(?=[A-Za-z0-9])", constraints):
        match = PINNED.match(block)
        if match is None:
            continue
        name, version = match[1].lower().replace("_", "-"), match[2]
        hashes = HASH.findall(block)
        if not hashes:
            raise ValueError(f"{name} has no hash in constraints.txt: run python tests/project/pin.py")
        url = f"pkg:pypi/{name}@{version}"
        files = [{"type": "distribution", "url": url, "hashes": [{"alg": "SHA-256", "content": h}]} for h in hashes]
        component = {"type": "library", "bom-ref": url, "name": name, "version": version, "purl": url}
        found.append(component | {"externalReferences": files})
    return found


def bom() -> dict[str, Any]:
    """The whole document for this checkout."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    name, version = project["name"], project["version"]
    url = f"pkg:pypi/{name}@{version}"
    root = {"type": "application", "bom-ref": url, "name": name, "version": version, "purl": url}
    listed = components((ROOT / "constraints.txt").read_text("utf-8"))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": root | {"licenses": [{"license": {"id": project["license"]}}]}},
        "components": listed,
        "dependencies": [{"ref": url, "dependsOn": [component["bom-ref"] for component in listed]}],
    }


if __name__ == "__main__":
    print(json.dumps(bom(), indent=2))
