"""Real registrations from public repositories, where a corpus of them lies beside the checkout."""

from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.sources.discover import read_paths

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus"
FILES = sorted(
    path for path in CORPUS.glob("*/*") if path.parent.name in ("aad-manifest", "graph-manifest", "graph-api")
)

#: Not a registration, but a file that ``az ad app create --required-resource-accesses`` takes: a part of one.
PARTS = ("NEGATIVE_required-resource-accesses",)

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILES, reason="no corpus of real registrations beside the checkout"),
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_real_file_is_read_or_told_apart_in_one_line(path: Path) -> None:
    reading = read_paths([str(path)], stdin=bytes)
    if "NEGATIVE" in path.name and not any(part in path.name for part in PARTS):
        assert not reading.subjects
        assert len(reading.problems) == 1
    else:
        assert reading.subjects
        assert reading.problems == ()
    for subject in reading.subjects:
        assert reading.row(subject.key).origin.line is not None


DECLARED = sorted(path for path in CORPUS.glob("*/*.json") if path.parent.name in ("arm", "teams", "terraform"))


@pytest.mark.parametrize("path", DECLARED, ids=lambda path: path.name)
def test_a_real_plan_template_or_app_is_read_or_told_apart_in_one_line(path: Path) -> None:
    reading = read_paths([str(path)], stdin=bytes)
    if "NEGATIVE" in path.name:
        assert len(reading.problems) == 1
        return
    assert reading.problems == ()
    assert [row.status for row in reading.inputs] == ["read"]
    assert bool(reading.subjects) == (path.parent.name != "teams")
    for subject in reading.subjects:
        assert reading.row(subject.key).origin.line is not None
        for pointer in ("/displayName", "/signInAudience", "/web/redirectUris", "/requiredResourceAccess/0"):
            assert reading.locate(subject.key, pointer).property


def test_the_whole_corpus_is_linted_without_a_traceback(grantlint: Callable) -> None:
    run = grantlint("lint", CORPUS, "--isolated", "--concise", "--today", "2026-11-24")
    assert "Traceback" not in run.err
    assert "internal" not in run.err
    assert run.out
