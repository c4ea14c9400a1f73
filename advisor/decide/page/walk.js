'use strict';
// The walk through the tree and the advice at its end: the same as advisor.decide in Python, over the same data.
const data = JSON.parse(document.getElementById('data').textContent);
const UNSURE = 'unsure';
const ENDS = new Set(['grant', 'leaf', 'client', 'platform', 'credential']);
const questions = new Map(data.questions.map((question) => [question.id, question]));
const facts = new Map(data.questions.filter((question) => !question.copy).map((question) => [question.id, question]));
const grantRows = new Map(data.grants.map((row) => [row.id, row]));
const kindRows = new Map(data.kinds.map((row) => [row.id, row]));
const choiceOf = (question, id) => question.choice.find((choice) => choice.id === id);
// A title as it is in the middle of a sentence; an acronym such as SAML stays.
const lower = (text) => (/^.[A-Z]/.test(text) ? text : text.slice(0, 1).toLowerCase() + text.slice(1));
// Objects without a prototype: a question may have any name.
const bag = (...parts) => Object.assign(Object.create(null), ...parts);
const orList = (words) => {
  const list = [...words];
  return list.length > 1 ? `${list.slice(0, -1).join(', ')} or ${list.at(-1)}` : list[0] || '';
};

// The choices that an answer names, in the question's order; none for an answer that is not one of the question's.
function picked(question, answer) {
  if (!answer) return [];
  const ids = question.many ? answer.split(',') : [answer];
  const found = question.choice.filter((choice) => ids.includes(choice.id));
  const wrong = found.length !== ids.length || (ids.length > 1 && found.some((choice) => choice.alone));
  return wrong ? [] : found;
}

const valuesOf = (known, key) => (known[key] ? known[key].split(',') : []);
// A fact with those of its values that count, as it is answered.
const pairOf = (known, key, values) =>
  `${key}=${valuesOf(known, key)
    .filter((value) => values.includes(value))
    .sort()
    .join(',')}`;
const isAmong = (known, key, values) => valuesOf(known, key).some((value) => values.includes(value));
const matches = (when, known) => Object.entries(when || {}).every(([key, values]) => isAmong(known, key, values));
const labelOf = (choices) => choices.map((choice) => choice.label).join('; ');

// The answers with those of earlier versions of the tree replaced by what they mean now; what is given otherwise stays.
function renewed(answers) {
  const left = { ...answers };
  const meant = {};
  for (const { question, choice, means } of data.retired) {
    if (left[question] === choice) Object.assign(meant, means);
    else if (left[question] === UNSURE && !facts.has(question))
      for (const name of Object.keys(means)) meant[name] = UNSURE;
    else continue;
    delete left[question];
  }
  return { ...meant, ...left };
}

// A state is a walk under way.
function begin() {
  return { place: data.start, taken: [], leaf: null, against: new Map(), implied: new Map() };
}

// What the path itself says about a question: implied, or answered where its original was asked.
function settledOn({ taken: steps, implied }, fact) {
  if (implied.has(fact)) return implied.get(fact).choice;
  const step = steps.find((one) => one.question.fact === fact);
  return step && step.answer;
}

// The facts that a walk took or implies.
function settledBy({ taken: steps, implied }) {
  const all = bag();
  for (const [name, { choice }] of implied) all[name] = choice;
  for (const step of steps) all[step.question.fact] = step.answer;
  return all;
}

// The edge that the path itself, the answers or other answers give; nothing where it is open.
function stepOf(state, question, answers) {
  const own = settledOn(state, question.fact);
  const forced = !own && forcedOn(state, question, answers);
  if (forced) return forced;
  let answer = own || answers[question.fact];
  let inferred = null;
  const unsure = !own && answer === UNSURE;
  if (unsure) answer = question.unsure ? question.unsure.is : question.choice[0].id;
  else if (!answer && question.infer) {
    const known = bag(answers, settledBy(state));
    inferred = question.infer.find((row) => matches(row.when, known)) || null;
    answer = inferred && inferred.is;
  }
  const [choice, ...others] = picked(question, answer);
  return choice && taken(question, choice, { implied: Boolean(own), unsure, inferred, others });
}

