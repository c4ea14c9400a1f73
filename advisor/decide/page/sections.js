// An advice as sections in the order of reading, and these as Markdown. The page shows the same sections.
// A section has a title and one of: `points` (texts), `rows` (a head and its lines), `code` (lines), `links` (sources).
// A line of a row is a text, or a term and a text.
// What is only read on demand is `folded`; what the page shows elsewhere is `beside`.

const CLIENTS = {
  public: 'public: it cannot protect a credential',
  confidential: 'confidential: it can protect a credential',
  none: 'none: it requests no token',
};
const PLATFORMS = {
  spa: 'single-page application (spa)',
  publicClient: 'mobile and desktop (publicClient)',
  web: 'web',
};
const HOW = {
  derived: 'derived from other answers',
  implied: 'follows from the other answers',
  unsure: 'taken for safety: you did not know',
};

// The credential in words, also where there is none.
function credentialTitle({ credential, client }) {
  if (!credential) return client === 'public' ? 'none: a public client cannot protect one' : 'none';
  return credential.id === 'none' ? 'none that is allowed' : credential.title;
}

const summaryOf = (advice) =>
  [
    ['Grant', advice.grant_title],
    ['Client', CLIENTS[advice.client]],
    ['Platform', PLATFORMS[advice.platform]],
    ['Credential', credentialTitle(advice)],
  ].filter((pair) => pair[1] && !(advice.grant === 'none' && advice.dead_end));

// What the headline must not hide.
function verdictOf(advice) {
  if (advice.dead_end) return advice.credential ? 'no credential is allowed' : 'no grant works';
  return advice.last_resort ? 'last resort' : '';
}

const answerOf = (fact) => (HOW[fact.by] ? `${fact.label} (${HOW[fact.by]})` : fact.label);
const whyNot = (rows) =>
  rows.filter((row) => row.reasons.length).map((row) => [row.title, ...row.reasons.map((reason) => reason.text)]);

function sectionsOf(advice) {
  const { credential } = advice;
  const outcomes = ({ ask, who, outcomes: all, taken: isTaken }) => [
    ask,
    ...all.map((outcome, place) => [outcome.label, outcome.leads_to + (isTaken && !place ? ' (this advice)' : '')]),
    ...(who ? [['Who can answer', who]] : []),
  ];
  const wish = ({ label, verdict, text }) => [label, [verdict === 'allowed' ? 'Allowed' : 'Refused', text]];
  return [
    { title: 'Conflicting answers', points: advice.contradictions, mark: 'stop' },
    { title: 'Wishes', rows: advice.wishes.map(wish) },
    { title: 'Unknown answers that decide', rows: advice.alternatives.map(outcomes) },
    { title: 'Derived and assumed', points: advice.assumed },
    { title: 'Answers without effect', points: advice.unused },
    { title: 'Decided by your organization', points: advice.organisation },
    { title: 'Caveats', points: advice.warnings, mark: 'care' },
    { title: 'Based on your answers', rows: advice.facts.map((fact) => [fact.ask, answerOf(fact)]), beside: true },
    { title: 'Why', points: advice.why },
    { title: 'Why not the other grants', rows: whyNot(advice.ruled_out), folded: true },
    {
      title: 'What to register',
      rows: advice.register.map((item) => [item.property, item.value, item.why]),
      settings: true,
    },
    { title: `Credential: ${credentialTitle(advice)}`, points: credential ? [credential.why] : [] },
    { title: 'Why not another credential', rows: credential ? whyNot(credential.ruled_out) : [], folded: true },
    { title: 'Scopes', points: advice.scopes },
    { title: 'Request', code: advice.request, copy: 'Copy request' },
    { title: 'Remaining risks', points: advice.remaining_risk },
    { title: 'What would change the answer', rows: changes(advice), folded: true },
    { title: 'Not answered: can add caveats, not another grant', points: advice.not_said.map(openFact), open: true },
    { title: 'Sources', links: advice.sources.map(link), folded: true },
    { title: 'The same advice on the command line', code: [advice.repeat], copy: 'Copy command' },
  ].filter((section) => section.open || (section.points || section.rows || section.code || section.links).length);
}

