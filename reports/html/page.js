// Filter, order, keys, copies. The report is complete without this; the state is in the address, so that a view
// can be shared. Nothing here writes markup of its own. A compact report holds its rows as the text of a <noscript>:
// the browser reads them when they are shown, as it would without script.
const FINDING = "li.f, li.finding";
const CHOICES = ["find", "rule", "family", "owner", "tenant", "grant", "use", "expires", "state", "sort", "hide"];
// So many rows are added at once: those of a compact report have to be made first.
const ROWS = 1000;
const ROWS_MADE = 40;
const ROW = "<details id=";

// What the filter is set to; what is not set is empty.
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
    rule: value("rule"), family: value("family"), owner: value("owner"), tenant: value("tenant"), grant: value("grant"),
    use: value("use"), expires: value("expires"), state: value("state"), sort: value("sort"),
  };
}

const words = (element) => (element ? element.textContent.replace(/\s+/g, " ").trim() : "");

// A finding as the filter sees it, by the words of its classes.
function finding([, severity, rule, ...more]) {
  return { severity, rule, state: more.find((word) => word !== "still") || "new", still: more.includes("still") };
}

// The columns of a row and what was given with it.
function part(id, cells, given, findings, gaps, text) {
  const list = (value) => (value || "").split(" ").filter(Boolean);
  return {
    id, text, findings, gaps, name: cells[0] || "", owner: cells[1] || "", tenant: cells[6] || "",
    grants: (cells[4] || "").split(", ").map((label) => label.replace(/\?$/, "")),
    expiry: /^\d/.test(cells[5] || "") ? cells[5] : "~", // what has no date is last
    owners: list(given.o), tenantValue: given.t || "", months: list(given.x), uses: list(given.u),
    node: null, html: "",
  };
}

function partOf(node) {
  const cells = [...node.querySelector("summary").children].map(words);
  const findings = [...node.querySelectorAll(FINDING)].map((line) => finding(line.className.split(" ")));
  const text = (cells.slice(0, 2).join(" ") + " " + words(node.querySelector(".about"))).toLowerCase();
  const hasGaps = node.querySelector(".gaps") !== null;
  return Object.assign(part(node.id, cells, node.dataset, findings, hasGaps, text), { node });
}

const SIGNS = { lt: "<", gt: ">", amp: "&" };

