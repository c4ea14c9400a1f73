"""The HTML report in Chromium, by the browser's own timing: how large, how soon it is there, how soon a filter answers.

Each figure stands against a bare page that is measured in the same browser: as many lines of the same words without a
style sheet, a script or a link, below ``content-visibility: auto``.
"""

from __future__ import annotations

import gc
import os
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: What the browser says of its own loading, in milliseconds: parsed, everything run, first paint.
LOADED = """() => {
  const entry = performance.getEntriesByType('navigation')[0];
  const paint = performance.getEntriesByName('first-contentful-paint')[0];
  return [entry.domInteractive, entry.domContentLoadedEventEnd, paint ? paint.startTime : 0];
}"""

#: Milliseconds from the event until the frame that shows its effect is done.
ANSWER = """([field, value]) => new Promise((done) => {
  const form = document.getElementById('filter');
  const start = performance.now();
  if (field === 'clear') form.reset();
  else if (field === 'show') {
    for (const box of form.querySelectorAll('[type=checkbox]')) box.checked = box.value === value;
    form.dispatchEvent(new Event('input', { bubbles: true }));
  } else {
    form.elements[field].value = value;
    form.dispatchEvent(new Event('input', { bubbles: true }));
  }
  requestAnimationFrame(() => {
    const port = new MessageChannel();
    port.port1.onmessage = () => done(performance.now() - start);
    port.port2.postMessage(0);
  });
})"""

STEPS = (
    ("one severity", ("show", "critical")),
    ("a name", ("find", "application 39")),
    ("a rule", ("rule", "2")),
    ("a state", ("state", "gaps")),
)


@contextmanager
def chromium() -> Iterator[Any]:
    """Debian's Chromium, or the one that CHROMIUM names."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def bare(report: Any) -> str:
    """A page of the same lines and nothing else."""
    lines = "\n".join(f"<p><b>{row.severity}</b> {row.message} {row.pointer}</p>" for row in report.findings)
    return (
        f"<!doctype html><meta charset=utf-8><title>x</title><style>p {{ content-visibility: auto }}</style>{lines}\n"
    )


def pages(count: int, rounds: int, *, goal: int = 1000, filters: bool = True) -> None:
    """*count* registrations with three findings each: size, opening, filtering and clearing."""
    if shutil.which(os.environ.get("CHROMIUM", "/usr/bin/chromium")) is None:
        print("pages: no Chromium here, not measured")
        return
    from reports.html.page import render_html
    from tests.reports.large import large_report

    report = large_report(count)
    html = render_html(report)
    print(f"{count:,} registrations, {len(report.findings):,} findings as a page: {len(html.encode()) / 1e6:.1f} MB")
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        ours, floor = Path(folder) / "report.html", Path(folder) / "bare.html"
        ours.write_text(html, "utf-8")
        floor.write_text(bare(report), "utf-8")
        del html, report
        gc.collect()
        _opening(browser, ours, floor, rounds, goal)
        if filters:
            _filtering(browser, ours, rounds)


def _opening(browser: Any, ours: Path, floor: Path, rounds: int, goal: int) -> None:
    pairs = [(_loaded(browser, ours), _loaded(browser, floor)) for _ in range(rounds)]
    for place, name in enumerate(("parsed", "ready", "first paint")):
        mine = statistics.median(pair[0][place] for pair in pairs)
        bare_ = statistics.median(pair[1][place] for pair in pairs)
        word = "ok" if mine <= goal else "over the goal"
        print(
            f"  {name:<24} {mine:8.0f} ms   {mine / max(bare_, 1):5.2f}x a bare page ({bare_:.0f} ms)   goal {goal} "
            f"ms: {word}"
        )


def _loaded(browser: Any, path: Path) -> list[float]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(path.as_uri(), timeout=120_000)
    figures: list[float] = page.evaluate(LOADED)
    page.close()
    return figures


def _filtering(browser: Any, path: Path, rounds: int) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(path.as_uri(), timeout=120_000)
    page.locator("#filter").wait_for()
    page.evaluate("() => new Promise((done) => requestIdleCallback(done))")
    for name, step in STEPS:
        there, back = [], []
        for _ in range(rounds):
            there.append(page.evaluate(ANSWER, list(step)))
            back.append(page.evaluate(ANSWER, ["clear", ""]))
        for what, figures in ((f"filter by {name}", there), (f"clear {name}", back)):
            median = statistics.median(figures)
            print(
                f"  {what:<24} {median:8.0f} ms   worst {max(figures):.0f}   goal 100 ms: "
                f"{'ok' if median <= 100 else 'over the goal'}"
            )
    page.close()
