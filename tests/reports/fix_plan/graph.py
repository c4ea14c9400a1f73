"""Microsoft Graph on this machine for one registration, and the programs that run a plan against it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from rules.docs.requests import GRAPH
from tests.reports.fix_plan.directory import shown, written

#: ``az rest`` for machines without Azure CLI.
_STAND_IN = """\
#!{python} -S
import http.client, json, sys
sys.path[:] = {path!r}
import jmespath
words = dict(zip(sys.argv[2::2], sys.argv[3::2]))
connection = http.client.HTTPConnection("{here}".partition("//")[2])
connection.request(words["--method"], words["--url"].removeprefix("{graph}"), words.get("--body"))
answer = connection.getresponse()
text = answer.read()
if answer.status >= 400:
    sys.exit(text.decode())
if "--query" in words:
    print(jmespath.search(words["--query"], json.loads(text)))
"""

#: Azure CLI, whose requests go to this machine and need no sign-in.
_AZ = """\
#!{python}
import os, sys
words = [word.replace("{graph}", "{here}") for word in sys.argv[1:]]
os.execv({az!r}, [{az!r}, *words, "--skip-authorization-header"])
"""

_MODULE = """\
function Invoke-MgGraphRequest($Method, $Uri, $Body, $ContentType, $OutputType) {
    $request = @{ Method = $Method; Uri = $Uri.Replace('GRAPH', 'HERE'); UseBasicParsing = $true }
    if ($Body) { $request.Body = $Body; $request.ContentType = $ContentType }
    (Invoke-WebRequest @request).Content
}
"""


class LocalGraph:
    """Keeps ``app``, and every request that changed it in ``changes`` as method and path."""

    def __init__(self, app: dict[str, Any]) -> None:
        self.app = app
        self.changes: list[str] = []
        self.endpoint = ""


@contextmanager
def serving(app: dict[str, Any]) -> Iterator[LocalGraph]:
    """Serve *app* as long as the context lasts."""
    graph = LocalGraph(app)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            url = GRAPH + self.path.replace("%24", "$").replace("%27", "'")
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, answer = 200, b"{}"
            try:
                if self.command == "GET":
                    answer = json.dumps(shown(graph.app, url)).encode()
                else:
                    graph.app = written(graph.app, self.command, url, json.loads(text) if text else None)
                    graph.changes.append(f"{self.command} {self.path}")
                    status, answer = 204, b""
            except AssertionError as error:
                status, answer = (
                    400,
                    json.dumps({"error": {"code": "Request_BadRequest", "message": str(error)}}).encode(),
                )
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_PATCH = do_POST = do_DELETE = _answer  # noqa: N815 - the names that the base class calls

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    graph.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield graph
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def missing(program: str) -> str:
    """Why *program* cannot run a plan here; empty where it can."""
    if program != "pwsh" and os.name == "nt":
        return "a plan for a shell needs a POSIX shell"
    names = {"stand-in": "sh", "az": "az", "pwsh": "pwsh"}
    return "" if shutil.which(names[program]) else f"{names[program]} is not installed"


def run(program: str, script: Path, graph: LocalGraph) -> subprocess.CompletedProcess[str]:
    """Run *script* in its folder: with the stand-in of Azure CLI, with Azure CLI (``az``), or with PowerShell."""
    tools = script.parent / "tools"
    tools.mkdir(exist_ok=True)
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    if program == "pwsh":
        module = tools / "Microsoft.Graph.Authentication" / "Microsoft.Graph.Authentication.psm1"
        module.parent.mkdir(exist_ok=True)
        module.write_text(_MODULE.replace("GRAPH", GRAPH).replace("HERE", graph.endpoint))
        environment["PSModulePath"] = str(tools)  # PowerShell adds its own folders
        words = ["pwsh", "-NoProfile", "-NonInteractive", "-File", str(script)]
    else:
        az = tools / "az"
        text = _AZ if program == "az" else _STAND_IN
        az.write_text(
            text.format(python=sys.executable, path=sys.path, az=shutil.which("az"), graph=GRAPH, here=graph.endpoint)
        )
        az.chmod(0o755)
        environment["AZURE_CONFIG_DIR"] = str(tools / "config")
        environment["AZURE_CORE_COLLECT_TELEMETRY"] = "0"
        words = ["sh", str(script)]
    return subprocess.run(words, cwd=script.parent, env=environment, capture_output=True, text=True, check=False)