// The text of a piece of the list, whose markup is ours.
function plain(html) {
  const text = html.replace(/<[^>]*>/g, "");
  const sign = (whole, code, name) => (code ? String.fromCodePoint(code) : SIGNS[name] ?? whole);
  return text.replace(/&(?:#(\d+)|(\w+));/g, sign);
}

const inFull = (cell) => (cell === "?" ? "not read" : cell);

function partOfText(html) {
  const end = html.indexOf("</summary>");
  const start = html.indexOf("<summary>");
  const attributes = html.slice(0, start).matchAll(/ (?:data-)?([a-z]+)=(?:"([^"]*)"|([^\s>]*))/g);
  const given = Object.fromEntries([...attributes].map(([, name, quoted, bare]) => [name, quoted ?? bare]));
  const cells = html.slice(start + 9, end).split("|\t").map(plain).map(inFull);
  const findings = [...html.matchAll(/<li id=[^>]*><b>([^<]*)<\/b> <a href=#(r\d+)>/g)].map(([, mark, rule]) => {
    const [severity, ...more] = mark.split(" ");
    return finding(["f", severity, rule, ...more]);
  });
  const about = plain(html.slice(end, html.indexOf("</p>", end)).replace(/<a .*/, ""));
  const text = (cells.slice(0, 2).join(" ") + " " + about).toLowerCase();
  return Object.assign(part(given.id, cells, given, findings, / href=#n\d/.test(html), text), { html });
}

// The rows themselves; those of a compact report are made when they are first needed, many at once.
function nodesOf(some) {
  const missing = some.filter((one) => !one.node);
  if (missing.length) {
    const made = new DOMParser().parseFromString(missing.map((one) => one.html).join(""), "text/html").body.children;
    [...made].forEach((node, place) => finish(document.adoptNode(node), missing[place]));
  }
  return some.map((one) => one.node);
}

function finish(node, one) {
  one.node = node;
  node.className = "r";
  const summary = node.querySelector("summary");
  summary.append(...cellsOf(summary));
  [...node.querySelectorAll("li[id]")].forEach((line, place) => {
    const { severity, rule, state: kind, still } = one.findings[place];
    line.className = ["f", severity, rule, ...(kind === "new" ? [] : [kind]), ...(still ? ["still"] : [])].join(" ");
  });
  const { center } = node.dataset;
  if (!center) return;
  const links = document.createElement("p");
  links.className = "portal";
  const ofPages = PAGES.map(([label, page]) => portalLink(center, page, label, one.text));
  links.append("Microsoft Entra admin center: ", ...ofPages);
  node.querySelector("p").after(links);
}

// Findings of a compact row get the fix of their rule when the row is first opened; one with several is linked only.
function addFixes(row) {
  for (const line of row.querySelectorAll("li.f")) {
    const fixes = by(line.className.split(" ")[2])?.closest(".rule-text").querySelectorAll(".fix");
    if (fixes?.length !== 1 || line.querySelector(".fix")) continue;
    line.append(fixes[0].cloneNode(true));
    addCopy(line.lastChild);
  }
}

function addCopy(place, words_ = "Copy fix") {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = words_;
  place.append(button);
}

// The columns of a compact row as those of any other: counts and grants are marked, and so is an expiry that is near.
function cellsOf(summary) {
  const { today, risky } = by("rows").dataset;
  const bold = (text, name, more, how, tag = "b") => {
    const element = Object.assign(document.createElement(tag), { textContent: text });
    if (name) element.className = name;
    if (more) element.append(Object.assign(document.createElement("span"), { className: how, textContent: more }));
    return element;
  };
  const marked = {
    2: (text) => text.split(", ").flatMap((words_) => {
      const [, figure, severity] = /^(\d+) (critical|high|medium|low|info)$/.exec(words_) || [];
      if (severity) return [bold(figure, severity, " " + severity, "word"), " "];
      const [, known, more] = /^(\d+)( known or accepted)$/.exec(words_) || [];
      return [known ? bold("+" + known, "", more, "unseen", "i") : bold("◐", "", " " + words_, "unseen", "i"), " "];
    }),
    3: (text) => text.split(/(, )/).map((label) => (risky.split(" ").includes(label) ? bold(label) : label)),
  };
  const texts = summary.lastChild.textContent.split("|\t").slice(1).map(inFull);
  summary.lastChild.remove();
  return texts.map((text, place) => {
    const cell = document.createElement("span");
    cell.append(...(text && marked[place] ? marked[place](text) : [text]));
    const days = place === 4 ? (Date.parse(text) - Date.parse(today)) / 86_400_000 : NaN;
    if (days < 30) cell.className = days < 0 ? "gone" : "soon";
    return cell;
  });
}

const PAGES = [
  ["Overview", "Overview"], ["Authentication", "Authentication"], ["Certificates & secrets", "Credentials"],
  ["API permissions", "CallAnAPI"], ["Owners", "Owners"],
];

// A page of a registration in its admin center, as reports/html/portal.py writes it.
function portalLink(center, page, label, text) {
  const link = document.createElement("a");
  const [client] = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(text) || [];
  const menu = "Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~";
  link.href = `${center}#view/${menu}/${page}/appId/${client}/isMSAApp~/false`;
  link.rel = "noreferrer";
  link.textContent = label;
  return link;
}

function startFilter(form) {
  const shown = by("shown");
  const table = by("rows");
  const more = by("more");
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const source = document.querySelector("#registrations > noscript");
  const rows = source ? ROWS_MADE : ROWS;
  const parts = [];
  let text = null;
  let at = -1;
  let matching = [];
  let count = 0;

  const add = (one) => parts.push(Object.assign(one, { place: parts.length }));

  // The first rows in the order of the report, with what the filter needs of them.
  function first(limit) {
    if (!source && !parts.length) [...table.children].forEach((node) => add(partOf(node)));
    if (source && text === null) {
      text = source.textContent;
      at = text.indexOf(ROW);
    }
    while (at >= 0 && parts.length < limit) {
      const next = text.indexOf(ROW, at + 1);
      add(partOfText(text.slice(at, next < 0 ? text.length : next)));
      at = next;
    }
    return parts;
  }

  const all = () => first(Infinity);

  function fits(one, wish) {
    if (wish.severities && !wish.severities.has(one.severity)) return false;
    if (wish.rules && !wish.rules.has(one.rule)) return false;
    const states = { "": true, gaps: true, fresh: !one.still && one.state !== "accepted", still: one.still };
    return states[wish.state] ?? wish.state === one.state;
  }

  const isAbout = (one, wish) => (!wish.text || one.text.includes(wish.text))
    && (!wish.owner || one.owners.includes(wish.owner)) && (!wish.tenant || wish.tenant === one.tenantValue)
    && (wish.use ? isUsed(one, wish) : !wish.grant || one.grants.includes(wish.grant))
    && (!wish.expires || one.months.some((month) => isDue(month, wish.expires)));

  // With a grant chosen, it is the use of that grant.
  const isUsed = (one, wish) => one.uses.some((use) => {
    const [value, grants] = use.split(":");
    return value === wish.use && (!wish.grant || grants.split(",").includes(wish.grant));
  });

  // A month, overdue, or all from today until a month begins.
  const isDue = (month, wish) => month === wish
    || (wish.startsWith("before-") && month !== "overdue" && `before-${month}` < wish);

  // Findings are hidden by rules of a style sheet: nothing has to be written into thousands of elements.
  function hideFindings(wish) {
    const not = (names) => names.map((name) => `:not(.${name})`).join("");
    const rules = [];
    if (wish.severities) rules.push(not([...wish.severities]));
    if (wish.rules) rules.push(not([...wish.rules]));
    if (wish.state === "new") rules.push(":is(.known, .accepted)");
    if (wish.state === "fresh") rules.push(":is(.still, .accepted)");
    if (["known", "accepted", "still"].includes(wish.state)) rules.push(`:not(.${wish.state})`);
    const hidden = rules.map((rule) => `li.f${rule}, li.finding${rule} { display: none; }`);
    sheet.replaceSync(`@media screen { ${hidden.join(" ")} }`);
  }

  function show(limit) {
    count = Math.min(limit, matching.length);
    const nodes = nodesOf(matching.slice(0, count));
    const there = table.children;
    const isOther = nodes.length !== there.length || nodes.some((node, place) => node !== there[place]);
    if (isOther) table.replaceChildren(...nodes);
    more.hidden = count >= matching.length;
  }

  function grow() {
    const start = count;
    count = Math.min(count + rows, matching.length);
    table.append(...nodesOf(matching.slice(start, count)));
    more.hidden = count >= matching.length;
  }

  function apply() {
    const wish = read(form);
    hideFindings(wish);
    const isNarrow = wish.severities || wish.rules || (wish.state && wish.state !== "gaps");
    let seen = 0, total = 0;
    matching = [];
    for (const one of all()) {
      let fitting = isNarrow ? 0 : one.findings.length;
      if (isNarrow) for (const found of one.findings) if (fits(found, wish)) fitting += 1;
      total += one.findings.length;
      if (!isAbout(one, wish) || (isNarrow && !fitting) || (wish.state === "gaps" && !one.gaps)) continue;
      seen += fitting;
      matching.push(one);
    }
    const order = {
      name: (a, b) => a.name.localeCompare(b.name),
      owner: (a, b) => a.owner.localeCompare(b.owner),
      tenant: (a, b) => a.tenant.localeCompare(b.tenant),
      most: (a, b) => b.findings.length - a.findings.length,
      expiry: (a, b) => (a.expiry < b.expiry ? -1 : Number(a.expiry > b.expiry)),
    }[wish.sort];
    if (order) matching.sort((a, b) => order(a, b) || a.place - b.place);
    show(rows);
    if (by("order")) by("order").hidden = Boolean(wish.sort);
    for (const place of document.querySelectorAll("[data-sort]")) {
      place.firstElementChild.setAttribute("aria-pressed", String(place.dataset.sort === wish.sort));
    }
    const isMixed = by("registrations-heading").textContent.includes(" and ");
    const noun = isMixed ? ["entry", "entries"] : ["registration", "registrations"];
    const number = (figure) => figure.toLocaleString("en");
    const rows_ = `${number(matching.length)} ${noun[matching.length === 1 ? 0 : 1]}`;
    shown.textContent = `${number(seen)} of ${number(total)} findings shown, in ${rows_}`;
  }

  function write(values) {
    for (const name of CHOICES) if (form.elements[name]) form.elements[name].value = values[name] || "";
    const hide = (values.hide || "").split(",");
    for (const box of form.querySelectorAll("[type=checkbox]")) box.checked = !hide.includes(box.value);
  }

  function keep() {
    const wish = read(form);
    const values = { ...wish, find: form.elements.find.value.trim(), hide: wish.hide.join(",") };
    remember(Object.fromEntries(CHOICES.map((name) => [name, values[name]])));
  }

  function set(values) {
    write(values);
    apply();
    keep();
  }

  function open(target) {
    const inner = target.querySelector(":scope > .sheet"); // of a section that is folded
    for (let at = inner || target.closest("details"); at; at = at.parentElement?.closest("details")) at.open = true;
    target.scrollIntoView();
  }

  // What the address names is scrolled to below the filter, which is higher where its choices need several lines.
  const tools = table.parentElement.querySelector(".tools");
  const setHeight = () => root.style.setProperty("--tools", `${tools.offsetHeight}px`);
  new ResizeObserver(setHeight).observe(tools);

  // The row of a registration or finding by the name in the address, even one that is not made yet.
  function rowOf(name) {
    const print = /^(?:f|finding-)([0-9a-z]+(?:-\d+)?)$/i.exec(name)?.[1];
    const short = `f${print?.slice(0, 9)}`;
    const holds = (one) => (one.html
      ? one.html.includes(`<li id=${short}`)
      : one.node.querySelector(`[id^="finding-${print}"]`) !== null);
    return all().find((one) => one.id === name || (print && holds(one)));
  }

  // A link leads to what it names, even when the filter hides that, and by a longer or shorter name of a finding too.
  function reveal() {
    const name = location.hash.slice(1);
    if (!name) return;
    const one = by(name) && !table.contains(by(name)) ? null : rowOf(name);
    if (one) {
      if (!matching.includes(one)) set({ sort: read(form).sort });
      if (matching.indexOf(one) >= count) show(matching.indexOf(one) + rows);
      one.node.open = true;
    }
    const print = name.replace(/^(finding-|f)/, "");
    const other = one && (by("f" + print.slice(0, 9)) || document.querySelector(`[id^="finding-${print}"]`));
    const target = by(name) || other;
    if (!target) return;
    if (target.id !== name) location.replace("#" + target.id);
    open(target);
  }

  const given = Object.fromEntries(state);
  write(given);
  for (const place of document.querySelectorAll("[data-sort]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = place.textContent;
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      const { sort } = place.dataset;
      form.elements.sort.value = form.elements.sort.value === sort ? "" : sort;
      apply();
      keep();
    });
    place.replaceChildren(button);
  }
  const isSet = CHOICES.some((name) => name in given);
  const choices = form.querySelector(".choices"); // a narrow screen has them folded, unless the address sets one
  choices.open = !matchMedia("(max-width: 40rem)").matches || isSet;
  if (isSet) apply();
  else if (source) { // the rest is read once the page is there
    matching = [...first(rows)];
    show(rows);
  }
  form.addEventListener("input", () => { apply(); keep(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => { event.preventDefault(); set({}); });
  by("csv").addEventListener("click", () => {
    if (!shown.textContent) apply();
    const wish = read(form);
    saveCsv(matching, (found) => fits(found, wish));
  });
  more.addEventListener("click", grow);
  const reached = (seen) => { if (seen.some((one) => one.isIntersecting) && !more.hidden) grow(); };
  new IntersectionObserver(reached, { rootMargin: "600px" }).observe(more);
  by("main").addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="?"]');
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    set(Object.fromEntries(new URLSearchParams(link.getAttribute("href").split("#")[0])));
    setAddress(location.search + "#registrations");
    by("registrations").scrollIntoView();
  });
  table.addEventListener("toggle", (event) => { // an open row is in the address, so that it can be shared
    const row = event.target;
    if (row.parentElement !== table) return;
    if (source && row.open) addFixes(row);
    if (!row.matches(":focus-within")) return;
    setAddress(location.pathname + location.search + (row.open ? "#" + row.id : ""));
  }, true);
  addEventListener("hashchange", reveal);
  form.hidden = false;
  // A link that came with the address is followed once there is time, unless the keys have walked elsewhere since.
  const linked = location.hash;
  (globalThis.requestIdleCallback || setTimeout)(() => {
    if (!shown.textContent) {
      matching = [...all()];
      if (!source) count = parts.length;
      more.hidden = count >= parts.length;
    }
    if (linked && linked === location.hash) reveal();
  });
  let before = null;
  return {
    clear: () => set({}), focus: () => form.elements.find.focus(),
    // On paper every registration is printed whole; a short print has the first rows of what is shown.
    printAll: () => { before = [matching, count]; matching = [...all()]; show(matching.length); },
    printed: () => { if (before) { [matching, count] = before; show(count); before = null; } },
  };
}

// The findings of rows as CSV, a line each, with what the page says of them.
function saveCsv(rows, fits) {
  const safe = (text) => (/^[=+\-@|%\t\r\n＝＋－＠]/.test(text) ? "'" + text : text);
  const cell = (text) => `"${safe(text.trim().replace(/\s+/g, " ")).replaceAll('"', '""')}"`;
  const head = [
    "name", "client ID", "object ID", "tenant", "owner", "rule", "severity", "property", "value", "file", "line",
    "message", "fix", "state", "first seen",
  ];
  const rules = new Map([...document.querySelectorAll(".rule-text")].map((rule) => {
    const fix = words(rule.querySelector(".fix")).replace(/^Fix /, "");
    return [rule.querySelector("h3").id, [rule.id.replace(/^rule-/, ""), fix]];
  }));
  const lines = [head.map(cell).join(",")];
  nodesOf(rows);
  for (const one of rows) {
    const row = one.node;
    const about = row.querySelector(".about");
    const short = words(row.querySelector("p")).replace(/( grants| not assessed)+$/, "");
    const said = about ? [...about.children].map(words) : short.split("; ");
    const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
    if (!about) { // a compact row has the client ID and the source without a term
      const hasTerm = (text) => /^(object ID|tenant|tenant ID|owned by|created) /.test(text);
      const bare = said.filter((text) => !hasTerm(text));
      said.push(...bare.map((text) => (guid.test(text) ? "client ID " : "from ") + text));
    }
    const of = (term) => said.find((text) => text.startsWith(term + " "))?.slice(term.length + 1) || "";
    const tenant = one.tenant ? one.tenant.replace(/^files$/, "") : of("tenant").replace(/^ID .*/, "");
    const owners = (of("owned by") || one.owner).replaceAll(", ", "; ");
    const ofRow = [one.name, of("client ID"), of("object ID") || of("tenant ID"), tenant, owners];
    [...row.querySelectorAll(FINDING)].forEach((line, place) => {
      const found = one.findings[place];
      if (!fits(found)) return;
      const [rule, fix] = rules.get(found.rule) || [found.rule, ""];
      const code = line.querySelector("code");
      const last = [...line.childNodes].findLast((piece) => piece.data); // of a compact row
      const place_ = words(line.matches(".f") ? last : line.querySelectorAll(".place code")[1]);
      const [, file, number] = /^(.*?):?(\d+)?(?::\d+)?$/.exec(place_) || ["", place_, ""];
      const from = of("from").replace(/(:\d+)+$/, "");
      const since = /open since ([\d-]+)/.exec(words(line.querySelector(".place")))?.[1] || "";
      const value = words(line.querySelector("mark, i"));
      const message = words(line.querySelector("h4, a"));
      const source = [file || (place_ ? from : ""), number || ""];
      const ofFinding = [rule, found.severity, words(code), value, ...source, message, fix, found.state, since];
      lines.push([...ofRow, ...ofFinding].map(cell).join(","));
    });
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([lines.join("\r\n") + "\r\n"], { type: "text/csv" }));
  link.download = "findings.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// What a reader needs to fix a finding, as text.
function fixOf(finding) {
  const row = finding.closest("details.r");
  const rule = by(finding.className.split(" ")[2])?.closest(".rule-text");
  const patch = finding.querySelector(".fix pre");
  const lines = [
    `${words(row.querySelector("h3"))} (${words(row.querySelector("p"))})`,
    `${words(finding.querySelector("h4, a"))}: ${words(finding.querySelector("code"))}`,
    ...[...finding.querySelectorAll(".fix > p:not(.see)")].map(words),
  ];
  if (!finding.matches(".finding") && rule) lines.push(...[...rule.querySelectorAll(".fix")].map(words));
  if (patch) lines.push(patch.textContent);
  return lines.filter(Boolean).join("\n") + "\n";
}

// The requests of a registration: those of its group, with its own values set as texts.
function startRequests() {
  const valuesOf = (part, platform) => {
    const written = part.dataset[platform] ?? "";
    const uri = written && !/^[a-z][a-z0-9+.-]*:/i.test(written) ? "https://" + written : written;
    const about = part.querySelector("p")?.textContent ?? "";
    const shown = /^(?:.*client ID )?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/i.exec(about);
    const origin = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]+/i.exec(uri);
    return {
      client_id: part.dataset.c ?? (shown ? shown[1] : ""),
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
    const part = link?.closest("details.r");
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
  for (const fix of document.querySelectorAll(".finding .fix")) addCopy(fix);
  for (const diff of document.querySelectorAll(".diff")) addCopy(diff, "Copy as diff");
  by("main").addEventListener("click", (event) => {
    const button = event.target.closest(".copy");
    const diff = button?.closest(".diff");
    if (diff) copy(`${diff.querySelector("pre").textContent}\n`, button);
    else if (button) copy(fixOf(button.closest(FINDING)), button);
  });
}

function startKeys(filter) {
  const dialog = by("keys");
  let current = null;
  const move = (step) => {
    const all = [...document.querySelectorAll(`.r:not([open]) > summary, ${FINDING}`)];
    let place = current ? all.indexOf(current) : -1;
    do { place += step; } while (all[place] && !all[place].checkVisibility());
    if (!all[place]) return;
    current?.removeAttribute("aria-current");
    current = all[place];
    current.setAttribute("aria-current", "true");
    if (current.id) current.tabIndex = -1;
    current.focus();
    if (current.id) setAddress(location.search + "#" + current.id);
  };
  const keys = {
    "/": () => filter?.focus(), j: () => move(1), k: () => move(-1), "?": () => dialog.showModal(),
    c: () => current?.id && copy(fixOf(current), current.querySelector(".fix > .copy")),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    const typing = event.target.closest("input:not([type=checkbox], [type=radio]), select, textarea");
    if (event.key === "Escape" && filter && (!typing || typing.name === "find")) {
      event.preventDefault();
      filter.clear();
    } else if (!typing && keys[event.key]) {
      event.preventDefault();
      keys[event.key]();
    }
  });
  by("help").addEventListener("click", () => dialog.showModal());
}

function startPrint(filter) {
  let opened = [];
  const print_ = (length) => {
    root.dataset.print = length;
    print();
  };
  by("print-short").addEventListener("click", () => print_("short"));
  by("print-all").addEventListener("click", () => print_("all"));
  addEventListener("beforeprint", () => {
    if (root.dataset.print === "short") return;
    filter?.printAll();
    opened = [...document.querySelectorAll("details:not([open], .ways)")];
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
    opened = [];
    filter?.printed();
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
  startPrint(filter);
  by("tools").hidden = false;
});
