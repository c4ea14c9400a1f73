'use strict';
// The walk through the tree and the advice at its end: the same as advisor.decide in Python, over the same data.
const data = JSON.parse(document.getElementById('data').textContent);
const UNSURE = 'unsure';
const questions = new Map(data.questions.map((question) => [question.id, question]));
const facts = new Map(data.questions.filter((question) => !question.copy).map((question) => [question.id, question]));
const grantRows = new Map(data.grants.map((row) => [row.id, row]));
const kindRows = new Map(data.kinds.map((row) => [row.id, row]));
const choiceOf = (question, id) => question.choice.find((choice) => choice.id === id);
const lower = (text) => text.slice(0, 1).toLowerCase() + text.slice(1);
const orList = (words) => {
  const list = [...words];
  return list.length > 1 ? `${list.slice(0, -1).join(', ')} or ${list.at(-1)}` : list[0] || '';
};

function begin() {
  return { place: data.start, taken: [], leaf: null, against: new Map(), implied: new Map() };
}

function known(state, question) {
  const said = state.implied.get(question.fact);
  if (said) return said.choice;
  const step = state.taken.find((one) => one.question.fact === question.fact);
  return step ? step.choice.id : null;
}

function take(state, question, choice, implied, unsure) {
  const edge = `${question.id}=${choice.id}`;
  const taken = [...state.taken, { question, choice, implied, unsure, edge }];
  const against = new Map(state.against);
  for (const [name, text] of Object.entries(choice.rules_out || {})) {
    against.set(name, [...(against.get(name) || []), { text, question: question.fact, choice: choice.id }]);
  }
  const more = new Map(state.implied);
  for (const [name, said] of Object.entries(choice.implies || {})) {
    if (!more.has(name)) more.set(name, { choice: said.is, because: said.because, edge });
  }
  let { leaf } = state;
  let place = choice.then;
  if (Object.hasOwn(data.leaves, place)) {
    leaf = data.leaves[place];
    place = leaf.proof || '';
  }
  return { place, taken, leaf, against, implied: more };
}

function ended(state, missing) {
  const credential = !missing && Object.hasOwn(data.credentials, state.place) ? data.credentials[state.place] : null;
  return { ...state, missing, credential, asked: state.taken.filter((step) => !step.implied) };
}

function answered(state, question, answers) {
  const own = known(state, question);
  let answer = own || answers[question.fact];
  const unsure = own === null && answer === UNSURE;
  if (unsure) answer = question.unsure ? question.unsure.is : question.choice[0].id;
  return { choice: answer === undefined ? undefined : choiceOf(question, answer), implied: own !== null, unsure };
}

function walk(answers) {
  let state = begin();
  for (let question = questions.get(state.place); question; question = questions.get(state.place)) {
    const { choice, implied, unsure } = answered(state, question, answers);
    if (!choice) return ended(state, question);
    state = take(state, question, choice, implied, unsure);
  }
  return ended(state, null);
}

function* walks(answers, state = begin()) {
  const question = questions.get(state.place);
  if (!question) {
    yield ended(state, null);
    return;
  }
  const { choice, implied, unsure } = answered(state, question, answers);
  for (const way of choice ? [choice] : question.choice) {
    yield* walks(answers, take(state, question, way, implied, unsure));
  }
}

function settled(found) {
  const { leaf } = found;
  const all = {};
  for (const [name, said] of found.implied) all[name] = said.choice;
  for (const step of found.taken) all[step.question.fact] = step.choice.id;
  return {
    ...all,
    grant: leaf.grant,
    leaf: leaf.id,
    client: leaf.client,
    platform: leaf.platform || '',
    credential: found.credential ? found.credential.kind : '',
  };
}

function knownOf(found, answers) {
  const more = Object.entries(answers).filter(([name, choice]) => facts.has(name) && choice !== UNSURE);
  return { ...Object.fromEntries(more), ...settled(found) };
}

const without = (note, all) => !Object.entries(note.unless || {}).some(([key, values]) => values.includes(all[key]));
const holds = (note, all) => Object.entries(note.when).every(([key, values]) => values.includes(all[key])) && without(note, all);
const mayHold = (note, all) =>
  Object.entries(note.when).every(([key, values]) => !(key in all) || values.includes(all[key])) && without(note, all);

function openFacts(all) {
  const wanted = new Set();
  for (const note of data.notes) {
    if (mayHold(note, all)) Object.keys(note.when).filter((key) => !(key in all)).forEach((key) => wanted.add(key));
  }
  return data.questions.filter((question) => question.aside && wanted.has(question.id));
}

