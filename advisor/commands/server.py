"""``grantlint server``: the language server."""

from __future__ import annotations

import sys


def server() -> None:
    """Run the language server, which checks registrations in an editor while
    you edit them. The editor starts the server, and communicates with it over
    standard input and output.

    The server needs the extra server: pip install "grantlint[server]". It uses
    the configuration of the workspace and reads no other file outside the
    workspace. It sends nothing over the network and runs no code of the
    workspace.

    \b
    Examples:
      grantlint server
    """
    from importlib.util import find_spec

    from advisor.errors import UsageError

    if find_spec("pygls") is None:
        raise UsageError("the language server is not installed", hint='run pip install "grantlint[server]"')
    from advisor.server.app import make_server

    output, sys.stdout = sys.stdout.buffer, sys.stderr  # what is printed must not get between messages
    make_server().start_io(sys.stdin.buffer, output)
