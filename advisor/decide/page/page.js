// What shows the walk: a question or the advice, the answers with a way back, what is ruled out, and the tree.
const make = (tag, words, kind) => {
  const element = document.createElement(tag);
  if (words !== undefined) element.textContent = words;
  if (kind) element.className = kind;
  return element;
};
const button = (words, act, kind) => {
  const element = make('button', words, kind);
  element.type = 'button';
  element.addEventListener('click', () => act(element));
  return element;
};

// The answers that count, those that were given before (to select them again), and what the reader answered here.
let answers = {};
const earlier = bag();
const own = new Set();
// The question that the reader wants to answer again, by the name of its answer.
let changing = '';

// Answers in the address, or null where it has none; what the tree does not know is ignored.
function readAddress() {
  if (!location.hash.includes('=')) return null;
  const found = {};
  for (const [name, value] of Object.entries(
    renewed(Object.fromEntries(new URLSearchParams(location.hash.slice(1)))),
  )) {
    const question = facts.get(name);
    const choices = question ? picked(question, value).map((choice) => choice.id) : [];
    if (question && value === UNSURE) found[name] = UNSURE;
    else if (choices.length) found[name] = choices.join(',');
  }
  return found;
}

// Take other answers. What was answered here for another branch no longer counts once the new path is complete.
function change(next) {
  const found = walk(next);
  if (!found.missing) {
    const asked = new Set(askedOn(found).map((step) => step.question.fact));
    for (const name of own) if (!asked.has(name) && !facts.get(name).aside) delete next[name];
  }
  Object.assign(earlier, answers, next);
  answers = next;
  go('');
}

// A step in the browser's history: the answers as they are, with the question `name` asked again.
function go(name) {
  changing = name;
  history.pushState(null, '', `#${new URLSearchParams(answers)}`);
  show(true);
}

const without = (name) => Object.fromEntries(Object.entries(answers).filter(([other]) => other !== name));
const answer = (name, value) => {
  own.add(name);
  change({ ...answers, [name]: value });
};

// An additional fact is answered where the reader is: its section stays at its place on the screen.
function add(name, value) {
  const top = () => by('open').getBoundingClientRect().top;
  const before = top();
  answer(name, value);
  if (!by('open')) return;
  by('open').focus({ preventScroll: true });
  scrollBy(0, top() - before);
}

function show(focus) {
  const found = walk(answers);
  const question = changing ? facts.get(changing) : found.missing;
  const ends = found.missing ? walks(answers) : [];
  by('step').replaceChildren(
    ...(question ? questionParts(question, found, ends) : adviceParts(advise(answers), found)),
  );
  showAnswers(found);
  showRuledOut(found);
  showTree(found);
  const heading = by('step').querySelector('h2');
  document.title = `${question ? question.ask : found.leaf.headline} – grantlint`;
  if (focus) keepPlace(heading);
}

// The focus is on the new heading, and the page scrolls only where that heading would be out of sight.
function keepPlace(heading) {
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  const { top } = by('step').getBoundingClientRect();
  if (top < 0 || top > innerHeight / 2) by('step').scrollIntoView();
}

// A question.

function questionParts(question, found, ends) {
  const asked = askedOn(found);
  const given = asked.findIndex((step) => step.question.fact === question.fact);
  const number = (given < 0 ? asked.length : given) + 1;
  const most = ends.length ? mostAsked(ends) : Math.max(number, asked.length);
  const half =
    found.missing && found.leaf
      ? ` The grant is decided: ${grantRows.get(found.leaf.grant).title}. The next questions are about the credential.`
      : '';
  const progress = make(
    'p',
    question.aside ? 'Additional question.' : `Question ${number} of at most ${most}.${half}`,
    'progress',
  );
  progress.id = 'progress';
  const bar = make('progress');
  bar.max = most;
  bar.value = number - 1;
  bar.ariaHidden = 'true';
  const buttons = [];
  if (changing) buttons.push(button('Keep the answer', () => go('')));
  else buttons.push(...backButton(found));
  return [
    progress,
    ...(question.aside ? [] : [bar]),
    questionForm(question, 'h2', make('button', 'Next', 'main'), buttons, answer),
  ];
}

function backButton(found) {
  const last = askedOn(found).at(-1);
  return last ? [button('Back', () => change(without(last.question.fact)))] : [];
}

