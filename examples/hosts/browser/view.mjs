// view.mjs - makes what the page shows of findings, differences and sizes.
import { make, sizeText, tokenEnd } from './editor.mjs';

const plural = (count, what, more = `${what}s`) => `${count.toLocaleString('en')} ${count === 1 ? what : more}`;

// One sentence on the whole: [text, kind].
function verdictOf({ refused, total, findings }) {
  const doubtful = total - refused, also = doubtful > 0 ? `, ${doubtful} doubtful` : '';
  const answer = findings.find((f) => f.refused)?.status; // refused ones may be among those that are not shown
  if (refused > 0) return [`CloudFront would answer with ${answer ? `status ${answer}` : 'an error page'} instead: ${refused} refused${also}`, 'refused'];
  if (doubtful > 0) return [`Nothing is refused, ${plural(doubtful, 'finding')} doubtful`, 'doubtful'];
  return ['CloudFront accepts this result', 'accepted'];
}

// The line of a finding, shortened around its place.
function excerpt(text, finding) {
  const { offset } = finding, end = tokenEnd(text, offset);
  const begin = text.lastIndexOf('\n', offset - 1) + 1, stop = text.indexOf('\n', offset);
  const from = Math.max(begin, offset - 40), to = Math.min(stop < 0 ? text.length : stop, Math.max(offset + 80, Math.min(end, offset + 90)));
  const shown = (a, b) => text.slice(a, b).replaceAll('\t', ' ');
  return [from > begin ? '…' : '', shown(from, offset).replace(/^\s+/, ''), make('mark', { class: finding.refused ? 'refused' : 'doubtful' }, shown(offset, Math.min(end, to)) || ' '), shown(Math.min(end, to), to), to < stop ? '…' : ''];
}

function findingCard(finding, text, { jump, docs }) {
  const kind = finding.refused ? 'refused' : 'doubtful';
  const term = (name, ...value) => [make('dt', {}, name), make('dd', {}, ...value)];
  const rule = docs ? make('a', { href: `${docs}rules.html#${finding.rule}` }, finding.rule) : finding.rule;
  const place = `${jump ? 'Line' : 'Result, line'} ${finding.line}, column ${finding.column}`;
  return make('li', { class: `finding ${kind}` },
    make('h4', {}, make('span', { class: 'badge' }, finding.refused ? 'Refused' : 'Doubtful'), ' ',
      finding.subject && make('code', {}, finding.subject.length > 80 ? `${finding.subject.slice(0, 80)}…` : finding.subject), finding.subject && ': ', finding.text,
      finding.limit > 0 && ` (${sizeText(finding.actual)}, the limit is ${sizeText(finding.limit)})`),
    make('div', { class: 'at' },
      jump ? make('button', { type: 'button', class: 'place', onclick: () => jump(finding) }, place) : make('span', { class: 'place' }, place),
      make('code', { class: 'excerpt' }, ...excerpt(text, finding))),
    make('dl', {},
      ...term('CloudFront says', finding.says ? make('q', {}, finding.says) : finding.refused ? 'AWS publishes no message for this.' : 'Nothing: AWS does not document what happens.'),
      ...term('What to do', `${finding.advice[0].toUpperCase()}${finding.advice.slice(1)}`),
      ...term('Source', finding.source)),
    make('p', { class: 'rule' }, rule));
}

/** The findings of a result. found: what the worker's check() returned. */
export function findingsView(found, text, options = {}) {
  const [sentence, kind] = verdictOf(found), rest = found.total - found.findings.length;
  return [make('p', { class: `verdict ${kind}` }, sentence),
    ...found.notes.map((note) => make('p', { class: 'note' }, note)),
    found.findings.length > 0 && make('ol', { class: 'findings' }, ...found.findings.map((f) => findingCard(f, text, options))),
    rest > 0 && make('p', { class: 'note' }, `${plural(rest, 'more finding')} not shown: fix these first.`)].filter(Boolean);
}