// The edge that other answers leave as the only one that works, whatever was said.
function forcedOn(state, question, answers) {
  if (!question.overrule) return null;
  const known = bag(answers, settledBy(state));
  const row = question.overrule.find(({ is, when }) => choiceOf(question, is) && matches(when, known));
  const overruled =
    row &&
    Object.entries(row.when)
      .filter(([name]) => name !== question.fact)
      .map(([name, values]) => pairOf(known, name, values))
      .join(' and ');
  return row ? taken(question, choiceOf(question, row.is), { implied: true, inferred: row, overruled }) : null;
}

function taken(
  question,
  choice,
  { implied = false, unsure = false, inferred = null, others = [], overruled = '' } = {},
) {
  const choices = [choice, ...others];
  const answer = choices.map((one) => one.id).join(',');
  return {
    question,
    choice,
    choices,
    answer,
    implied,
    unsure,
    inferred,
    overruled,
    edge: `${question.id}=${choice.id}`,
  };
}

// One edge for each choice; choices that can be combined and lead the same way are one edge with all of them.
function edgesOf(question) {
  const together = new Map();
  for (const choice of question.choice) {
    const alike = question.many && !(choice.alone || choice.implies || choice.rules_out);
    const key = alike ? `all ${choice.then}` : choice.id;
    together.set(key, [...(together.get(key) || []), choice]);
  }
  return [...together.values()].map(([first, ...others]) => taken(question, first, { others }));
}

function take(state, step) {
  const { question, choice } = step;
  const said = `${question.fact}=${choice.id}`;
  let { against, implied, leaf } = state;
  if (choice.rules_out) {
    against = new Map(against);
    for (const [name, text] of Object.entries(choice.rules_out)) {
      against.set(name, [...(against.get(name) || []), { text, question: question.fact, choice: choice.id }]);
    }
  }
  if (step.overruled)
    implied = new Map(implied).set(question.fact, {
      choice: choice.id,
      because: step.inferred.because,
      said: step.overruled,
    });
  if (choice.implies) {
    implied = new Map(implied);
    for (const [name, { is, because }] of Object.entries(choice.implies)) {
      if (!implied.has(name)) implied.set(name, { choice: is, because, said });
    }
  }
  let place = choice.then;
  if (Object.hasOwn(data.leaves, place)) {
    leaf = data.leaves[place];
    place = leaf.proof || '';
  }
  return { place, taken: [...state.taken, step], leaf, against, implied };
}

function ended(state, missing) {
  const credential = !missing && Object.hasOwn(data.credentials, state.place) ? data.credentials[state.place] : null;
  return { ...state, missing, credential };
}

// The edges that were answered, without those that were implied or inferred.
const askedOn = (found) => found.taken.filter((step) => !step.implied && !step.inferred);

function walk(answers) {
  let state = begin();
  for (let question = questions.get(state.place); question; question = questions.get(state.place)) {
    const step = stepOf(state, question, answers);
    if (!step) return ended(state, question);
    state = take(state, step);
  }
  return ended(state, null);
}

// Every complete walk that agrees with the answers; with `toLeaf` they end at the leaf, without a credential.
function walks(answers, toLeaf = false) {
  const ends = [];
  const go = (state) => {
    const question = questions.get(state.place);
    if (!question || (toLeaf && state.leaf)) {
      ends.push(ended(state, null));
      return;
    }
    const step = stepOf(state, question, answers);
    for (const next of step ? [step] : edgesOf(question)) go(take(state, next));
  };
  go(begin());
  return ends;
}

// The answers with each combination of choices in place of the unknown ones on their path; with `toLeaf` of those before
// the leaf alone.
function* ifKnown(answers, toLeaf = false) {
  const { taken: steps } = walk(answers);
  const leaf = steps.findIndex((one) => Object.hasOwn(data.leaves, one.choice.then));
  const step = (toLeaf && leaf >= 0 ? steps.slice(0, leaf + 1) : steps).find((one) => one.unsure);
  if (!step) yield answers;
  else for (const choice of step.question.choice) yield* ifKnown(bag(answers, { [step.question.fact]: choice.id }), toLeaf);
}

// What a complete walk settles: the facts that it took or implies, and its ends.
function settledOf(found) {
  const { leaf, credential } = found;
  return bag(settledBy(found), {
    grant: leaf.grant,
    leaf: leaf.id,
    client: leaf.client,
    platform: leaf.platform || '',
    credential: credential ? credential.kind : '',
  });
}

