"""Systems for tests: files of answers, and what users may write into them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from advisor.decide.advice import advise
from advisor.decide.answers import read_clients
from advisor.decide.load import load_tree
from advisor.decide.system import Pair

TREE: Final = load_tree()

PAGE: Final = """
[[clients]]
name = "{page}"
calls = ["{api}"]
api = "own"
runs-in = "browser"
page-tokens = "page"
"""
WEB: Final = """
[[clients]]
name = "Back office"
calls = [{{ name = "{api}", permissions = ["Orders.Read"] }}]
api = "own"
runs-in = "server"
user-present = "yes"
web-legacy = "nothing"
hosted-on = "elsewhere"
holds-key = "yes"
"""
PHONE: Final = """
[[clients]]
name = "Phone"
calls = ["{api}"]
api = "own"
runs-in = "mobile"
mobile-legacy = "nothing"
"""
API: Final = """
[[clients]]
name = "{api}"
scopes = ["Orders.Read", "Orders.Write"]
roles = ["Orders.Read.All"]
calls = [{{ name = "Microsoft Graph", permissions = ["User.Read"] }}]
api = "graph"
runs-in = "api"
handed-in = "user-token"
hosted-on = "azure"
"""
QUIET_API: Final = """
[[clients]]
name = "{api}"
api = "none"
"""
JOB: Final = """
[[clients]]
name = "Nightly job"
calls = ["Stock API"]
api = "own"
runs-in = "job"
keeps-credential = "yes"
token-for = "program"
hosted-on = "github"
[[clients]]
name = "Stock API"
roles = ["Stock.Read.All", "Stock.Write.All"]
api = "none"
"""
AGENT: Final = """
[[clients]]
name = "Support agent"
calls = [{{ name = "{api}", permissions = ["Orders.Read"] }}]
api = "own"
runs-in = "agent"
agent-works = "for-user"
agent-made-by = "azure"
"""
CIRCLE: Final = """
[[clients]]
name = "First API"
calls = ["Second API"]
api = "own"
runs-in = "api"
handed-in = "user-token"
hosted-on = "kubernetes"
[[clients]]
name = "Second API"
calls = ["First API"]
api = "own"
runs-in = "api"
handed-in = "user-token"
hosted-on = "azure"
"""

#: Every part alone or with what it calls, and all together.
SYSTEMS: Final = {
    "page and API": PAGE + API,
    "page and API that requests nothing": PAGE + QUIET_API,
    "web app and API": WEB + API,
    "phone and API": PHONE + API,
    "job and API": JOB,
    "agent, page and API": AGENT + PAGE + API,
    "two APIs that call each other": CIRCLE,
    "all": PAGE + WEB + PHONE + API + JOB + AGENT + CIRCLE,
    "one page": PAGE.replace('calls = ["{api}"]\n', ""),
}


def pairs(folder: Path, text: str, *, page: str = "Orders page", api: str = "Orders API") -> list[Pair]:
    """The clients of a file with their advice; *page* and *api* are names as TOML texts contain them."""
    path = folder / "system.toml"
    path.write_text(text.format(page=page, api=api), encoding="utf-8")
    clients = read_clients(TREE, path).clients
    return [(client, advise(TREE, client.answers, client_name=client.name)) for client in clients]
