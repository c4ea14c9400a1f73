// What shows the walk: one question at a time, the answers with a way back, what is ruled out, and the advice at the end.
const byId = (id) => document.getElementById(id);
const make = (tag, words, kind) => {
  const element = document.createElement(tag);
  if (words !== undefined) element.textContent = words;
  if (kind) element.className = kind;
  return element;
};

function readAddress() {
  const found = {};
  for (const [name, choice] of new URLSearchParams(location.hash.slice(1))) {
    const question = facts.get(name);
    if (question && (choice === UNSURE || choiceOf(question, choice))) found[name] = choice;
  }
  return found;
}

const addressOf = (answers) => `#${new URLSearchParams(answers)}`;
let answers = location.hash ? readAddress() : { ...data.initial };

function change(next, focus) {
  answers = next;
  history.pushState(null, '', addressOf(answers));
  show(focus);
}

function show(focus) {
  const found = walk(answers);
  showQuestion(found);
  showAnswers(found);
  showRuledOut(found);
  showAdvice(found);
  lightTree(found);
  if (focus) (found.missing ? byId('question') : byId('advice')).focus();
}

function showQuestion(found, aside) {
  const section = byId('question');
  const question = aside || found.missing;
  section.replaceChildren();
  if (!question) return;
  const form = make('form');
  const set = make('fieldset');
  set.append(make('legend', question.ask));
  const why = make('details');
  why.append(make('summary', 'Why is this asked?'), make('p', question.help));
  for (const name of question.sources || []) why.append(source(data.sources[name]));
  set.append(why);
  const all = [...question.choice, { id: UNSURE, label: 'I do not know', help: unsureHelp(question) }];
  for (const choice of all) {
    const label = make('label', undefined, 'choice');
    const input = make('input');
    input.type = 'radio';
    input.name = question.fact;
    input.value = choice.id;
    input.required = true;
    label.append(input, make('span', choice.label));
    if (choice.help) label.append(make('span', choice.help, 'quiet'));
    set.append(label);
  }
  const buttons = make('div', undefined, 'buttons');
  buttons.append(make('button', 'Next'));
  if (aside) {
    const skip = make('button', 'Leave it open', 'plain');
    skip.type = 'button';
    skip.addEventListener('click', () => show(true));
    buttons.append(skip);
  } else if (found.asked.length) {
    const back = make('button', 'Back', 'plain');
    back.type = 'button';
    back.addEventListener('click', () => change(less(found.asked.at(-1).question.fact), true));
    buttons.append(back);
  }
  form.append(set, buttons);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    change({ ...answers, [question.fact]: new FormData(form).get(question.fact) }, true);
  });
  section.append(form);
}

function unsureHelp(question) {
  if (!question.unsure || question.aside) return '';
  return `The safe side is taken: ${choiceOf(question, question.unsure.is).label}`;
}

const less = (name) => Object.fromEntries(Object.entries(answers).filter(([other]) => other !== name));

function showAnswers(found) {
  const rows = factRows(found, answers).filter((row) => row.by !== 'implied');
  byId('answers').hidden = !rows.length;
  byId('answers').querySelector('tbody').replaceChildren(
    ...rows.map((row) => {
      const line = make('tr');
      const head = make('th', row.ask);
      head.scope = 'row';
      const button = make('button', 'Change', 'plain');
      button.setAttribute('aria-label', `Change: ${row.ask}`);
      button.addEventListener('click', () => change(less(row.question), true));
      const cell = make('td');
      cell.append(button);
      line.append(head, make('td', row.by === 'unsure' ? `I do not know (taken for safety: ${row.label})` : row.label), cell);
      return line;
    }),
  );
}

function showRuledOut(found) {
  const rows = found.missing ? ruledOut(found, found.leaf ? data.kinds : data.grants).filter((row) => row.reasons.length) : [];
  byId('out').hidden = !rows.length;
  byId('out').querySelector('dl').replaceChildren(
    ...rows.flatMap((row) => [make('dt', row.title), ...row.reasons.map((reason) => make('dd', reason.text))]),
  );
}

function points(title, texts, kind) {
  if (!texts.length) return [];
  const part = make('div', undefined, kind);
  const list = make('ul');
  list.append(...texts.map((text) => make('li', text)));
  part.append(make('h3', title), list);
  return [part];
}

