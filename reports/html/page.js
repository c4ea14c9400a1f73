// Filter, order, keys, copies. The report is complete without this; the state is in the address, so that a view
// can be shared. Nothing here writes markup: texts are set as texts, what is hidden by finding is hidden by a style sheet.
const FINDING = "li.f, li.finding";

// What the filter asks, as the classes that a finding must have; an empty list asks nothing.
function read(form) {
  const value = (name) => form.elements[name]?.value || "";
  const boxes = [...form.querySelectorAll("[type=checkbox]")];
  const shown = boxes.filter((box) => box.checked).map((box) => box.value);
  const chosen = value("rule") ? [value("rule")] : value("family").split(" ").filter(Boolean);
  return {
    text: value("find").trim().toLowerCase(),
    severities: shown.length === boxes.length ? null : new Set(shown),
    hide: boxes.filter((box) => !box.checked).map((box) => box.value),
    rules: chosen.length ? new Set(chosen.map((number) => "r" + number)) : null,
    rule: value("rule"), family: value("family"), owner: value("owner"), state: value("state"), sort: value("sort"),
  };
}

// The registrations with what is asked of them; made once, when first needed or when the browser has nothing to do.
function look() {
  const chunks = new Map([...document.querySelectorAll(".chunk")].map((item) => [item, { item, left: 0, list: item.tagName === "UL" }]));
  const one = (item) => {
    const lower = (element) => (element ? element.textContent.toLowerCase() : "");
    const findings = [];
    for (const line of item.querySelectorAll(FINDING)) {
      const [, severity, rule, mark] = line.className.split(" ");
      findings.push({ severity, rule, state: mark || "new" });
    }
    const above = item.previousElementSibling;
    return {
      item, head: above?.matches(".tenant") ? above : null, findings, name: lower(item.querySelector("h3")), text: lower(item.querySelector("h3")) + " " + lower(item.querySelector("p:not(.tally)")),
      owners: (item.dataset.o || "").split(" "), gaps: item.querySelector('.gaps, a[href^="#n"]') !== null, place: 0, hidden: false, set: item.hidden, chunk: chunks.get(item.parentElement),
    };
  };
  const full = [...document.querySelectorAll("section.r, section.registration")].map(one);
  const plain = [...document.querySelectorAll(".clean > li")].map((item) => {
    const name = item.textContent.toLowerCase();
    return { item, findings: [], name, text: name, owners: [], gaps: item.parentElement.classList.contains("gaps"), place: 0, hidden: false, set: item.hidden, chunk: chunks.get(item.parentElement) };
  });
  full.forEach((part, place) => { part.place = place; });
  return { full, parts: [...full, ...plain], chunks: [...chunks.values()] };
}

