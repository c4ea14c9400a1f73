"""Reading a tenant from a local Graph: CPU against httpx and ``json.loads`` on the same pages, requests, peak memory.

The server runs in a process of its own, so that its CPU is not counted.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

SERVE = """
import sys, tempfile, pathlib, json
sys.path[:0] = [{root!r}]
from tests.graph_server.certificates import make_certificates
from tests.graph_server.directory import large
from tests.graph_server.server import GraphServer
with tempfile.TemporaryDirectory() as folder:
    server = GraphServer(make_certificates(pathlib.Path(folder)))
    server.reset(large({count}))
    server.graph.cached = {cached}
    print(json.dumps([server.endpoint, str(server.certificates.authority)]), flush=True)
    sys.stdin.read()
"""

MEASURED = """
import re, sys
sys.path[:0] = [{root!r}]
from advisor.cli import run
status = run(sys.argv[1:])
# What the system says of a child counts the process that it was forked from.
print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024, file=sys.stderr)
"""


@contextlib.contextmanager
def graph(count: int, *, cached: bool) -> Iterator[str]:
    """A Graph with *count* applications; the environment leads to it."""
    from tests.graph_server.server import SECRET

    code = SERVE.format(root=str(ROOT), count=count, cached=cached)
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        endpoint, authority = json.loads(process.stdout.readline())
        names = {
            "SSL_CERT_FILE": authority,
            "REQUESTS_CA_BUNDLE": authority,
            "AZURE_CLIENT_ID": "22222222-2222-4222-8222-222222222222",
            "AZURE_CLIENT_SECRET": SECRET,
            "AZURE_AUTHORITY_HOST": endpoint,
            "GRANTLINT_GRAPH_ENDPOINT": endpoint,
            "NO_PROXY": "localhost",
        }
        os.environ.update(names)
        try:
            yield endpoint
        finally:
            process.communicate()
            for name in names:
                os.environ.pop(name)


class _Recorder:
    """Every request of a reading, so that the floor can make the same ones."""

    def __init__(self) -> None:
        self.urls: list[str] = []
        self.batches = 0

    def request(self, method: str, url: str, status: int, seconds: float, size: int) -> None:
        if method == "GET":
            self.urls.append(url)
        else:
            self.batches += 1

    def waiting(self, seconds: float, why: str) -> None: ...

    def read(self, part: str, count: int) -> None: ...

    def say(self, text: str) -> None: ...


def _read(*, fast: bool) -> tuple[float, _Recorder, str]:
    """CPU seconds of a reading into registrations, after sign-in; its requests; the token."""
    from advisor.sources.graph.clouds import find_place
    from advisor.sources.graph.credentials import SignIn, sign_in
    from advisor.sources.graph.progress import ProgressListener
    from advisor.sources.graph.tenant import read_tenant
    from advisor.sources.reading.builder import Builder
    from advisor.sources.tenant.gather import Gathering
    from advisor.sources.tenant.records import Header
    from tests.graph_server.directory import TENANT

    endpoint = os.environ["GRANTLINT_GRAPH_ENDPOINT"]
    place = find_place("global", endpoint, endpoint)
    signed = sign_in(SignIn(TENANT, place, "environment"), os.environ, ProgressListener())
    token = signed.get_token(*signed.scopes, enable_cae=True).token
    gathering, recorder = Gathering(), _Recorder()
    header = Header(TENANT, endpoint, "", fast=fast)
    gathering.take(header)
    start = time.process_time()
    read_tenant(signed, place, header, gathering.take, recorder)  # type: ignore[arg-type]
    builder = Builder()
    gathering.build(builder)
    return time.process_time() - start, recorder, token


def _floor(urls: list[str], token: str) -> float:
    """CPU seconds of fetching the same pages with httpx and decoding them with ``json.loads``."""
    import asyncio

    import httpx

    async def fetch() -> None:
        headers = {"Authorization": f"Bearer {token}", "ConsistencyLevel": "eventual"}
        async with httpx.AsyncClient(http2=True, timeout=120) as client:
            for url in urls:
                response = await client.get(url, headers=headers)
                response.raise_for_status()
                pages.append(json.loads(response.content))

    pages: list[Any] = []
    start = time.process_time()
    asyncio.run(fetch())
    return time.process_time() - start


def _median(work: Callable[[], float], rounds: int) -> float:
    return sorted(work() for _ in range(rounds))[rounds // 2]


def reading(count: int, rounds: int, row: Callable[[str, float, float, float, str], None]) -> None:
    """CPU and requests for *count* applications."""
    with graph(count, cached=True):
        for name, fast in (("--fast", True), ("all", False)):
            _read(fast=fast)  # imports, and the server's cache
            _, recorder, token = _read(fast=fast)
            floor = _median(lambda urls=recorder.urls, token=token: _floor(urls, token), rounds)
            ours = _median(lambda fast=fast: _read(fast=fast)[0], rounds)
            row(f"read a tenant, {name}", ours, floor, 1.3, "httpx and json.loads")
            per = 1000 / count
            applications = sum("/applications?" in url for url in recorder.urls)
            principals = sum("/servicePrincipals?" in url for url in recorder.urls)
            print(
                f"{'':<34} requests per 1,000 applications: {len(recorder.urls) * per:.1f} "
                f"({applications} pages of applications, {principals} of service principals) and "
                f"{recorder.batches * per:.1f} batches"
            )


def memory(counts: tuple[int, ...]) -> None:
    """Peak memory of ``snapshot`` and of ``lint --tenant``, in processes of their own."""
    from tests.graph_server.directory import TENANT

    code = MEASURED.format(root=str(ROOT))
    for count in counts:
        with graph(count, cached=False), tempfile.TemporaryDirectory() as folder:
            runs = {
                "snapshot --fast": ["snapshot", "--tenant", TENANT, "--fast", "-o", f"{folder}/t.jsonl.gz", "-q"],
                "snapshot": ["snapshot", "--tenant", TENANT, "-o", f"{folder}/u.jsonl.gz", "-q"],
            }
            for name, arguments in runs.items():
                start = time.monotonic()
                result = subprocess.run(
                    [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True, cwd=folder
                )
                peak = result.stderr.split()[-1]
                print(f"{name + f', {count:,} applications':<42} peak {peak:>5} MB   {time.monotonic() - start:6.1f} s")
