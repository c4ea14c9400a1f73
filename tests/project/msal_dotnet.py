"""Build the MSAL.NET snippets of recipes, and record which ones were built: ``python tests/project/msal_dotnet.py``.

With the .NET SDK they are built against the package from NuGet. Without one, mcs of Mono builds them against the
signatures in ``tests/advisor/preflight/msal_net.cs``; syntax that is newer than mcs is rewritten first. A test compares
the record with the snippets, so that no snippet changes without a build.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "tests" / "advisor" / "preflight" / "msal_net.cs"
RECORD = ROOT / "tests" / "advisor" / "preflight" / "msal_net.sha256"
_PROJECT = """<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType><TargetFramework>net9.0</TargetFramework>
    <Nullable>enable</Nullable><ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
  <ItemGroup><PackageReference Include="Microsoft.Identity.Client" Version="*" /></ItemGroup>
</Project>
"""
#: What a project of today imports by itself.
_IMPLICIT = ("System", "System.Collections.Generic", "System.Linq", "System.Threading", "System.Threading.Tasks")


def digest(snippets: dict[str, str]) -> str:
    """What identifies the snippets."""
    return hashlib.sha256("\0".join(snippets[name] for name in sorted(snippets)).encode()).hexdigest()


def _for_mcs(number: int, text: str) -> str:
    """A program of C# 12 in C# 7: a class around the statements, arrays for collections, no ``!`` after a value."""
    lines = text.splitlines()
    uses = [line for line in lines if line.startswith("using ")]
    body = "\n".join(line for line in lines if not line.startswith("using "))
    body = re.sub(r'\[("[^"]*")\]', r"new[] { \1 }", body).replace(")!;", ");")
    imports = "\n".join(dict.fromkeys([*(f"using {name};" for name in _IMPLICIT), *uses]))
    return f"{imports}\npublic static class P{number} {{ public static async Task Run() {{\n{body}\n}} }}\n"


def build(snippets: dict[str, str], folder: Path) -> str:
    """Build all *snippets* in a *folder*; returns what the compiler says of mistakes, empty for none."""
    if shutil.which("dotnet"):
        said = []
        for number, text in enumerate(snippets.values()):
            place = folder / str(number)
            place.mkdir()
            (place / "p.csproj").write_text(_PROJECT)
            (place / "Program.cs").write_text(text)
            said.append(_run(["dotnet", "build", "--nologo", "-v", "q"], place))
        return "".join(said)
    for number, text in enumerate(snippets.values()):
        (folder / f"P{number}.cs").write_text(_for_mcs(number, text))
    (folder / "Library.cs").write_text(LIBRARY.read_text("utf-8"))
    return _run(
        ["mcs", "-target:library", "-nologo", "-warn:0", "-out:all.dll", *map(str, folder.glob("*.cs"))], folder
    )


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def main() -> int:
    """Build, and write the record if all can be built."""
    sys.path.insert(0, str(ROOT))
    from tests.advisor.preflight.test_snippets import snippets_in

    snippets = snippets_in("dotnet")
    with tempfile.TemporaryDirectory() as folder:
        mistakes = build(snippets, Path(folder))
    if mistakes:
        print(mistakes, file=sys.stderr)
        return 1
    RECORD.write_text(digest(snippets) + "\n", "utf-8")
    print(f"built {len(snippets)} snippets")
    return 0


if __name__ == "__main__":
    sys.exit(main())