function startFilter(form) {
  const shown = by("shown");
  const main = by("main");
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  let index = null;
  let order = "";

  const fits = (finding, wish) => (!wish.severities || wish.severities.has(finding.severity))
    && (!wish.rules || wish.rules.has(finding.rule)) && (!wish.state || wish.state === "gaps" || wish.state === finding.state);

  // Findings are hidden by rules of a style sheet: nothing has to be written into thirty thousand elements.
  function hideFindings(wish) {
    const not = (names) => names.map((name) => `:not(.${name})`).join("");
    const rules = [];
    if (wish.severities) rules.push(not([...wish.severities]));
    if (wish.rules) rules.push(not([...wish.rules]));
    if (wish.state === "new") rules.push(":is(.known, .accepted)");
    if (wish.state === "known" || wish.state === "accepted") rules.push(`:not(.${wish.state})`);
    sheet.replaceSync("@media screen { " + rules.map((rule) => `li.f${rule}, li.finding${rule} { display: none; }`).join(" ") + " }");
  }

  function apply() {
    index ??= look();
    const wish = read(form);
    hideFindings(wish);
    if (wish.sort !== order) arrange(wish.sort);
    const asks = wish.severities || wish.rules || (wish.state && wish.state !== "gaps");
    for (const chunk of index.chunks) chunk.left = 0;
    let seen = 0, total = 0, registrations = 0;
    for (const part of index.parts) {
      let fitting = asks ? 0 : part.findings.length;
      if (asks) for (const finding of part.findings) if (fits(finding, wish)) fitting += 1;
      part.hidden = (wish.text !== "" && !part.text.includes(wish.text)) || (wish.owner !== "" && !part.owners.includes(wish.owner))
        || (asks && !fitting) || (wish.state === "gaps" && !part.gaps);
      total += part.findings.length;
      if (part.hidden) continue;
      seen += fitting;
      registrations += 1;
      part.chunk.left += 1 + fitting;
    }
    let first = null;
    for (const part of index.full) { // a tenant's heading stands as long as anything under it does
      if (part.head) {
        first = part;
        first.head.hidden = true;
      }
      if (!first?.head.hidden || part.hidden) continue;
      first.head.hidden = false;
      first.chunk.left += 1;
    }
    for (const part of index.parts) { // what lies in a hidden chunk is hidden with it
      if (part.chunk.left && part.set !== part.hidden) part.item.hidden = part.set = part.hidden;
    }
    // Chunks that a narrow filter had brought close together would all be laid out before the next frame: they wait for it.
    const waiting = main.classList.contains("many") ? index.chunks.filter((chunk) => chunk.left).slice(1) : [];
    for (const { item } of waiting) item.style.contentVisibility = "hidden";
    requestAnimationFrame(() => requestAnimationFrame(() => { for (const { item } of waiting) item.style.contentVisibility = ""; }));
    for (const { item, left, list } of index.chunks) {
      if (item.hidden !== !left) item.hidden = !left;
      item.style.containIntrinsicBlockSize = list ? "" : `auto ${left * 40}px`;
    }
    const clean = by("clean");
    if (clean) clean.hidden = !clean.querySelector(".chunk:not([hidden])");
    const noun = by("registrations-heading").textContent.includes(" and ") ? ["entry", "entries"] : ["registration", "registrations"];
    const number = (count) => count.toLocaleString("en");
    shown.textContent = `${number(seen)} of ${number(total)} findings shown, in ${number(registrations)} ${noun[registrations === 1 ? 0 : 1]}`;
  }

  function arrange(sort) {
    order = sort;
    const count = (part) => part.findings.length;
    const rank = { name: (a, b) => a.name.localeCompare(b.name), most: (a, b) => count(b) - count(a) || a.place - b.place }[sort];
    const sorted = [...index.full].sort(rank || ((a, b) => a.place - b.place));
    index.chunks.filter((chunk) => !chunk.list).forEach((chunk, place) => {
      const parts = sorted.slice(place * 25, place * 25 + 25);
      for (const part of parts) part.chunk = chunk;
      chunk.item.replaceChildren(...parts.flatMap((part) => (rank || !part.head ? [part.item] : [part.head, part.item])));
    });
  }

  function write(values) {
    for (const name of ["find", "rule", "family", "owner", "state", "sort"]) if (form.elements[name]) form.elements[name].value = values[name] || "";
    const hide = (values.hide || "").split(",");
    for (const box of form.querySelectorAll("[type=checkbox]")) box.checked = !hide.includes(box.value);
  }

  function keep() {
    const { rule, family, owner, state: kind, sort, hide } = read(form);
    remember({ find: form.elements.find.value.trim(), rule, family, owner, state: kind, sort, hide: hide.join(",") });
  }

  function set(values) {
    write(values);
    apply();
    keep();
  }

  // A link leads to what it names, even when the filter hides that; a longer or shorter name of a finding leads to it too.
  function reveal() {
    const name = location.hash.slice(1);
    let target = by(name);
    if (!target && /^(f|finding-)[0-9a-z]+$/i.test(name)) {
      const print = name.replace(/^(finding-|f)/, "");
      target = by("f" + print.slice(0, 9)) || document.querySelector(`[id^="finding-${print}"]`);
      if (target) location.replace("#" + target.id);
    }
    if (!target || target.checkVisibility() || !target.closest("#registrations")) return;
    set({ sort: read(form).sort });
    target.scrollIntoView();
  }

  function saveCsv() {
    index ??= look();
    const wish = read(form);
    const safe = (text) => (/^[=+\-@|%\t\r\n＝＋－＠]/.test(text) ? "'" + text : text);
    const cell = (text) => `"${safe(text.trim().replace(/\s+/g, " ")).replaceAll('"', '""')}"`;
    const lines = [["severity", "state", "rule", "registration", "about", "message", "property"].map(cell).join(",")];
    const names = new Map([...document.querySelectorAll(".rule-text")].map((rule) => [rule.querySelector("h3").id, rule.id.replace(/^rule-/, "")]));
    for (const part of index.full) {
      if (part.hidden) continue;
      const name = part.item.querySelector("h3").textContent;
      const about = part.item.querySelector("p:not(.tally)").textContent;
      [...part.item.querySelectorAll(FINDING)].forEach((line, place) => {
        const finding = part.findings[place];
        if (!fits(finding, wish)) return;
        const says = line.querySelector("h4, a").textContent;
        const property = line.querySelector("code").textContent;
        lines.push([finding.severity, finding.state, names.get(finding.rule) || finding.rule, name, about, says, property].map(cell).join(","));
      });
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([lines.join("\r\n") + "\r\n"], { type: "text/csv" }));
    link.download = "findings.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  const given = Object.fromEntries(state);
  write(given);
  if (["find", "rule", "family", "owner", "state", "sort", "hide"].some((name) => name in given)) apply();
  form.addEventListener("input", () => { apply(); keep(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => { event.preventDefault(); set({}); });
  by("csv").addEventListener("click", saveCsv);
  main.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-set]");
    if (!link) return;
    event.preventDefault();
    const [name, value] = link.dataset.set.split("=");
    set({ [name]: value });
    by("registrations").scrollIntoView();
  });
  addEventListener("hashchange", reveal);
  form.hidden = false;
  // A link that came with the address is followed once there is time; a place that the keys have walked to since is not one.
  const linked = location.hash;
  (globalThis.requestIdleCallback || setTimeout)(() => { index ??= look(); if (linked && linked === location.hash) reveal(); });
  return { clear: () => set({}), focus: () => form.elements.find.focus() };
}