// A form for a question with its text at a heading level; `give` gets the name and the value of the answer.
function questionForm(question, level, submit, buttons, give) {
  const form = make('form', undefined, 'question');
  const set = make('fieldset');
  const legend = make('legend');
  const error = make('p', undefined, 'error');
  error.id = `error-${question.fact}`;
  error.role = 'alert';
  legend.append(make(level, question.ask));
  if (level === 'h2') set.setAttribute('aria-describedby', 'progress');
  const why = make('details');
  why.append(
    make('summary', 'Why is this asked?'),
    make('p', question.help),
    linkList((question.sources || []).map((name) => link(data.sources[name]))),
  );
  set.append(legend, why);
  if (question.many) set.append(make('p', 'Select all that apply.', 'quiet'));
  const before = (answers[question.fact] || earlier[question.fact] || '').split(',');
  const all = [...question.choice, { id: UNSURE, label: 'I do not know', help: unsureHelp(question), alone: true }];
  const inputs = all.map((choice) => {
    const label = make('label');
    const input = make('input');
    input.type = question.many ? 'checkbox' : 'radio';
    input.name = question.fact;
    input.value = choice.id;
    input.checked = before.includes(choice.id);
    label.append(input, make('span', choice.label));
    if (choice.help) label.append(make('span', choice.help, 'quiet'));
    set.append(label);
    return input;
  });
  set.append(error);
  const row = make('div', undefined, 'buttons');
  row.append(submit, ...buttons);
  form.noValidate = true;
  form.append(set, row);
  form.addEventListener('change', ({ target }) => {
    error.textContent = '';
    if (question.many && target.checked) clearOthers(target, inputs, all);
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const value = inputs
      .filter((input) => input.checked)
      .map((input) => input.value)
      .join(',');
    if (value) give(question.fact, value);
    else {
      error.textContent = question.many ? 'Select at least one answer.' : 'Select an answer.';
      inputs[0].setAttribute('aria-describedby', error.id);
      inputs[0].focus();
    }
  });
  return form;
}

// A choice that is alone and the others of its question exclude each other.
function clearOthers(target, inputs, all) {
  const alone = all[inputs.indexOf(target)].alone;
  inputs.forEach((input, place) => {
    if (input !== target && (alone || all[place].alone)) input.checked = false;
  });
}

function unsureHelp(question) {
  const who = question.who ? `Who can answer: ${question.who}` : '';
  if (!question.unsure || question.aside) return who;
  const { is, because } = question.unsure;
  return `Safe assumption: ${choiceOf(question, is).label}. Reason: ${because}. ${who}`.trim();
}

// The answers, and what they rule out.

function showAnswers(found) {
  const rows = factRows(found, answers);
  const more = Object.keys(answers).filter((name) => facts.get(name).aside && answers[name] === UNSURE);
  rows.push(...more.map((name) => ({ question: name, ask: facts.get(name).ask, label: 'I do not know', by: 'given' })));
  by('answers').hidden = !rows.length;
  by('answers')
    .querySelector('dl')
    .replaceChildren(
      ...rows.map((row) => {
        const part = make('div');
        const words = make('dd', answerOf(row));
        part.append(make('dt', row.ask), words);
        if (row.by === 'implied') return part;
        const aside = facts.get(row.question).aside;
        const again = button(
          aside ? 'Remove' : 'Change',
          () => (aside ? change(without(row.question)) : go(row.question)),
          'link',
        );
        again.setAttribute('aria-label', `${again.textContent}: ${row.ask}`);
        words.append(' ', again);
        return part;
      }),
    );
}

function showRuledOut(found) {
  let rows = [];
  if (found.missing) rows = found.leaf ? whyNot(credentialsRuledOut({ ...found, credential: {} })) : grantsSoFar();
  by('out').hidden = !rows.length;
  by('out')
    .querySelector('dl')
    .replaceChildren(...rows.map(rowPart));
}

// Grants with the reason against them; those that lack a common reason share the last row.
function grantsSoFar() {
  const all = ruledOutSoFar(walks(answers, true));
  const others = all.filter((row) => !row.text).map((row) => row.title);
  const rows = all.filter((row) => row.text).map((row) => [row.title, row.text]);
  return others.length ? [...rows, [others.join(', ')]] : rows;
}

