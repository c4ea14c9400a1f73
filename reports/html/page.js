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

// A severity is hidden by one class on <main>; a registration is hidden when its name does not match or nothing of it is left.
function startFilter(form) {
  const main = document.getElementById("main");
  const clean = document.getElementById("clean");
  const shown = document.getElementById("shown");
  const find = form.elements.find;
  const boxes = [...form.querySelectorAll("[type=checkbox]")];
  let parts = null; // made when first needed: most readers only scroll

  function look() {
    const words = (item) => item.textContent.toLowerCase();
    const registrations = [...main.getElementsByClassName("registration")].map((item) => ({
      item,
      text: words(item.querySelector("h3")) + " " + words(item.querySelector(".about")),
      counts: boxes.map((box) => item.getElementsByClassName("finding " + box.value).length),
    }));
    const names = [...main.querySelectorAll(".clean li")].map((item) => ({ item, text: words(item), counts: boxes.map(() => 0) }));
    return [...registrations, ...names];
  }

  function apply() {
    parts ??= look();
    const text = find.value.trim().toLowerCase();
    const all = boxes.every((box) => box.checked);
    let seen = 0, total = 0;
    for (const box of boxes) main.classList.toggle("no-" + box.value, !box.checked);
    for (const { item, text: name, counts } of parts) {
      const left = counts.reduce((sum, count, place) => sum + (boxes[place].checked ? count : 0), 0);
      const hidden = !name.includes(text) || (!all && !left);
      if (!hidden) seen += left;
      total += counts.reduce((sum, count) => sum + count, 0);
      if (item.hidden !== hidden) item.hidden = hidden;
    }
    if (clean) clean.hidden = !clean.querySelector("li:not([hidden])");
    shown.textContent = `${seen.toLocaleString("en")} of ${total.toLocaleString("en")} findings shown`;
  }

  function set(text, hidden) {
    find.value = text;
    for (const box of boxes) box.checked = !hidden.includes(box.value);
  }

  function keep() {
    remember("find", find.value.trim());
    remember("hide", boxes.filter((box) => !box.checked).map((box) => box.value).join(","));
  }

  // A link leads to what it names, even when the filter hides that.
  function reveal() {
    const target = document.querySelector(":target");
    if (!target || target.checkVisibility() || !target.closest("#registrations")) return;
    set("", []);
    apply();
    keep();
    target.scrollIntoView();
  }

  set(state.get("find") || "", (state.get("hide") || "").split(","));
  if (state.has("find") || state.has("hide")) apply();
  form.addEventListener("input", () => { apply(); keep(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", reveal);
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