// Two texts with what they have in common at both ends left plain.
function pair(before, after) {
  const most = Math.min(before.length, after.length);
  let head = 0, tail = 0;
  while (head < most && before[head] === after[head]) head++;
  while (tail < most - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const part = (text, tag) => [text.slice(0, head), make(tag, {}, text.slice(head, text.length - tail)), text.slice(text.length - tail)];
  return [part(before, 'del'), part(after, 'ins')];
}

const STATES = { same: ['Unchanged', '='], added: ['Added', '+'], changed: ['Changed', '~'], removed: ['Removed', '−'] };

function differenceRow(row) {
  const [word, sign] = STATES[row.state], values = [];
  if (row.state === 'changed') {
    const [before, after] = pair(row.before, row.after);
    values.push(make('div', { class: 'before' }, ...before), make('div', { class: 'after' }, ...after));
  } else values.push(make('div', {}, row.state === 'removed' ? make('del', {}, row.before) : row.after || ' '));
  return make('tr', { class: row.state }, make('td', { class: 'sign' }, make('span', { 'aria-hidden': 'true' }, sign), make('span', { class: 'hidden' }, word)),
    make('th', { scope: 'row' }, row.name), make('td', {}, ...values));
}

/** The difference between an event and a result, as a picture: a square for each field, and what changed below. */
export function differenceView({ answered, rows, counts }) {
  const parts = ['added', 'changed', 'removed', 'same'].filter((state) => counts[state] > 0);
  const words = parts.map((state) => `${counts[state].toLocaleString('en')} ${STATES[state][0].toLowerCase()}`).join(', ') || 'nothing';
  const squares = make('div', { class: 'squares', role: 'img', 'aria-label': `Fields: ${words}` }, ...rows.slice(0, 200).map(({ state, name }) => make('i', { class: state, title: `${name}: ${STATES[state][0].toLowerCase()}` })));
  const legend = make('ul', { class: 'legend' }, ...parts.map((state) => make('li', {}, make('i', { class: state, 'aria-hidden': 'true' }), `${counts[state].toLocaleString('en')} ${STATES[state][0].toLowerCase()}`)));
  const table = (list) => {
    const body = make('table', { class: 'difference' }, make('colgroup', {}, make('col', { class: 'sign' }), make('col', { class: 'name' }), make('col')));
    let group;
    for (const row of list) {
      if (row.group !== group || body.tBodies.length === 0) body.append(make('tbody'));
      if (row.group !== group && row.group !== '') body.lastElementChild.append(make('tr', { class: 'group' }, make('th', { colspan: 3, scope: 'rowgroup' }, row.group)));
      group = row.group;
      body.lastElementChild.append(differenceRow(row));
    }
    return body;
  };
  const edited = rows.filter((row) => row.state !== 'same'), same = rows.filter((row) => row.state === 'same');
  return [make('p', { class: 'lead' }, answered ? 'The function answered the request itself: the origin is not asked.' : edited.length === 0 ? 'The function changed nothing.' : ''),
    squares, legend, edited.length > 0 && table(edited),
    same.length > 0 && make('details', {}, make('summary', {}, plural(counts.same, 'unchanged field')), table(same)),
    counts.added + counts.changed + counts.removed + counts.same > rows.length && make('p', { class: 'note' }, `Only the first ${rows.length} fields are shown.`)].filter(Boolean);
}

// Both in the same unit.
const ofText = (bytes, limit) => (limit < 10000 ? `${bytes.toLocaleString('en')} of ${sizeText(limit)}` : `${sizeText(bytes)} of ${limit < 1 << 20 ? `${limit / 1024} KB` : `${limit >> 20} MB`}`);

/** Bars of bytes against CloudFront's limits. */
export function sizesView(list) {
  return list.map(({ title, bars, largest }) => make('section', { class: 'sizes' }, make('h3', {}, title),
    make('ul', { class: 'bars' }, ...bars.map(([what, bytes, limit]) => {
      const share = bytes / limit, meter = make('div', { class: `bar${share > 1 ? ' over' : share > 0.8 ? ' close' : ''}`, 'aria-hidden': 'true' }, make('i'));
      meter.firstChild.style.width = share > 0 ? `max(2px, ${Math.min(100, share * 100)}%)` : '0';
      return make('li', {}, make('span', { class: 'what' }, what),
        make('span', { class: 'number' }, ofText(bytes, limit), make('b', {}, share > 1 ? ' too large' : ` ${share > 0 && share < 0.01 ? '<1' : Math.round(share * 100)} %`)), meter);
    })),
    largest.length > 1 && make('details', {}, make('summary', {}, 'Largest fields'),
      make('ol', { class: 'largest' }, ...largest.map(([name, bytes]) => make('li', {}, make('code', {}, name), ` ${sizeText(bytes)}`))))));
}

const NAMES = { macos: 'macOS', ios: 'iOS', chromeos: 'ChromeOS', kaios: 'KaiOS', webos: 'webOS', blackberry: 'BlackBerry', playstation: 'PlayStation', ie: 'Internet Explorer',
  duckduckgo: 'DuckDuckGo', miui: 'MIUI', qq: 'QQ', uc: 'UC', tv: 'TV' };
const named = (word) => NAMES[word] ?? word.split('-').map((part) => part[0].toUpperCase() + part.slice(1)).join(' ');

/** The class of a User-Agent header, and the words it depends on. */
export function userAgentView({ words, ...ua }, text) {
  const row = (name, value) => [make('dt', {}, name), make('dd', {}, value)];
  const marked = [];
  let at = 0;
  const pattern = new RegExp(`\\b(?:${words.map(({ word }) => word).join('|')})\\b`, 'g'); // words are letters and digits
  for (const { 0: word, index } of words.length > 0 ? text.matchAll(pattern) : []) {
    marked.push(text.slice(at, index), make('mark', { class: 'reason' }, word));
    at = index + word.length;
  }
  const means = ([key, value]) => `${labels[key]} ${key === 'botName' ? value : named(value)}`;
  const reason = ({ word, changes, makes }) => make('li', {}, make('code', {}, word), ': ', makes.map(means).join(', '), makes.length > 0 && changes.length > 0 && '; ',
    changes.length > 0 && `without it, ${changes.map(without).join(', ')}`);
  const labels = { device: 'device', system: 'system', browser: 'browser', bot: 'bot', botName: 'named' };
  const without = ([key, value]) => (value === null ? (key === 'botName' ? 'no name' : `no ${labels[key]}`) : `the ${key === 'botName' ? 'name' : labels[key]} is ${key === 'botName' ? value : named(value)}`);
  const program = [ua.browser && `${named(ua.browser)}${ua.version ? ` ${ua.version}` : ''}`, ua.system && named(ua.system)].filter(Boolean).join(' on ');
  return [make('p', { class: 'class' }, ua.bot ? `A bot: ${{ search: 'a search engine', preview: 'makes previews of links', monitor: 'watches whether sites are up', ai: 'collects for language models', tool: 'a command-line tool or library', other: 'of another kind' }[ua.bot]}${ua.botName ? ` (${ua.botName})` : ''}` : `${named(ua.device)}${program ? `: ${program}` : ''}`),
    make('dl', { class: 'facts' }, ...row('Device', named(ua.device)), ...row('System', ua.system ? named(ua.system) : '—'), ...row('Browser', ua.browser ? `${named(ua.browser)} ${ua.version || ''}` : '—'), ...row('Bot', ua.bot ? ua.botName || 'yes' : 'no')),
    make('h3', {}, 'Why'),
    words.length > 0 ? make('p', { class: 'agent' }, ...marked, text.slice(at)) : make('p', {}, 'No word of it is known.'),
    words.length > 0 && make('ul', { class: 'reasons' }, ...words.slice(0, 12).map(reason)),
    make('p', { class: 'note' }, 'Classified by keywords. A viewer can send any User-Agent header: do not use it for access control.')].filter(Boolean);
}
