"""The commands by name, and a group that builds one only when it is asked for.

Typer builds every option of every command before it looks at the command line, and a command's module must be imported
for that. The page of ``grantlint --help``, the completion of names and the suggestion for a misspelled one need no more
than the names and their first sentences, which are here.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from advisor.commands.values import take_as_they_are

#: Each command with the first sentence of its docstring, in the order of the help page. Command ``x`` is the function
#: ``x`` of the module ``advisor.commands.x``; a test compares the sentences with the docstrings.
COMMANDS: Final = {
    "advise": (
        "Recommend a grant for a client: the reasons for it and against the other grants, what to register and "
        "request, and the remaining risks."
    ),
    "lint": "Check the app registrations in files, folders and tenants.",
    "rules": (
        "List the rules, or explain one rule: why it matters, how to fix a finding, a bad and a good example, and the "
        "sources."
    ),
    "report": (
        "Show a stored report in another format, compared with earlier reports, in parts, or without confidential "
        "values."
    ),
    "request": ("Check whether Entra ID would accept a request, step by step."),
    "explain": (
        "Explain an AADSTS error: its meaning, its causes with the most likely first, and how to check each cause."
    ),
    "recipe": ("Print the requests that work for a grant and a registration, with PKCE values."),
    "grants": (
        "List the grants, or explain one grant: its roles, its steps with their parameters, tokens, scopes, allowed "
        "clients, drawbacks and sources."
    ),
    "permissions": (
        "Search the permissions of Microsoft's APIs: what each permission allows, who must consent, and which "
        "permissions are narrower."
    ),
    "tree": "Draw the decision tree of grantlint advise, or prove that it is complete.",
    "snapshot": "Read a tenant once, and write a file that lint can read instead of the tenant.",
    "usage": "Show from sign-in logs which grants and credentials applications used.",
    "diff": "Show what changed between two readings of a tenant or of files, and which findings are new or gone.",
    "config": "Show the configuration of the working folder, and the source of each value.",
    "server": "Run the language server, which checks registrations in an editor while you edit them.",
    "demo": (
        "Show what grantlint does with bundled registrations: recommend a grant for one client, check all "
        "registrations, and write an HTML report."
    ),
}


class CommandGroup(TyperGroup):
    """The group of the commands in ``COMMANDS``: a name with a sentence until one is resolved, whole from then on."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = {
            name: TyperCommand(name, help=sentence, rich_markup_mode=None) for name, sentence in COMMANDS.items()
        }

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the options before the name of a command."""
        take_as_they_are(self.get_params(ctx))
        rest: list[str] = super().parse_args(ctx, args)
        return rest

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command that *args* begin with, its options built; a usage error names the nearest for an unknown one.

        Both running a command and completing its options come through here.
        """
        name, found, rest = super().resolve_command(ctx, args)
        return name, None if found is None or name is None else build(name), rest


def build(name: str) -> Any:
    """The command *name* of ``COMMANDS`` with its options, as Typer makes it of the function's signature."""
    from advisor.commands.option_groups import GroupedCommand, ungrouped

    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    alone.command(name, cls=GroupedCommand)(ungrouped(getattr(import_module(f"advisor.commands.{name}"), name)))
    return typer.main.get_command(alone)