function knownOf(found, answers) {
  const more = Object.entries(answers).filter(([name, answer]) => facts.has(name) && answer !== UNSURE);
  return bag(Object.fromEntries(more), found.leaf ? settledOf(found) : {});
}

// Whether a fact has only values that exclude the note: with several APIs it holds for the others.
const isExcluded = (note, all) =>
  Object.entries(note.unless || {}).some(
    ([key, values]) => all[key] && valuesOf(all, key).every((value) => values.includes(value)),
  );
const holds = (note, all) => matches(note.when, all) && !isExcluded(note, all);
const mayHold = (note, all) =>
  Object.entries(note.when).every(([key, values]) => !(key in all) || isAmong(all, key, values)) &&
  !isExcluded(note, all);

// The asides that nobody answered and that would add a note here.
function openFacts(all) {
  const wanted = new Set();
  for (const note of data.notes) {
    if (mayHold(note, all))
      Object.keys(note.when)
        .filter((key) => !(key in all))
        .forEach((key) => wanted.add(key));
  }
  return data.questions.filter((question) => question.aside && wanted.has(question.id));
}

// Why not another grant: the leaf's own reasons, then those of its sets.

const reasonSets = (leaf) => [leaf.against || {}, ...(leaf.reasons || []).map((name) => data.reasons[name])];

function reasonAgainst(leaf, grant, known) {
  for (const against of reasonSets(leaf)) {
    const rows = Object.hasOwn(against, grant) ? against[grant] : [];
    const text = typeof rows === 'string' ? rows : (rows.find((row) => matches(row.when, known)) || {}).text;
    if (text) return text;
  }
  return '';
}

// The grants to which no end that is left leads, with the reason on which these ends agree, or an empty text.
function ruledOutSoFar(ends) {
  const possible = new Set(ends.map((end) => end.leaf.grant));
  const known = ends.map((end) => [end.leaf, settledOf(end)]);
  return data.grants
    .filter((row) => !possible.has(row.id))
    .map((row) => {
      const texts = new Set(known.map(([leaf, all]) => reasonAgainst(leaf, row.id, all)));
      return { grant: row.id, title: row.title, text: texts.size === 1 ? [...texts][0] : '' };
    });
}

const mostAsked = (ends) => ends.reduce((most, end) => Math.max(most, askedOn(end).length), 0);

// What would change the answer.

function way(leaf, beside) {
  if (leaf.dead_end) return lower(leaf.headline);
  const row = grantRows.get(leaf.grant);
  const platforms = new Set(
    beside.filter((other) => other.grant === leaf.grant && other.platform).map((other) => other.platform),
  );
  return (
    lower(row.title) + (platforms.size ? ` on ${[...platforms].join('/')}` : '') + (row.last ? ' as a last resort' : '')
  );
}

// Where answers lead, in words; empty where they lead to the answer of `found`.
const leadsTo = (found, answers) => elsewhere(found, endsOf(found, answers));

// Where answers lead. Only where the leaf stays the same, the credentials are looked at, since there are many of them.
function endsOf(found, answers) {
  const ends = walks(answers, true);
  return ends.every((end) => end.leaf === found.leaf) ? walks(answers) : ends;
}

const leavesOf = (ends) => [...new Set(ends.map((end) => end.leaf))];

// The leaves without last resorts and dead ends, which count only where there is nothing better.
function betterOf(leaves) {
  const better = leaves.filter((leaf) => !leaf.dead_end && !grantRows.get(leaf.grant).last);
  if (better.length) return better;
  const open = leaves.filter((leaf) => !leaf.dead_end);
  return open.length ? open : leaves;
}

const isSameGrant = (found, leaves) =>
  leaves.every((leaf) => leaf.grant === found.leaf.grant && (leaf.platform || '') === (found.leaf.platform || ''));

// The grants of the ends, and which dead ends; empty where the words about them say more than that.
function grantsOf(found, ends) {
  const leaves = leavesOf(ends);
  const better = betterOf(leaves);
  if (leaves.every((leaf) => leaf === found.leaf) || isSameGrant(found, better)) return '';
  return [...new Set(better.map((leaf) => `${leaf.grant} ${leaf.dead_end ? leaf.id : ''}`))].sort().join();
}

