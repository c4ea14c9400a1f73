// The theme, and copies of texts: what the report and the interactive page have in common.
"use strict";
const root = document.documentElement;
const state = new URLSearchParams(location.search);
const by = (id) => document.getElementById(id);

function setAddress(address) {
  try { history.replaceState(null, "", address); } catch { /* not everywhere on file: */ }
}

function remember(values) {
  for (const [name, value] of Object.entries(values)) if (value) state.set(name, value); else state.delete(name);
  const query = state.toString();
  setAddress((query ? "?" + query : location.pathname) + location.hash);
}

function setTheme(theme) {
  if (theme === "light" || theme === "dark") root.dataset.theme = theme; else delete root.dataset.theme;
}

setTheme(state.get("theme"));

function startTheme(form) {
  form.querySelector(`[value="${root.dataset.theme || "system"}"]`).checked = true;
  form.hidden = false;
  form.addEventListener("change", (event) => {
    setTheme(event.target.value);
    remember({ theme: root.dataset.theme });
  });
}

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "unseen";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  if (!button || button.textContent === "Copied") return;
  const words = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = words; }, 1500);
}
