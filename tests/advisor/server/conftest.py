"""Tests with Neovim run where it is installed: CI does not install an editor."""

import shutil

collect_ignore = [] if shutil.which("nvim") else ["test_neovim.py"]