function source({ title, url, section, checked }) {
  const line = make('p');
  const link = make('a', section ? `${title}, ${section}` : title);
  if (/^https?:/.test(url)) link.href = url;
  const when = /^\d/.test(checked) ? `read ${checked}` : checked;
  line.append(link, when ? ` (${when})` : '');
  return line;
}

function rows(title, list) {
  if (!list.length) return [];
  const terms = make('dl');
  for (const [head, ...rest] of list) terms.append(make('dt', head), ...rest.map((text) => make('dd', text)));
  return [make('h3', title), terms];
}

function showAdvice(found) {
  const section = byId('advice');
  const advice = found.missing ? null : advise(answers);
  section.hidden = !advice;
  section.tabIndex = -1;
  section.replaceChildren();
  if (!advice) return;
  const heading = make('h2', advice.headline);
  heading.id = 'advice-heading';
  if (advice.last_resort || advice.dead_end) heading.append(' ', make('span', advice.dead_end ? 'no way' : 'last resort', 'mark'));
  const credential = advice.credential;
  const summary = make('dl', undefined, 'summary');
  for (const [term, words] of [['Grant', advice.grant_title], ['Client', advice.client], ['Platform', advice.platform], ['Credential', credential && credential.title]]) {
    if (!words || (advice.grant === 'none' && term !== 'Grant')) continue;
    const pair = make('div');
    pair.append(make('dt', term), make('dd', words));
    summary.append(pair);
  }
  const reasons = (row) => [row.title, ...row.reasons.map((reason) => reason.text)];
  section.append(
    heading,
    summary,
    ...points('Contradictions in the answers', advice.contradictions, 'stop'),
    ...points('Decided by your organisation', advice.organisation),
    ...points('Taken for safety', advice.assumed),
    ...points('Take care', advice.warnings, 'care'),
    ...points('Why', advice.why),
    ...rows('What to register', advice.register.map((row) => [row.property, row.value, row.why])),
    ...points('Scopes', advice.scopes),
  );
  if (advice.request.length) section.append(make('h3', 'The request'), make('pre', advice.request.join('\n')));
  if (credential) section.append(make('h3', `Credential: ${credential.title}`), make('p', credential.why), ...rows('Why not another credential', credential.ruled_out.map(reasons)));
  section.append(
    ...rows('Why not the other grants', advice.ruled_out.map(reasons)),
    ...points('What risk remains', advice.remaining_risk),
    ...changes(advice),
    ...openQuestions(advice, found),
    make('h3', 'The same again'),
    make('pre', advice.repeat),
    make('h3', 'Sources'),
    ...advice.sources.map(source),
  );
}

// What would change the answer is under each question once.
function changes(advice) {
  const parts = [];
  const asks = advice.facts.map((fact) => fact.ask);
  for (const line of advice.would_change) {
    const ask = asks.find((words) => line.startsWith(`${words} `)) || '';
    if (!parts.length || parts.at(-1)[0] !== ask) parts.push([ask]);
    parts.at(-1).push(line.slice(ask.length).trim());
  }
  return rows('What would change the answer', parts);
}

function openQuestions(advice, found) {
  if (!advice.not_said.length) return [];
  const buttons = make('div', undefined, 'buttons');
  for (const fact of advice.not_said) {
    const button = make('button', fact.ask, 'plain');
    button.addEventListener('click', () => {
      showQuestion(found, facts.get(fact.question));
      byId('question').focus();
    });
    buttons.append(button);
  }
  return [make('h3', 'Not said, and worth knowing: it may add warnings, not another grant'), buttons];
}

function lightTree(found) {
  const lit = new Set(found.taken.flatMap((step) => [step.question.id, step.edge, step.choice.then]));
  if (found.missing) lit.add(found.missing.id);
  for (const item of document.querySelectorAll('[data-id]')) item.classList.toggle('lit', lit.has(item.dataset.id));
  for (const edge of document.querySelectorAll('[data-from]')) {
    const ends = [edge.dataset.from, edge.dataset.to];
    edge.classList.toggle('lit', ends.every((name) => lit.has(name)) && ends.some((name) => name.includes('=')));
  }
}

addEventListener('popstate', () => {
  answers = readAddress();
  show(false);
});
addEventListener('hashchange', () => {
  answers = readAddress();
  show(false);
});
show(false);