function filler(all) {
  const pairs = [];
  for (const question of facts.values()) {
    const choice = all[question.id] && choiceOf(question, all[question.id]);
    if (choice) pairs.push(...Object.entries(choice.fills || {}));
  }
  return (text) => pairs.reduce((words, [place, filling]) => words.replaceAll(place, filling), text);
}

// What would change the answer.

function way(leaf, beside) {
  if (leaf.dead_end) return lower(leaf.headline);
  const row = grantRows.get(leaf.grant);
  const platforms = new Set(beside.filter((other) => other.grant === leaf.grant && other.platform).map((other) => other.platform));
  return lower(row.title) + (platforms.size ? ` on ${[...platforms].join('/')}` : '') + (row.last ? ' as a last resort' : '');
}

function elsewhere(found, ends) {
  const leaves = ends.map((end) => end.leaf);
  if (leaves.every((leaf) => leaf === found.leaf)) {
    const kinds = new Set(ends.filter((end) => end.credential && end.credential !== found.credential).map((end) => end.credential.kind));
    if (kinds.size === 1 && found.credential && kinds.has(found.credential.kind)) {
      const titles = new Set(ends.filter((end) => end.credential).map((end) => end.credential.title));
      return titles.size === 1 ? lower([...titles][0]) : '';
    }
    return orList([...kinds].map((kind) => (kind === 'none' ? 'no credential that is allowed' : lower(kindRows.get(kind).title))));
  }
  let better = leaves.filter((leaf) => !leaf.dead_end && !grantRows.get(leaf.grant).last);
  if (!better.length) better = leaves.filter((leaf) => !leaf.dead_end);
  if (!better.length) better = leaves;
  const same = (leaf) => leaf.grant === found.leaf.grant && (leaf.platform || '') === (found.leaf.platform || '');
  if (better.every(same)) return orList(new Set(better.map((leaf) => lower(leaf.headline))));
  return orList(new Set(better.map((leaf) => way(leaf, better))));
}

function said(choices) {
  if (choices.length === 1) return choices[0].label;
  const labels = choices.map((choice) => choice.label.split(' (')[0]);
  return orList([labels[0], ...labels.slice(1).map(lower)]);
}

function wouldChange(found, answers) {
  const lines = [];
  const before = Object.fromEntries(found.asked.map((step) => [step.question.fact, step.choice.id]));
  const beside = Object.fromEntries(Object.entries(answers).filter(([name]) => !(name in before)));
  for (const step of [...found.asked].reverse()) {
    delete before[step.question.fact];
    const ways = new Map();
    for (const other of step.question.choice.filter((choice) => choice !== step.choice)) {
      const there = elsewhere(found, [...walks({ ...beside, ...before, [step.question.fact]: other.id })]);
      if (there) ways.set(there, [...(ways.get(there) || []), other]);
    }
    for (const [there, choices] of ways) lines.push(`${step.question.ask} ${said(choices)}: ${there}`);
  }
  return lines;
}

// The advice.

function factRows(found, answers) {
  const rows = found.taken.map((step) => ({
    question: step.question.fact,
    ask: step.question.ask,
    choice: step.choice.id,
    label: step.choice.label,
    by: step.implied ? 'implied' : step.unsure ? 'unsure' : 'given',
  }));
  const taken = new Set(rows.map((row) => row.question));
  for (const question of data.questions) {
    const choice = question.aside && !taken.has(question.id) && choiceOf(question, answers[question.id]);
    if (choice) rows.push({ question: question.id, ask: question.ask, choice: choice.id, label: choice.label, by: 'given' });
  }
  return rows;
}

function contradictions(found, answers) {
  const lines = [];
  for (const [name, consequence] of found.implied) {
    const answer = answers[name];
    if (answer !== undefined && answer !== consequence.choice && answer !== UNSURE) {
      lines.push(
        `${name}=${answer} and ${consequence.edge} cannot both be true: ${consequence.because}; this advice goes by ${consequence.edge}`,
      );
    }
  }
  return lines;
}

function unneeded(found, answers, notes) {
  const used = new Set([...found.taken.map((step) => step.question.fact), ...found.implied.keys()]);
  notes.forEach((note) => Object.keys(note.when).forEach((key) => used.add(key)));
  return Object.entries(answers)
    .filter(([name]) => !used.has(name) && !facts.get(name).aside)
    .map(([name, choice]) => `${name}=${choice} was not needed: the other answers already decide`);
}

function assumed(found, answers) {
  const lines = found.taken
    .filter((step) => step.unsure)
    .map((step) => {
      const because = step.question.unsure ? `, since ${step.question.unsure.because}` : '';
      return `You did not know: ${step.question.ask} Taken for safety: ${step.choice.label}${because}.`;
    });
  for (const [name, choice] of Object.entries(answers)) {
    const question = facts.get(name);
    if (choice === UNSURE && question.aside) {
      lines.push(`You did not know: ${question.ask} Nothing is assumed; find it out, since it may add a warning.`);
    }
  }
  return lines;
}

