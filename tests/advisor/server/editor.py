"""A real client of the language server: the server runs in a process of its own, as an editor starts it."""

import asyncio
import sys
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

ROOT = Path(__file__).resolve().parents[3]
RUN = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from advisor.cli import run; sys.exit(run(['server']))"
CAPABILITIES = lsp.ClientCapabilities(
    workspace=lsp.WorkspaceClientCapabilities(
        workspace_edit=lsp.WorkspaceEditClientCapabilities(
            document_changes=True, resource_operations=[lsp.ResourceOperationKind.Create]
        )
    ),
    text_document=lsp.TextDocumentClientCapabilities(
        code_action=lsp.CodeActionClientCapabilities(
            resolve_support=lsp.ClientCodeActionResolveOptions(properties=["edit"])
        )
    ),
)


class Editor:
    """An editor with the workspace *root*. Its calls wait for the answers of the server."""

    def __init__(self, root: Path) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._published: dict[tuple[str, int | None], list[lsp.Diagnostic]] = {}
        self._news = threading.Condition()
        self.messages: list[str] = []
        self.client = LanguageClient("tests", "1")

        @self.client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: lsp.PublishDiagnosticsParams) -> None:
            self._on_diagnostics(params)

        self.client.feature(lsp.WINDOW_SHOW_MESSAGE)(lambda params: self.messages.append(params.message))
        self._do(self.client.start_io(sys.executable, "-c", RUN))
        self.answer = self._do(
            self.client.initialize_async(lsp.InitializeParams(capabilities=CAPABILITIES, root_uri=root.as_uri()))
        )
        self._call(self.client.initialized, lsp.InitializedParams())

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def _call(self, send: Any, params: Any) -> None:
        async def sent() -> None:
            send(params)

        self._do(sent())

    def _on_diagnostics(self, params: lsp.PublishDiagnosticsParams) -> None:
        with self._news:
            self._published[params.uri, params.version] = list(params.diagnostics)
            self._news.notify_all()

    def open(self, file: Path, text: str) -> None:
        item = lsp.TextDocumentItem(file.as_uri(), "", 1, text)
        self._call(self.client.text_document_did_open, lsp.DidOpenTextDocumentParams(item))

    def change(self, file: Path, text: str, version: int) -> None:
        identifier = lsp.VersionedTextDocumentIdentifier(version, file.as_uri())
        change = lsp.TextDocumentContentChangeWholeDocument(text)
        self._call(self.client.text_document_did_change, lsp.DidChangeTextDocumentParams(identifier, [change]))

    def close(self, file: Path) -> None:
        params = lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(file.as_uri()))
        self._call(self.client.text_document_did_close, params)

    def diagnostics(self, file: Path, version: int | None = 1) -> list[lsp.Diagnostic]:
        """What the server says of a version of a file, as soon as it does."""
        key = file.as_uri(), version
        with self._news:
            assert self._news.wait_for(lambda: key in self._published, 20), f"nothing was published for {key}"
            return self._published[key]

    def was_published(self, file: Path, version: int) -> bool:
        return (file.as_uri(), version) in self._published

    def hover(self, file: Path, line: int, character: int) -> str:
        params = lsp.HoverParams(lsp.TextDocumentIdentifier(file.as_uri()), lsp.Position(line, character))
        found = self._do(self.client.text_document_hover_async(params))
        return found.contents.value if found else ""

    def actions(self, file: Path, line: int, character: int) -> list[lsp.CodeAction]:
        at = lsp.Position(line, character)
        params = lsp.CodeActionParams(
            lsp.TextDocumentIdentifier(file.as_uri()), lsp.Range(at, at), lsp.CodeActionContext([])
        )
        return self._do(self.client.text_document_code_action_async(params))

    def resolve(self, action: lsp.CodeAction) -> lsp.CodeAction:
        return self._do(self.client.code_action_resolve_async(action))

    def complete(self, file: Path, line: int, character: int) -> list[lsp.CompletionItem]:
        params = lsp.CompletionParams(lsp.TextDocumentIdentifier(file.as_uri()), lsp.Position(line, character))
        return self._do(self.client.text_document_completion_async(params)).items

    def hints(self, file: Path) -> list[str]:
        whole = lsp.Range(lsp.Position(0, 0), lsp.Position(10_000, 0))
        params = lsp.InlayHintParams(lsp.TextDocumentIdentifier(file.as_uri()), whole)
        return [hint.label for hint in self._do(self.client.text_document_inlay_hint_async(params)) or ()]

    def quit(self) -> int | None:
        """End the server; its exit status."""
        self._do(self.client.shutdown_async(None))
        self._call(self.client.exit, None)
        self._do(self.client.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        server = self.client._server
        return server.returncode if server else None
