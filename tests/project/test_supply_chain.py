"""A release: the bill of materials lists what is pinned, and the wheel is the same when it is built again."""

import importlib.util
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("sbom", Path(__file__).with_name("sbom.py"))
assert _spec is not None
assert _spec.loader is not None
sbom = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(sbom)

ROOT = Path(__file__).resolve().parents[2]
NAME = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)


def test_the_bill_of_materials_lists_every_pinned_package_with_its_hashes() -> None:
    document = sbom.bom()
    pinned = {name.lower() for name in NAME.findall((ROOT / "constraints.txt").read_text("utf-8"))}
    assert {component["name"] for component in document["components"]} == pinned
    refs = [component["bom-ref"] for component in document["components"]]
    assert len(refs) == len(set(refs))
    assert document["dependencies"] == [{"ref": document["metadata"]["component"]["bom-ref"], "dependsOn": refs}]
    for component in document["components"]:
        assert component["purl"] == f"pkg:pypi/{component['name']}@{component['version']}"
        assert all(file["hashes"][0]["alg"] == "SHA-256" for file in component["externalReferences"])


def test_a_package_without_a_hash_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"typer has no hash in constraints\.txt"):
        sbom.components("typer==0.20.0\n")


def test_the_bill_of_materials_has_what_cyclonedx_requires() -> None:
    """The fields that the schema of CycloneDX 1.6 requires, and the forms that it gives some."""
    document = sbom.bom()
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert document["version"] >= 1
    for component in (document["metadata"]["component"], *document["components"]):
        assert component["type"] in ("application", "library")
        assert component["name"]
        for reference in component.get("externalReferences", ()):
            assert reference["url"]
            assert reference["type"] == "distribution"
            assert all(re.fullmatch(r"[0-9a-f]{64}", one["content"]) for one in reference["hashes"])
    assert all(dependency["ref"] for dependency in document["dependencies"])


def test_the_tag_of_a_release_is_its_version() -> None:
    release = runpy.run_path(str(Path(__file__).with_name("release.py")))
    version = sbom.bom()["metadata"]["component"]["version"]
    assert release["mistake"](f"v{version}") == ""
    assert version in release["mistake"]("v99")


def test_a_release_is_published_without_a_stored_token() -> None:
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")
    assert "secrets." not in text
    assert "environment: pypi" in text
    assert text.count("id-token: write") == 2
    assert "actions/attest-build-provenance@" in text
    assert "SOURCE_DATE_EPOCH" in text


@pytest.mark.exhaustive
@pytest.mark.wheel
def test_the_wheel_is_reproducible(tmp_path: Path) -> None:
    wheels = []
    for number, umask in enumerate((0o022, 0o077)):
        copy = tmp_path / str(number)
        subprocess.run(["git", "checkout-index", "--all", f"--prefix={copy}/"], cwd=ROOT, check=True)
        build = [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "-q",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            f"{copy}.out",
            ".",
        ]
        environment = {**os.environ, "PYTHONHASHSEED": str(number)}
        subprocess.run(build, cwd=copy, env=environment, umask=umask, check=True)
        wheels.append(next(Path(f"{copy}.out").glob("*.whl")).read_bytes())
    assert wheels[0] == wheels[1]