function rowPart([head, ...lines]) {
  const part = make('div');
  part.append(make('dt', head), ...lines.map(linePart));
  return part;
}

function linePart(line) {
  if (typeof line === 'string') return make('dd', line);
  const part = make('dd');
  part.append(make('span', `${line[0]}:`, 'quiet'), ` ${line[1]}`);
  return part;
}

function linkList(links) {
  const all = make('ul', undefined, 'references');
  for (const { text, url, note } of links) {
    const line = make('li');
    const anchor = make(url ? 'a' : 'span', text);
    if (url) Object.assign(anchor, { href: url, rel: 'noreferrer' });
    line.append(anchor, ' ', make('span', note, 'quiet'));
    all.append(line);
  }
  return all;
}

// The advice.

function adviceParts(advice, found) {
  const heading = make('h2', advice.headline);
  const state = stateOf(advice);
  if (state) heading.append(' ', make('span', state, 'state'));
  const summary = make('dl', undefined, 'answer');
  summary.append(...summaryOf(advice).map(rowPart));
  const registration = registrationOf(advice, found);
  const tools = make('p', undefined, 'buttons');
  tools.append(
    button('Copy as Markdown', (element) => copy(markdownOf(advice), element)),
    ...(registration ? [button('Copy registration (JSON)', (element) => copy(registration, element))] : []),
    button('Print', () => print()),
    ...backButton(found),
  );
  const open = openQuestions(found);
  const shown = sectionsOf(advice).filter((section) => !section.beside && (!section.open || open.length));
  const part = make('section', undefined, 'advice');
  part.append(heading, summary, tools, ...shown.map((section) => sectionPart(section, open)));
  return [part];
}

function sectionPart(section, open) {
  const part = make(
    section.folded ? 'details' : 'section',
    undefined,
    section.mark ? `care ${section.mark}` : 'points',
  );
  const heading = make('h3', section.title);
  if (section.open) Object.assign(heading, { id: 'open', tabIndex: -1 });
  const summary = make('summary');
  summary.append(heading);
  part.append(section.folded ? summary : heading, ...(section.open ? open : sectionContent(section)));
  return part;
}

function sectionContent(section) {
  if (section.points) return [list(section.points.map((text) => item(text)))];
  if (section.links) return [linkList(section.links)];
  if (section.code) {
    const text = section.code.join('\n');
    return [make('pre', text), button(section.copy, (element) => copy(text, element))];
  }
  const rows = make('dl', undefined, section.settings ? 'rows register' : 'rows lines');
  rows.append(...section.rows.map(section.settings ? settingPart : rowPart));
  return [rows];
}

function settingPart([property, value, why]) {
  const part = make('div');
  const name = make('code');
  for (const word of property.split(/(?<=\.)/)) name.append(word, make('wbr'));
  const head = make('dt');
  const filled = make('dd');
  head.append(name);
  filled.append(make('code', value));
  part.append(head, filled, make('dd', why));
  return part;
}

// Facts without an answer: each can be answered in its place.
function openQuestions(found) {
  const open = openFacts(knownOf(found, answers)).filter((question) => !Object.hasOwn(answers, question.id));
  return open.map((question) => {
    const details = make('details');
    details.append(
      make('summary', question.ask),
      questionForm(question, 'h4', make('button', 'Add to the advice', 'main'), [], add),
    );
    return details;
  });
}

// The tree is drawn while it is open.
function showTree(found) {
  const tree = by('tree');
  tree.querySelector('div').replaceChildren(...(tree.open ? treeLists(found) : []));
}

function start() {
  startTheme(by('theme'));
  by('tree').addEventListener('toggle', (event) => {
    if (event.target === by('tree')) showTree(walk(answers));
  });
  by('again').addEventListener('click', () => {
    own.clear();
    change({ ...data.initial });
  });
  by('skip').addEventListener('click', (event) => {
    event.preventDefault(); // the address has the answers
    keepPlace(by('step').querySelector('h2'));
  });
  addEventListener('popstate', () => {
    changing = '';
    answers = readAddress() || {};
    show(true);
  });
  answers = readAddress() || { ...data.initial };
  show(false);
}

addEventListener('DOMContentLoaded', start);