function organisation(found, notes) {
  const names = found.taken.flatMap((step) => [step.question.id, step.edge]).concat(notes.map((note) => `note:${note.id}`));
  return names.filter((name) => Object.hasOwn(data.decided, name)).map((name) => data.decided[name]);
}

function sourceRows(found, notes) {
  const { leaf, credential } = found;
  const kind = credential && credential.kind !== 'none' ? credential.kind : null;
  const own = leaf.dead_end ? [] : [...data.references[leaf.grant], ...(kind ? data.references[kind] : [])];
  const names = [
    ...(leaf.sources || []),
    ...((credential && credential.sources) || []),
    ...found.asked.flatMap((step) => step.question.sources || []),
    ...notes.flatMap((note) => note.sources || []),
  ];
  const rows = [...own, ...names.map((name) => data.sources[name])];
  const byUrl = new Map([...rows].reverse().map((row) => [row.url, row]));
  return [...byUrl.values()].reverse();
}

function repeat(found, answers) {
  const asked = new Map(found.asked.map((step) => [step.question.fact, step.unsure ? UNSURE : step.choice.id]));
  for (const [name, choice] of Object.entries(answers)) if (!asked.has(name)) asked.set(name, choice);
  return ['grantlint advise', ...[...asked].map(([name, choice]) => `-a ${name}=${choice}`)].join(' ');
}

const ruledOut = (found, rows) =>
  rows.map((row) => ({ grant: row.id, title: row.title, reasons: found.against.get(row.id) || [] }));

function advise(answers) {
  const found = walk(answers);
  const { leaf, credential } = found;
  if (found.missing || !leaf) return null;
  const row = grantRows.get(leaf.grant);
  const kind = credential ? kindRows.get(credential.kind) : null;
  const all = knownOf(found, answers);
  const notes = data.notes.filter((note) => holds(note, all));
  const texts = (name) => notes.filter((note) => note.kind === name).map((note) => note.text);
  const fill = filler(all);
  const end = data.ends[`${leaf.id} ${credential ? credential.id : ''}`.trim()];
  const [audience, audienceWhy, audienceSaid] = data.audience;
  const settings = end.register.map(([property, value, why]) => {
    if (property !== 'signInAudience') return { property, value: credentialProperty(property) ? fill(value) : value, why };
    const filled = fill(audience);
    return { property, value: filled, why: filled === audience && !('audience' in all) ? audienceWhy : audienceSaid };
  });
  const more = credential && credential.for_grant && credential.for_grant[leaf.grant];
  return {
    client_name: '',
    facts: factRows(found, answers),
    grant: row.id,
    grant_title: leaf.dead_end ? 'No grant works' : row.title,
    headline: leaf.headline,
    client: leaf.client,
    platform: leaf.platform || null,
    credential: credential && {
      id: credential.kind,
      title: credential.title,
      why: more ? `${credential.why} ${more}` : credential.why,
      ruled_out: ruledOut(found, data.kinds.filter((other) => other.id !== credential.kind)),
      value: fill(credential.value),
    },
    why: leaf.dead_end ? leaf.why : [row.short, ...leaf.why],
    ruled_out: ruledOut(found, data.grants.filter((other) => other.id !== leaf.grant)),
    contradictions: [...contradictions(found, answers), ...texts('contradiction')],
    warnings: [
      ...(leaf.warnings || []),
      ...((credential && credential.warnings) || []),
      ...texts('warning'),
      ...unneeded(found, answers, notes),
    ],
    remaining_risk: [...row.risks, ...(leaf.risks || []), ...(kind ? kind.risks : []), ...texts('risk')],
    would_change: wouldChange(found, answers),
    register: settings,
    request: end.request.map(fill),
    path: found.taken.map((step) => step.edge),
    leaf: leaf.id,
    last_resort: row.last,
    sources: sourceRows(found, notes),
    repeat: repeat(found, answers),
    dead_end: Boolean(leaf.dead_end || (credential && credential.kind === 'none')),
    scopes: texts('scope').map(fill),
    assumed: assumed(found, answers),
    not_said: openFacts(all)
      .slice(0, data.mostOpen)
      .filter((question) => !(question.id in answers))
      .map((question) => ({ question: question.id, ask: question.ask, choices: question.choice.map((choice) => choice.id) })),
    organisation: organisation(found, notes),
    registration: '',
    fit: null,
  };
}

function credentialProperty(property) {
  return ['federatedIdentityCredentials', 'keyCredentials', 'passwordCredentials'].includes(property);
}
