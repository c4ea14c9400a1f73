"""The language server: what the client sends, and when files are checked.

The protocol has its thread, and checks have another, one at a time. A change waits until typing pauses. A newer change
cancels the check of an older one, whose result is never shown. Hover, completion and hints need no check: they answer
from the text, and from the last check if it was of the same text. While a file is half-typed, findings that cannot be
read any more vanish and a problem says why, since old findings would be at the wrong places.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from advisor.errors import GrantlintError
from advisor.fixing.edit import NotFixed
from advisor.policy.packs import leave_working_folder
from advisor.run.session import VERSION, clock_utc
from advisor.server.actions import Edits, edits_of, propose
from advisor.server.check import Checking, Result, check
from advisor.server.completion import complete
from advisor.server.diagnostics import diagnostics, not_checked
from advisor.server.hints import hints
from advisor.server.hover import hover
from advisor.server.positions import Positions
from rules.knowledge.permissions import GRAPH

T = TypeVar("T")

#: How long typing has to pause before a file is checked, in seconds.
PAUSE: Final = 0.15
_CONFIGURATION: Final = ("grantlint.toml", "pyproject.toml")


class _Open:
    """An open document: its version, its positions, and the last check with the version that it was of."""

    def __init__(self, text: str, version: int, encoding: str) -> None:
        self.encoding = encoding
        self.task: asyncio.Task[None] | None = None
        self.result: Result | None = None
        self.checked = -1
        #: Whether a check has found a registration: dates of other files are not those of credentials.
        self.has_registrations = False
        self.update(text, version)

    def update(self, text: str, version: int) -> None:
        self.version = version
        self.positions = Positions(text, self.encoding)

    @property
    def current(self) -> Result | None:
        """The last check, if it was of the text as it is now."""
        return self.result if self.checked == self.version else None


class Server(LanguageServer):
    """grantlint as a language server. Documents are sent whole, so that no two counts of lines can disagree."""

    def __init__(self, pause: float = PAUSE) -> None:
        super().__init__("grantlint", VERSION, text_document_sync_kind=lsp.TextDocumentSyncKind.Full)
        self.pause = pause
        self.documents: dict[str, _Open] = {}
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="grantlint")

    # Documents

    def opened(self, uri: str, text: str, version: int) -> None:
        """Keep a document that the client opened, and check it at once."""
        self.documents[uri] = _Open(text, version, self.workspace.position_encoding or "utf-16")
        self.schedule(uri, 0)

    def changed(self, uri: str, text: str, version: int) -> None:
        """Keep the text of a document, and check it and the others when typing pauses."""
        if uri in self.documents:
            self.documents[uri].update(text, version)
            self.schedule_all(first=uri)

    def closed(self, uri: str) -> None:
        """Forget a document; its findings vanish."""
        document = self.documents.pop(uri, None)
        if document is not None and document.task:
            document.task.cancel()
        self.publish(uri, [], None)

    # Checks

    def schedule_all(self, first: str = "") -> None:
        """Check all open documents when typing pauses, *first* one of them: what one declares, others may read."""
        for uri in sorted(self.documents, key=lambda uri: uri != first):
            self.schedule(uri, self.pause)

    def schedule(self, uri: str, pause: float) -> None:
        """Check a document after a *pause*, in place of a check that is not done yet."""
        document = self.documents[uri]
        if document.task:
            document.task.cancel()
        document.task = asyncio.get_running_loop().create_task(self._check_later(uri, document, pause))

    async def _check_later(self, uri: str, document: _Open, pause: float) -> None:
        await asyncio.sleep(pause)
        await self.checked(uri, document)

    async def checked(self, uri: str, document: _Open) -> Result | None:
        """Check a document as it is now and show what is found; ``None`` if it cannot be checked."""
        path = to_fs_path(uri) if uri.startswith("file:") else uri
        if not path:
            return None
        version = document.version
        if os.path.basename(path) in _CONFIGURATION:  # noqa: PTH119 - the path is a text
            return None
        root = self._root_of(path)
        # Patterns of the configuration are for paths as a run in the workspace names them.
        name = os.path.relpath(path, root) if uri.startswith("file:") and Path(path).is_relative_to(root) else path
        checking = Checking(name, root, self._contents())
        try:
            result = await self.in_worker(lambda: check(checking))
        except GrantlintError as error:
            if document.version == version:
                document.result, document.checked = None, version
                self.publish(uri, [not_checked(error)], version)
            return None
        except Exception as error:  # an unforeseen text must not end the server
            fault = GrantlintError(f"internal error: {type(error).__name__}", hint="please report it")
            self.publish(uri, [not_checked(fault)], version)
            return None
        if document.version != version or self.documents.get(uri) is not document:
            return None
        document.result, document.checked = result, version
        if result.has_registrations and not document.has_registrations:
            document.has_registrations = True
            self._refresh_hints()
        self.publish(uri, diagnostics(result, document.positions), version)
        await self.in_worker(lambda: result.grants)  # so that the first hover need not wait for them
        return result

    async def in_worker(self, work: Callable[[], T]) -> T:
        """The result of *work*, in the thread of the checks."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)

    def publish(self, uri: str, found: list[lsp.Diagnostic], version: int | None) -> None:
        """Show what was found in a document."""
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, found, version))

    def text_of(self, path: str) -> str:
        """The text of a file by its resolved path, as the editor or the disk has it. Raises ``OSError``."""
        for uri, document in self.documents.items():
            if _resolved(uri) == path:
                return document.positions.text
        with open(path, encoding="utf-8", newline="") as file:  # noqa: PTH123 - the path is a text
            return file.read()

    def _contents(self) -> dict[str, bytes]:
        """The texts of all open documents by resolved path."""
        return {
            _resolved(uri): document.positions.text.encode("utf-8", "replace")
            for uri, document in self.documents.items()
        }

    def _root_of(self, path: str) -> str:
        """The folder of the workspace that contains *path*, the innermost of several, or the folder of the file."""
        folders = [to_fs_path(uri) or "" for uri in self.workspace.folders] or [self.workspace.root_path or ""]
        around = [
            folder for folder in folders if folder and Path(path).is_relative_to(folder) and Path(folder).is_dir()
        ]
        if around:
            return max(around, key=len)
        folder = os.path.dirname(path)  # noqa: PTH120 - the path is a text
        return folder if folder and Path(folder).is_dir() else str(Path.cwd())

    def watch(self) -> None:
        """Let the client tell of changes to configuration files that it does not have open, if it can."""
        workspace = self.client_capabilities.workspace
        watched = workspace.did_change_watched_files if workspace else None
        if watched is not None and watched.dynamic_registration:
            watchers = [lsp.FileSystemWatcher(f"**/{name}") for name in _CONFIGURATION]
            options = lsp.DidChangeWatchedFilesRegistrationOptions(watchers)
            one = lsp.Registration("grantlint", lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            self.client_register_capability(lsp.RegistrationParams([one]))

    def _refresh_hints(self) -> None:
        workspace = self.client_capabilities.workspace
        if workspace and workspace.inlay_hint and workspace.inlay_hint.refresh_support:
            self.workspace_inlay_hint_refresh(None)

    # Edits

    async def actions(self, uri: str, range: lsp.Range) -> list[lsp.CodeAction]:
        """What can be done about the findings in a *range*; with the edits if the client cannot request them later."""
        document = self.documents.get(uri)
        if document is None or not uri.startswith("file:"):  # fixes and suppressions are for files
            return []
        result = document.current or await self.checked(uri, document)
        if result is None:
            return []
        shown = diagnostics(result, document.positions)
        found = []
        for one in propose(result, document.positions, document.positions.span(range)):
            place = document.positions.range(document.positions.span_of(one.finding.origin))
            action = lsp.CodeAction(
                title=one.title,
                kind=lsp.CodeActionKind.QuickFix,
                diagnostics=[seen for seen in shown if seen.code == one.finding.rule and seen.range == place],
                is_preferred=one.is_preferred or None,
                data={"uri": uri, "version": document.version, "finding": one.finding.fingerprint, "fix": one.is_fix},
            )
            found.append(action if self._can_resolve() else await self.resolved(action))
        return [one for one in found if one.edit or self._can_resolve()]

    async def resolved(self, action: lsp.CodeAction, *, says_why: bool = False) -> lsp.CodeAction:
        """*action* with its edit, which is checked first; without one, the client shows the reason if it *says_why*."""
        data: Any = action.data
        document = self.documents.get(data["uri"])
        result = document.current if document else None
        found = [one for one in result.findings if one.fingerprint == data["finding"]] if result else []
        if document is None or result is None or not found or document.version != data["version"]:
            return action
        positions = document.positions
        try:
            edits = await self.in_worker(lambda: edits_of(found[0], result, positions, self.text_of, fix=data["fix"]))
            if document.version == data["version"]:
                action.edit = self.workspace_edit(edits)
        except NotFixed as error:
            if says_why:
                message = f"grantlint: {found[0].rule} not changed: {error}"
                self.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Warning, message))
        return action

    def _can_resolve(self) -> bool:
        """Whether the client requests the edit of a code action when the user has chosen it."""
        document = self.client_capabilities.text_document
        support = document.code_action.resolve_support if document and document.code_action else None
        return support is not None and "edit" in support.properties

    def workspace_edit(self, edits: Edits) -> lsp.WorkspaceEdit | None:
        """*edits* by resolved path as the client takes them; ``None`` if it cannot make the file that is missing."""
        changes: list[Any] = []
        for path, some in edits.items():
            uri = self._uri_of(path)
            document = self.documents.get(uri)
            if not Path(path).exists() and document is None:
                if not self._can_create():
                    return None
                changes.append(lsp.CreateFile(uri, options=lsp.CreateFileOptions(ignore_if_exists=True)))
                positions = Positions("")
            else:
                positions = document.positions if document else Positions(self.text_of(path), self._encoding)
            identifier = lsp.OptionalVersionedTextDocumentIdentifier(uri, document.version if document else None)
            replacements = [lsp.TextEdit(positions.range((one.start, one.end)), one.text) for one in some]
            changes.append(lsp.TextDocumentEdit(identifier, replacements))
        return lsp.WorkspaceEdit(document_changes=changes)

    @property
    def _encoding(self) -> str:
        return self.workspace.position_encoding or "utf-16"

    def _uri_of(self, path: str) -> str:
        """The URI of a file by its resolved path, as the client writes it where the file is open."""
        return next((uri for uri in self.documents if _resolved(uri) == path), from_fs_path(path) or "")

    def _can_create(self) -> bool:
        workspace = self.client_capabilities.workspace
        edit = workspace.workspace_edit if workspace else None
        return lsp.ResourceOperationKind.Create in ((edit.resource_operations if edit else None) or ())


