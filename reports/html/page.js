// Theme and filter. The report is complete without this; the state stands in the address, so that a view can be shared.
"use strict";
const root = document.documentElement;
const state = new URLSearchParams(location.search);

function remember(name, value) {
  if (value) state.set(name, value); else state.delete(name);
  const query = state.toString();
  try { history.replaceState(null, "", (query ? "?" + query : location.pathname) + location.hash); } catch { /* not everywhere on file: */ }
}

function setTheme(theme) {
  if (theme === "light" || theme === "dark") root.dataset.theme = theme; else delete root.dataset.theme;
}

setTheme(state.get("theme"));

function startTheme(form) {
  const chosen = form.querySelector(`[value="${root.dataset.theme || "system"}"]`);
  chosen.checked = true;
  form.hidden = false;
  form.addEventListener("change", (event) => {
    setTheme(event.target.value);
    remember("theme", root.dataset.theme);
  });
}

function startFilter(form) {
  const main = document.getElementById("main");
  const shown = document.getElementById("shown");
  const boxes = [...form.querySelectorAll("input")];
  const counts = new Map(boxes.map((box) => [box.value, main.getElementsByClassName("finding " + box.value).length]));
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const hidden = new Set((state.get("hide") || "").split(","));
  for (const box of boxes) box.checked = !hidden.has(box.value);
  function apply() {
    let seen = 0;
    for (const box of boxes) {
      main.classList.toggle("no-" + box.value, !box.checked);
      if (box.checked) seen += counts.get(box.value);
    }
    shown.textContent = `${seen.toLocaleString("en")} of ${total.toLocaleString("en")} shown`;
  }
  form.addEventListener("change", () => {
    apply();
    remember("hide", boxes.filter((box) => !box.checked).map((box) => box.value).join(","));
  });
  apply();
  form.hidden = false;
}

document.addEventListener("DOMContentLoaded", () => {
  startTheme(document.getElementById("theme"));
  const filter = document.getElementById("filter");
  if (filter) startFilter(filter);
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => { for (const details of opened) details.open = false; });
});
