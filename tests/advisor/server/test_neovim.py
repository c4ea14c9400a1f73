"""Neovim shows the findings: a real editor, where it is installed."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from tests.advisor.server.editor import RUN
from tests.advisor.server.test_session import TERRAFORM

NVIM = shutil.which("nvim")

#: ``start_client`` is in every version since 0.5; ``vim.lsp.config``, which the documentation shows, since 0.11.
SCRIPT = """\
local client = vim.lsp.start_client({ cmd = %s, root_dir = vim.fn.getcwd() })
vim.cmd("edit main.tf")
vim.lsp.buf_attach_client(0, client)
vim.wait(20000, function() return #vim.diagnostic.get(0) > 0 end, 50)
local found = {}
for _, one in ipairs(vim.diagnostic.get(0)) do
  local code = one.code or one.user_data.lsp.code
  table.insert(found, { code = code, line = one.lnum, column = one.col })
end
vim.fn.writefile({ vim.json and vim.json.encode(found) or vim.fn.json_encode(found) }, "found.json")
vim.cmd("qall!")
"""


def test_neovim_shows_findings_at_their_columns(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(TERRAFORM, "utf-8")
    command = "{ " + ", ".join(json.dumps(part) for part in (sys.executable, "-c", RUN)) + " }"
    (tmp_path / "check.lua").write_text(SCRIPT % command, "utf-8")
    subprocess.run(
        [NVIM or "", "--headless", "-u", "NONE", "-c", "luafile check.lua"], cwd=tmp_path, check=True, timeout=60
    )
    found = {one["code"]: (one["line"], one["column"]) for one in json.loads((tmp_path / "found.json").read_text())}
    assert found["implicit-access-token"] == (5, 38)
    # Neovim counts bytes: the emoji before the value has four, and two units of UTF-16.
    assert found["wildcard-redirect-uri"] == (3, 46)