def _resolved(uri: str) -> str:
    """The resolved path of a document; the URI itself for one that is in no file."""
    return os.path.realpath(to_fs_path(uri) or uri) if uri.startswith("file:") else uri


def make_server(pause: float = PAUSE) -> Server:
    """A server that waits for a client."""
    server = Server(pause)
    _follow(server)
    _answer(server)
    return server


def _follow(server: Server) -> None:
    """Let *server* follow what the client opens, changes and closes."""

    @server.feature(lsp.INITIALIZED)
    async def initialized(_: lsp.InitializedParams) -> None:
        root = server.workspace.root_path
        if root and Path(root).is_dir():
            os.chdir(root)
        leave_working_folder()
        server.watch()
        await server.in_worker(_warm_up)

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    async def did_open(params: lsp.DidOpenTextDocumentParams) -> None:
        server.opened(params.text_document.uri, params.text_document.text, params.text_document.version)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    async def did_change(params: lsp.DidChangeTextDocumentParams) -> None:
        if params.content_changes:
            server.changed(params.text_document.uri, params.content_changes[-1].text, params.text_document.version)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    async def did_save(_: lsp.DidSaveTextDocumentParams) -> None:
        server.schedule_all()

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def did_change_files(_: lsp.DidChangeWatchedFilesParams) -> None:
        server.schedule_all()

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    async def did_close(params: lsp.DidCloseTextDocumentParams) -> None:
        server.closed(params.text_document.uri)