function elsewhere(found, ends) {
  const leaves = leavesOf(ends);
  if (leaves.every((leaf) => leaf === found.leaf)) {
    const kinds = new Set(
      ends.filter((end) => end.credential && end.credential !== found.credential).map((end) => end.credential.kind),
    );
    if (kinds.size === 1 && found.credential && kinds.has(found.credential.kind)) {
      const titles = new Set(ends.filter((end) => end.credential).map((end) => end.credential.title));
      return titles.size === 1 ? lower([...titles][0]) : '';
    }
    return orList(
      [...kinds].map((kind) => (kind === 'none' ? 'no credential that is allowed' : lower(kindRows.get(kind).title))),
    );
  }
  const better = betterOf(leaves);
  if (isSameGrant(found, better)) return orList(new Set(better.map((leaf) => lower(leaf.headline))));
  return orList(new Set(better.map((leaf) => way(leaf, better))));
}

function said(choices) {
  if (choices.length === 1) return choices[0].label;
  return orList(choices.map((choice) => `"${choice.label.split(' (')[0]}"`));
}

function wouldChange(found, answers) {
  const lines = [];
  const before = bag(...askedOn(found).map((step) => ({ [step.question.fact]: step.answer })));
  const beside = bag(answers);
  for (const name of Object.keys(before)) delete beside[name];
  for (const step of askedOn(found).reverse()) {
    delete before[step.question.fact];
    const ways = new Map();
    for (const other of step.question.choice) {
      const alike = step.question.many && other.then === step.choice.then; // another API, the same way
      if (other === step.choice || alike) continue;
      const ends = endsOf(found, bag(beside, before, { [step.question.fact]: other.id }));
      const there = elsewhere(found, ends);
      if (!there) continue;
      const key = grantsOf(found, ends) || there;
      if (!ways.has(key)) ways.set(key, { choices: [], leads: [] });
      ways.get(key).choices.push(other);
      ways.get(key).leads.push(...ends);
    }
    for (const { choices, leads } of ways.values())
      lines.push(`${step.question.ask} ${said(choices)}: ${elsewhere(found, leads)}`);
  }
  return lines;
}

// For each answer "I do not know" that decides: where each choice leads, whatever the other unknown answers are. First
// those on the path, the safe choice first; then those that others lead to.
function alternatives(found, answers) {
  const unknown = Object.keys(answers).filter((name) => answers[name] === UNSURE);
  if (!unknown.length) return [];
  const rows = [...ifKnown(answers, true)].map((known) => [known, walks(known, true)]);
  const safe = new Map(found.taken.filter((step) => step.unsure).map((step) => [step.question.fact, step.choice.id]));
  const reached = new Set(unknown.filter((name) => rows.some(([known]) => known[name] !== UNSURE)));
  const names = [...safe.keys(), ...unknown.filter((name) => reached.has(name) && !safe.has(name))];
  return names.flatMap((name) => {
    const question = facts.get(name);
    const byCredential = found.credential && !reached.has(name);
    const here = byCredential ? lower(found.credential.title) : way(found.leaf, [found.leaf]);
    const isSafe = (choice) => choice.id === safe.get(name);
    const outcomes = [...question.choice.filter(isSafe), ...question.choice.filter((choice) => !isSafe(choice))]
      .map((choice) => ({ choice: choice.id, label: choice.label, leads_to: isSafe(choice) ? here : whereto(choice) }))
      .filter((outcome) => outcome.leads_to || !safe.has(name))
      .map((outcome) => ({ ...outcome, leads_to: outcome.leads_to || here }));
    if (new Set(outcomes.map((outcome) => outcome.leads_to)).size < 2) return [];
    return [{ question: name, ask: question.ask, who: question.who || '', outcomes, taken: safe.has(name) }];

    function whereto(choice) {
      const ends = rows.filter(([known]) => known[name] === choice.id).flatMap(([, leads]) => leads);
      const differs = ends.some((end) => end.leaf !== found.leaf);
      return differs ? elsewhere(found, ends) : leadsTo(found, bag(answers, { [name]: choice.id }));
    }
  });
}

// The advice.

function factRows(found, answers) {
  const rows = found.taken.map((step) => ({
    question: step.question.fact,
    ask: step.question.ask,
    choice: step.answer,
    label: labelOf(step.choices),
    by: step.inferred ? 'derived' : step.implied ? 'implied' : step.unsure ? 'unsure' : 'given',
  }));
  const known = new Set(rows.map((row) => row.question));
  for (const question of data.questions) {
    const answer = question.aside && !known.has(question.id) ? answers[question.id] : '';
    const choices = picked(question, answer);
    if (choices.length)
      rows.push({ question: question.id, ask: question.ask, choice: answer, label: labelOf(choices), by: 'given' });
  }
  return rows;
}

