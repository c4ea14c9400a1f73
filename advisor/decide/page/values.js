// What is printed in requests and settings, by what is known: the same as advisor.decide.settle and its tables.

// Fills texts; `used` are the facts that decided something so far, `printed` the values of the tables.
function filling(all) {
  // Several APIs have one token each: these values are for the first.
  const known = bag(all, { api: (all.api || '').split(',')[0] });
  const used = new Set();
  const printed = new Set();
  const words = [...facts.values()].flatMap((question) =>
    picked(question, all[question.id]).flatMap(({ fills }) =>
      Object.entries(fills || {}).map((pair) => [question.id, ...pair]),
    ),
  );
  const fill = (text) => {
    let filled = text;
    for (const [fact, place, value] of words) {
      if (!filled.includes(place)) continue;
      filled = filled.replaceAll(place, () => value);
      used.add(fact);
    }
    for (const [place, rows] of data.values) {
      const row = filled.includes(place) && rows.find(({ when }) => matches(when, known));
      if (!row) continue;
      filled = filled.replaceAll(place, () => row.value);
      Object.keys(row.when).forEach((fact) => used.add(fact));
      printed.add(row);
    }
    return filled;
  };
  return { fill, used, printed };
}

// The requests of each API that the answers allow; a further one needs only a token of its own.
function requestLines(end, all, { used, printed }) {
  const named = (all.api || '').split(',');
  const apis = named.filter((api) => api !== 'sign-in-only');
  const lines = [];
  for (const api of apis.length ? apis : named) {
    const known = api ? bag(all, { api }) : all;
    if (data.notes.some((note) => note.no_request && holds(note, known))) continue;
    const one = filling(known);
    const rows = lines.length ? end.further : end.request;
    lines.push(...rows.map((number) => one.fill(data.rows[number])));
    one.used.forEach((fact) => used.add(fact));
    one.printed.forEach((row) => printed.add(row));
  }
  return lines;
}

// What does not work together, with the answers and the ends of the path that say so.
function conflict(note, all) {
  const when = Object.entries(note.when).filter(([key]) => key !== 'leaf');
  const pairs = when.map(([key, values]) => pairOf(all, key, values));
  return pairs.length > 1 ? `${pairs.join(' and ')} do not work together: ${note.text}` : note.text;
}