def _answer(server: Server) -> None:
    """Let *server* answer the client's requests."""

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def on_hover(params: lsp.HoverParams) -> lsp.Hover | None:
        document = server.documents.get(params.text_document.uri)
        return hover(document.positions, params.position, document.current) if document else None

    @server.feature(
        lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=['"', "'", "[", ":", "=", "."])
    )
    def on_completion(params: lsp.CompletionParams) -> lsp.CompletionList:
        document = server.documents.get(params.text_document.uri)
        language = params.text_document.uri.rpartition(".")[2].casefold()
        if document is None:
            return lsp.CompletionList(is_incomplete=False, items=[])
        return complete(document.positions, params.position, language)

    @server.feature(lsp.TEXT_DOCUMENT_INLAY_HINT)
    def on_hint(params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
        document = server.documents.get(params.text_document.uri)
        if document is None:
            return []
        return hints(document.positions, params.range, clock_utc(), dates=document.has_registrations)

    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION,
        lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix], resolve_provider=True),
    )
    async def on_action(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        return await server.actions(params.text_document.uri, params.range)

    @server.feature(lsp.CODE_ACTION_RESOLVE)
    async def on_resolve(action: lsp.CodeAction) -> lsp.CodeAction:
        return await server.resolved(action, says_why=True)


def _warm_up() -> None:
    """Load the readers, the rules and the tables, so that the first file is not slower than the next."""
    from contextlib import suppress

    from advisor.sources.table import SOURCES

    here = str(Path(__file__).parent)
    for source in SOURCES:
        for name, text in source.samples.items():
            with suppress(GrantlintError):
                check(Checking(f"warm-up:{name}", here, {f"warm-up:{name}": text.encode()}))
    hints(Positions(GRAPH), lsp.Range(lsp.Position(0, 0), lsp.Position(1, 0)), clock_utc(), dates=False)
    complete(Positions("id ="), lsp.Position(0, 4), "tf")