// Each conflict under what tells it apart, in the words for a certain one and for an open one.
function conflictsAt(answers) {
  const found = walk(answers);
  const rows = new Map();
  for (const [name, { choice, because, said: other }] of found.implied) {
    if (!answers[name] || [choice, UNSURE].includes(answers[name])) continue;
    const given = `${name}=${answers[name]}`;
    rows.set(name, [
      `${given} and ${other} cannot be true together: ${because}; this advice goes by ${other}`,
      `${given} does not fit what was taken for safety: ${because}.`,
    ]);
  }
  const all = knownOf(found, answers);
  for (const note of data.notes.filter((one) => one.kind === 'contradiction' && holds(one, all)))
    rows.set(`note ${note.id}`, [conflict(note, all), `What was taken for safety does not fit: ${note.text}`]);
  return rows;
}

// What does not fit together: for certain, or only on the safe side of an unknown answer.
function conflicts(answers) {
  const here = conflictsAt(answers);
  let lasting = new Set(here.keys());
  let fits = false;
  for (const other of here.size ? ifKnown(answers) : []) {
    const there = conflictsAt(other);
    lasting = new Set([...lasting].filter((key) => there.has(key)));
    fits = !there.size;
    if (fits) break;
  }
  if (!lasting.size && !fits) lasting = new Set(here.keys());
  const rows = [...here];
  return {
    certain: rows.filter(([key]) => lasting.has(key)).map(([, [certain]]) => certain),
    open: rows.filter(([key]) => !lasting.has(key)).map(([, [, open]]) => open),
  };
}

function unused(found, answers, notes, filled) {
  const used = new Set([
    ...filled,
    ...found.implied.keys(),
    ...found.taken.map((step) => step.question.fact),
    ...notes.flatMap((note) => Object.keys(note.when)),
    ...found.taken.flatMap((step) => (step.inferred ? Object.keys(step.inferred.when) : [])),
  ]);
  return Object.entries(answers)
    .filter((pair) => !used.has(pair[0]) && pair[1] !== UNSURE)
    .map(([name, answer]) => `${name}=${answer} changes nothing in this advice`);
}

function assumed(found, answers) {
  const lines = [];
  for (const { question, choice, inferred, unsure, overruled } of found.taken) {
    if (inferred && !(overruled && question.fact in answers))
      lines.push(`${question.ask} ${choice.label}, since ${inferred.because}.`);
    if (!unsure) continue;
    const because = question.unsure ? `, since ${question.unsure.because}` : '';
    lines.push(`You did not know: ${question.ask} Taken for safety: ${choice.label}${because}.`);
  }
  for (const [name, answer] of Object.entries(answers)) {
    const question = facts.get(name);
    if (answer === UNSURE && question.aside) {
      lines.push(`You did not know: ${question.ask} Nothing is assumed, and the answer may add a caveat.`);
    }
  }
  return lines;
}

function wishes(all, notes) {
  const question = facts.get('wants');
  return (question ? picked(question, all.wants) : []).flatMap((choice) => {
    const note = notes.find((one) => one.kind === 'wish' && one.when.wants.includes(choice.id));
    return note ? [{ wish: choice.id, label: choice.label, verdict: note.verdict || 'refused', text: note.text }] : [];
  });
}

function organisation(found, notes) {
  const names = found.taken
    .flatMap((step) => [step.question.id, step.edge])
    .concat(notes.map((note) => `note:${note.id}`));
  return names.filter((name) => Object.hasOwn(data.decided, name)).map((name) => data.decided[name]);
}

function sourceRows(found, notes) {
  const { leaf, credential } = found;
  const kind = credential && credential.kind !== 'none' ? credential.kind : null;
  const own = leaf.dead_end ? [] : [...data.references[leaf.grant], ...(kind ? data.references[kind] : [])];
  const names = [
    ...(leaf.sources || []),
    ...((credential && credential.sources) || []),
    ...askedOn(found).flatMap((step) => step.question.sources || []),
    ...notes.flatMap((note) => note.sources || []),
  ];
  const rows = [...own, ...names.map((name) => data.sources[name])];
  const byUrl = new Map([...rows].reverse().map((row) => [row.url, row]));
  return [...byUrl.values()].reverse();
}

