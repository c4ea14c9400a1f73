"""Other tools that read the same files: CPU and what each found in the same folder, in the same run.

python tests/bench/peers.py    with those of checkov and trivy that are on the path

Both read Terraform. The folder has one file with a registration for each of a few mistakes.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

_APPLICATIONS = """
resource "azuread_application" "implicit" {
  display_name = "Implicit"
  web {
    redirect_uris = ["http://implicit.contoso.com/cb", "https://*.contoso.com/cb"]
    implicit_grant {
      access_token_issuance_enabled = true
    }
  }
}

resource "azuread_application_password" "long" {
  application_id = azuread_application.implicit.id
  end_date       = "2299-12-31T00:00:00Z"
}

resource "azuread_application" "federated" {
  display_name = "Federated"
}

resource "azuread_application_federated_identity_credential" "ci" {
  application_id = azuread_application.federated.id
  display_name   = "ci"
  issuer         = "https://token.actions.githubusercontent.com"
  audiences      = ["api://AzureADTokenExchange"]
  subject        = "repo:contoso/*"
}

resource "azuread_application_federated_identity_credential" "anyone" {
  application_id = azuread_application.federated.id
  display_name   = "anyone"
  issuer         = "https://token.actions.githubusercontent.com"
  audiences      = ["api://AzureADTokenExchange"]
  subject        = "repo:*:ref:refs/heads/main"
}
"""

_GRANTLINT = "import sys; from advisor.cli import run; sys.exit(run(sys.argv[1:]))"


def _ours(report: Any) -> Iterator[str]:
    yield from (row["rule"] for row in report["findings"])


def _of_checkov(report: Any) -> Iterator[str]:
    for one in report if isinstance(report, list) else [report]:
        yield from (row["check_id"] for row in one.get("results", {}).get("failed_checks", ()))


def _of_trivy(report: Any) -> Iterator[str]:
    for one in report.get("Results") or ():
        yield from (row["ID"] for row in one.get("Misconfigurations") or ())


#: Each tool: its command line, without the folder at its end, and the IDs of what it found.
_TOOLS: dict[str, tuple[list[str], Callable[[Any], Iterator[str]]]] = {
    "grantlint": ([sys.executable, "-c", _GRANTLINT, "lint", "--isolated", "--quiet", "--format", "json"], _ours),
    "checkov": (["checkov", "--compact", "--quiet", "-o", "json", "-d"], _of_checkov),
    "trivy": (["trivy", "config", "--quiet", "--format", "json"], _of_trivy),
}


def compare(rounds: int = 3) -> None:
    """Print the median CPU of each tool that is here, and what it found."""
    from bench.run import child_cpu

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "main.tf").write_text(_APPLICATIONS)
        here = {name: tool for name, tool in _TOOLS.items() if shutil.which(tool[0][0])}
        turns = [{name: child_cpu([*command, folder]) for name, (command, _) in here.items()} for _ in range(rounds)]
        for name, (command, found) in here.items():
            result = subprocess.run([*command, folder], cwd=ROOT, capture_output=True, text=True, check=False)
            names = sorted(set(found(json.loads(result.stdout))))
            seconds = sorted(turn[name] for turn in turns)[rounds // 2]
            print(f"{name:<10} {seconds:6.2f} s of CPU   {len(names)} found: {', '.join(names) or '-'}")
        for name in _TOOLS.keys() - here.keys():
            print(f"{name:<10} is not here, not measured")


if __name__ == "__main__":
    compare()