const openFact = ({ ask, question, choices }) => `${ask} (${question}: ${choices.join(', ')})`;

// What would change the answer, under each question once.
function changes(advice) {
  const parts = [];
  for (const line of advice.would_change) {
    const ask = advice.facts.map((fact) => fact.ask).find((words) => line.startsWith(`${words} `)) || '';
    if (!parts.length || parts.at(-1)[0] !== ask) parts.push([ask]);
    const rest = line.slice(ask.length).trim();
    const end = rest.lastIndexOf(': ');
    parts.at(-1).push([rest.slice(0, end), rest.slice(end + 2)]);
  }
  return parts;
}

function link({ title, url, section, checked }) {
  const when = /^\d/.test(checked) ? `read ${checked}` : checked;
  return { text: section ? `${title}, ${section}` : title, url: /^https?:/.test(url) ? url : '', note: when || '' };
}

// The registration as JSON, with the settings that are printed; nothing where the client needs none.
function registrationOf(advice, found) {
  const end = endOf(found);
  if (!Object.hasOwn(end, 'registration')) return '';
  const body = structuredClone(data.rows[end.registration]);
  for (const { property, value } of advice.register) {
    const path = property.split('.');
    const last = path.pop();
    const place = path.reduce((part, name) => part && part[name], body);
    const set = valueOfSetting(property, value);
    if (set !== null && place && Object.hasOwn(place, last)) place[last] = set;
  }
  return JSON.stringify(body, null, 2);
}

// A URI in a sentence; words in braces are filled in by the reader, and may contain spaces.
const ADDRESS = /[a-z][a-z0-9+.-]*(?:\{[^{}]*\})*[a-z0-9+.-]*:\/\/(?:\{[^{}]*\}|[^\s,;(){}])*/g;

// The value in JSON; nothing for a description.
function valueOfSetting(property, value) {
  if (property.endsWith('Uris')) return value.match(ADDRESS);
  if (/^(true|false)\b/.test(value)) return value.startsWith('true');
  if (property === 'signInAudience') return value;
  return /^\d+$/.test(value) ? Number(value) : null;
}

// Markdown.

const plain = (text) =>
  text
    .replace(/[\\`*_[\]<>|~#]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replace(/\s+/g, ' ');
const codeSpan = (text) => (/[`|]/.test(text) ? plain(text) : `\`${text}\``);

function markdownOf(advice) {
  const verdict = verdictOf(advice);
  const blocks = [
    `# ${plain(advice.headline)}${verdict ? ` (${verdict})` : ''}`,
    summaryOf(advice)
      .map(([term, words]) => `- **${term}**: ${plain(words)}`)
      .join('\n'),
  ];
  for (const section of sectionsOf(advice)) {
    const block = blockOf(section);
    if (block) blocks.push(`## ${plain(section.title)}`, block);
  }
  return `${blocks.filter(Boolean).join('\n\n')}\n`;
}

function blockOf({ points, rows, code, links, settings }) {
  if (points) return points.map((text) => `- ${plain(text)}`).join('\n');
  if (code) return `\`\`\`\n${code.join('\n')}\n\`\`\``;
  if (links)
    return links
      .map(({ text, url, note }) => `- ${url ? `[${plain(text)}](<${url}>)` : plain(text)}${note && ` (${note})`}`)
      .join('\n');
  if (settings) {
    const lines = rows.map(
      ([property, value, why]) => `| ${codeSpan(property)} | ${codeSpan(value)} | ${plain(why)} |`,
    );
    return ['| Property | Value | Why |', '| --- | --- | --- |', ...lines].join('\n');
  }
  return rows
    .map(([head, ...lines]) =>
      [`- **${plain(head)}**`, ...lines.map((line) => `  - ${plain([line].flat().join(': '))}`)].join('\n'),
    )
    .join('\n');
}