function repeat(found, answers) {
  const asked = new Map(askedOn(found).map((step) => [step.question.fact, step.unsure ? UNSURE : step.answer]));
  for (const [name, answer] of Object.entries(answers)) if (!asked.has(name)) asked.set(name, answer);
  return ['grantlint advise', ...[...asked].map(([name, answer]) => `-a ${name}=${answer}`)].join(' ');
}

function grantsRuledOut(found, all) {
  const others = data.grants.filter((row) => row.id !== found.leaf.grant);
  return others.map((row) => {
    const text = reasonAgainst(found.leaf, row.id, all);
    const reasons = found.against.get(row.id) || (text ? [{ text, question: '', choice: '' }] : []);
    return { grant: row.id, title: row.title, reasons };
  });
}

function credentialsRuledOut(found) {
  const others = data.kinds.filter((row) => row.id !== found.credential.kind);
  return others.map((row) => ({ grant: row.id, title: row.title, reasons: found.against.get(row.id) || [] }));
}

function settingsOf(end, all, fill) {
  const [audience, unsaid, meanings, ofB2c] = data.audience;
  return end.register.map((number) => {
    const [property, value, why] = data.rows[number];
    if (property !== 'signInAudience') return { property, value: fill(value), why };
    const filled = fill(audience);
    const said = all.audience === 'b2c' && filled !== audience ? ofB2c : meanings[filled];
    return { property, value: filled, why: filled === audience && !('audience' in all) ? unsaid : said };
  });
}

const endOf = ({ leaf, credential }) => data.ends[`${leaf.id} ${credential ? credential.id : ''}`.trim()];

// What the answers cause first, then what holds for the leaf and the credential whatever was answered.
function warnings(leaf, credential, notes) {
  const told = notes.filter((note) => note.kind === 'warning');
  const general = (note) => Object.keys(note.when).every((key) => ENDS.has(key));
  const texts = (found) => found.map((note) => note.text);
  const some = told.filter((note) => !general(note));
  return [...texts(some), ...(leaf.warnings || []), ...texts(told.filter(general)), ...((credential && credential.warnings) || [])];
}

function advise(answers) {
  const found = walk(answers);
  const { leaf, credential } = found;
  if (found.missing || !leaf) return null;
  const row = grantRows.get(leaf.grant);
  const kind = credential ? kindRows.get(credential.kind) : null;
  const all = knownOf(found, answers);
  const notes = data.notes.filter((note) => holds(note, all));
  const texts = (name) => notes.filter((note) => note.kind === name).map((note) => note.text);
  const notFitting = conflicts(answers);
  const filled = filling(all);
  const { fill } = filled;
  const end = endOf(found);
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
      ruled_out: credentialsRuledOut(found),
      value: fill(credential.value),
    },
    why: leaf.dead_end || leaf.as_user ? leaf.why : [row.short, ...leaf.why],
    ruled_out: grantsRuledOut(found, all),
    contradictions: notFitting.certain,
    warnings: warnings(leaf, credential, notes),
    remaining_risk: [...(leaf.as_user ? [] : row.risks), ...(leaf.risks || []), ...(kind ? kind.risks : []), ...texts('risk')],
    would_change: wouldChange(found, answers),
    register: settingsOf(end, all, fill),
    request: requestLines(end, all, filled),
    path: found.taken.map((step) => step.edge),
    leaf: leaf.id,
    last_resort: row.last,
    sources: sourceRows(found, [...notes, ...filled.printed]),
    repeat: repeat(found, answers),
    dead_end: Boolean(leaf.dead_end || (credential && credential.kind === 'none')),
    scopes: texts('scope').map(fill),
    assumed: [...assumed(found, answers), ...notFitting.open],
    not_said: openFacts(all)
      .slice(0, data.mostOpen)
      .filter((question) => !(question.id in answers))
      .map((question) => ({
        question: question.id,
        ask: question.ask,
        choices: question.choice.map((choice) => choice.id),
        unsure: '',
      })),
    organisation: organisation(found, notes),
    registration: '',
    fit: null,
    wishes: wishes(all, notes),
    alternatives: alternatives(found, answers),
    unused: unused(found, answers, notes, filled.used),
  };
}
