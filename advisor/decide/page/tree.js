// The whole tree as nested lists: each question opens its choices, each end its reasons, and the path taken is lit.

// What the reader opened or closed, by the name of the part; the rest is open where the path goes through it.
const chosenOpen = new Map();

function treeLists(found) {
  const lit = new Set(found.taken.flatMap((step) => [step.question.id, step.edge, step.choice.then]));
  if (found.missing) lit.add(found.missing.id);
  if (found.leaf) lit.add(found.leaf.proof);
  const litTargets = new Set(found.taken.map((step) => step.choice.then));
  const drawn = new Set();

  const fold = (name, title, note, ...content) => {
    const details = make('details');
    const summary = make('summary', title);
    if (note) summary.append(' ', make('span', note, 'quiet'));
    details.open = chosenOpen.get(name) ?? (lit.has(name) && questions.has(name));
    summary.addEventListener('click', () => chosenOpen.set(name, !details.open));
    details.dataset.id = name;
    details.append(summary, ...content);
    details.className = questions.has(name) ? 'asked' : name.split(' ')[1];
    details.classList.toggle('lit', lit.has(name));
    return details;
  };

  const question = (id) => {
    drawn.add(id);
    const { ask, choice, infer = [], overrule = [] } = questions.get(id);
    const groups = new Map();
    for (const one of choice) {
      // Choices that lead to the same question share an item; the one that was taken has its own.
      const name = lit.has(`${id}=${one.id}`) || !questions.has(one.then) ? `${id}=${one.id}` : one.then;
      groups.set(name, [...(groups.get(name) || []), one]);
    }
    const derived = [...overrule, ...infer].map(({ is, because, when }) => {
      const where = Object.entries(when)
        .map(([name, values]) => `${name}=${values.join('|')}`)
        .join(' and ');
      return item(quiet(`Not asked if ${where}: ${choiceOf(questions.get(id), is).label}. Reason: ${because}.`));
    });
    return fold(id, ask, '', list([...derived, ...[...groups.values()].map((choices) => choiceItem(id, choices))]));
  };

  const choiceItem = (id, choices) => {
    const edge = `${id}=${choices[0].id}`;
    const part = item(...choices.map((choice) => make('p', choice.label)));
    if (lit.has(edge)) {
      part.className = 'lit';
      part.setAttribute('aria-current', 'true');
      part.firstChild.append(' ', make('span', 'your answer', 'state'));
    }
    part.dataset.id = edge;
    const settled = choices.flatMap(consequences);
    if (settled.length) part.append(fold(`${edge} settles`, 'What this answer decides', '', list(settled)));
    const target = choices[0].then;
    if (Object.hasOwn(data.leaves, target)) part.append(leaf(data.leaves[target], lit.has(edge)));
    else if (Object.hasOwn(data.credentials, target))
      part.append(fold(`${edge} end`, data.credentials[target].title, '', list([item(data.credentials[target].why)])));
    else if (!drawn.has(target) && (lit.has(edge) || !litTargets.has(target))) part.append(question(target));
    else part.append(goTo(target));
    return part;
  };

  // An end: its reasons for the grant and against the others, in full as far as they depend on answers.
  const leaf = (end, isLit) => {
    const note = end.dead_end ? 'no grant works' : end.grant + (end.platform ? ` on ${end.platform}` : '');
    const against = data.grants.flatMap((row) =>
      reasonsAgainst(end, row.id).map((text) => item(make('b', row.title), `: ${text}`)),
    );
    const parts = [list(end.why.map((text) => item(text)))];
    if (against.length) parts.push(make('p', 'Why not the other grants', 'quiet'), list(against));
    const details = fold(`${end.id} end`, end.headline, note, ...parts);
    details.classList.toggle('lit', isLit);
    if (end.proof) details.append(goTo(end.proof));
    return details;
  };

  const goTo = (id) => {
    const button = make('button', `Continues at: ${questions.get(id).ask}`, 'link');
    button.type = 'button';
    button.addEventListener('click', () => {
      const place = by('tree').querySelector(`details[data-id="${CSS.escape(id)}"]`);
      for (let outer = place; outer; outer = outer.parentElement.closest('details')) outer.open = true;
      place.querySelector('summary').focus();
    });
    return button;
  };

  // The first root finds the grant, the others the credential of the ends that name them.
  return data.roots.flatMap((id, place) => {
    const ends = Object.values(data.leaves).filter((end) => end.proof === id);
    const after = [...new Set(ends.map((end) => grantRows.get(end.grant).title))].join(', ');
    const heading = place < 2 ? [make('h3', place ? 'The credential' : 'The grant')] : [];
    return [...heading, ...(place ? [quiet(`For ${after}:`)] : []), list([item(question(id))])];
  });
}

// Every reason of an end against a grant: the conditional ones, up to the first that always holds.
function reasonsAgainst(end, grant) {
  const texts = [];
  for (const against of reasonSets(end)) {
    const rows = Object.hasOwn(against, grant) ? against[grant] : [];
    if (typeof rows === 'string') return [...texts, rows];
    texts.push(...rows.map((row) => row.text));
  }
  return texts;
}

// What a choice decides, apart from where it leads.
function consequences(choice) {
  const implied = Object.entries(choice.implies || {}).map(
    ([name, said_]) => `${facts.get(name).ask} ${choiceOf(facts.get(name), said_.is).label}. Reason: ${said_.because}.`,
  );
  const out = Object.entries(choice.rules_out || {}).map(
    ([name, text]) => `Not ${lower((kindRows.get(name) || grantRows.get(name)).title)}: ${text}.`,
  );
  return [...implied, ...out].map((text) => item(text));
}

const item = (...parts) => {
  const line = make('li');
  line.append(...parts);
  return line;
};
const list = (items) => {
  const all = make('ul');
  all.append(...items);
  return all;
};
const quiet = (text) => make('p', text, 'quiet');