// What somebody needs to fix a finding, as text.
function fixOf(finding) {
  const text = (element) => (element ? element.textContent.replace(/\s+/g, " ").trim() : "");
  const part = finding.closest("section");
  const rule = by(finding.className.split(" ")[2])?.closest(".rule-text");
  const patch = finding.querySelector(".fix pre");
  const lines = [
    `${text(part.querySelector("h3"))} (${text(part.querySelector("p:not(.tally)"))})`,
    `${text(finding.querySelector("h4, a"))}: ${text(finding.querySelector("code"))}`,
    ...[...finding.querySelectorAll(".fix > p:not(.see)")].map(text),
  ];
  if (!finding.querySelector(".fix") && rule) lines.push(...[...rule.querySelectorAll(".fix")].map(text));
  if (patch) lines.push(patch.textContent);
  return lines.filter(Boolean).join("\n") + "\n";
}

// The requests of a registration: those of its group, with its own values set as texts.
function startRequests() {
  const valuesOf = (part, platform) => {
    const written = part.dataset[platform] ?? "";
    const uri = written && !/^[a-z][a-z0-9+.-]*:/i.test(written) ? "https://" + written : written;
    const shown = part.querySelector(":scope > p")?.textContent.match(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i);
    const origin = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]+/i.exec(uri);
    return {
      client_id: part.dataset.c ?? (shown ? shown[0] : ""),
      redirect_uri: encodeURIComponent(uri).replaceAll("%3A", ":").replaceAll("%2F", "/"),
      origin: origin ? origin[0] : "",
    };
  };

  const filled = (way, part) => {
    const copy_ = way.cloneNode(true);
    copy_.removeAttribute("id");
    const values = valuesOf(part, way.dataset.p);
    for (const place of copy_.querySelectorAll("[data-v]")) {
      const value = values[place.dataset.v];
      if (!value) continue;
      const bold = document.createElement("b");
      bold.textContent = value;
      place.replaceWith(bold);
    }
    return copy_;
  };

  by("main").addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#q"]');
    const part = link?.closest("section.r, section.registration, .clean > li");
    const group = link && by(link.hash.slice(1));
    if (!part || !group || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const open = part.querySelector(":scope > .ways");
    link.setAttribute("aria-expanded", String(!open));
    if (open) {
      open.remove();
      return;
    }
    const ways = document.createElement("div");
    ways.className = "ways";
    ways.append(...[...group.querySelectorAll('a[href^="#way-"]')].map((to) => filled(by(to.hash.slice(1)), part)));
    ways.append(...[...group.querySelectorAll(".none")].map((node) => node.cloneNode(true)));
    const posture = group.querySelector('a[href^="#posture"]')?.cloneNode();
    if (posture) {
      posture.textContent = "Which grants work, and why the others do not";
      ways.append(posture);
    }
    part.append(ways);
  });
}

function startCopies() {
  for (const place of document.querySelectorAll(".fix")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy fix";
    place.append(button);
  }
  by("main").addEventListener("click", (event) => {
    const button = event.target.closest(".copy");
    if (button) copy(fixOf(button.closest(FINDING)), button);
  });
}

function startKeys(filter) {
  const dialog = by("keys");
  let current = null;
  const move = (step) => {
    const all = [...document.querySelectorAll(FINDING)];
    let place = current ? all.indexOf(current) : -1;
    do { place += step; } while (all[place] && !all[place].checkVisibility());
    if (!all[place]) return;
    current?.removeAttribute("aria-current");
    current = all[place];
    current.setAttribute("aria-current", "true");
    current.tabIndex = -1;
    current.focus();
    try { history.replaceState(null, "", location.search + "#" + current.id); } catch { /* not everywhere on file: */ }
  };
  const keys = {
    "/": () => filter?.focus(), j: () => move(1), k: () => move(-1), "?": () => dialog.showModal(),
    c: () => current && copy(fixOf(current), current.querySelector(".copy")),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    const typing = event.target.closest("input:not([type=checkbox], [type=radio]), select, textarea");
    if (event.key === "Escape" && filter && (!typing || typing.name === "find")) filter.clear();
    else if (!typing && keys[event.key]) {
      event.preventDefault();
      keys[event.key]();
    }
  });
  by("help").addEventListener("click", () => dialog.showModal());
}

function startPrint() {
  let opened = [];
  const print_ = (length) => {
    root.dataset.print = length;
    print();
  };
  by("print-short").addEventListener("click", () => print_("short"));
  by("print-all").addEventListener("click", () => print_("all"));
  addEventListener("beforeprint", () => {
    if (root.dataset.print === "short") return;
    opened = [...document.querySelectorAll("details:not([open], .ways)")];
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
    opened = [];
    delete root.dataset.print;
  });
}

document.addEventListener("DOMContentLoaded", () => {
  startTheme(by("theme"));
  const form = by("filter");
  const filter = form ? startFilter(form) : null;
  startCopies();
  startRequests();
  startKeys(filter);
  startPrint();
  by("tools").hidden = false;
});
