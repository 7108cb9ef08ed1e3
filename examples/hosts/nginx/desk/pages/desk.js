// desk.js - /__edge: what functions did, from the lines that the host records (examples/hosts/edgefn_trace.h). window.edge is data.js.
const most = 200, requests = [], waiting = new Map();
let offset = null, rest = '', chosen = null, held = false;

const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children.filter((child) => child != null && child !== ''));
  return made;
};
const find = (selector) => document.querySelector(selector);

// --- lines

const parse = (text) => {
  try { return JSON.parse(text); } catch { return null; }
};

function take(line) {
  const [what, id, ...f] = line.split('\t'), about = waiting.get(id) ?? [];
  if (what === 'request') {
    const [at, method, target, status, cache, took, scheme, host] = f;
    requests.unshift({ id, at: new Date(at * 1000), method, target, status, cache: cache.replace(' from cloudfront', ''), took, scheme, host, about });
    requests.length = Math.min(requests.length, most);
    waiting.delete(id);
    return;
  }
  if (what === 'trigger') about.push({ type: f[0], dialect: f[1], handler: f[2], us: f[3], outcome: f[4], event: parse(f[5]), result: parse(f[6]), why: f[7], logs: [], findings: [] });
  const last = about.at(-1);
  if (what === 'log' && last) last.logs.push(f[1]);
  if (what === 'finding' && last) last.findings.push({ verdict: f[1], rule: f[2], text: f[3], message: f[4] });
  waiting.set(id, about);
  if (waiting.size > 1000) waiting.delete(waiting.keys().next().value);
}

// Reads what the file has more. Returns: true if something came.
async function read() {
  const range = offset === null ? 'bytes=-4000000' : `bytes=${offset}-`;
  const answer = await fetch('/__edge/trace', { headers: { Range: range }, cache: 'no-store' });
  const size = Number(/\/(\d+)$/.exec(answer.headers.get('Content-Range') ?? '')?.[1] ?? NaN);
  if (answer.status === 416) { // nothing new, or the file was begun again
    if (size < offset) [offset, rest] = [0, ''];
    offset ??= 0;
    return false;
  }
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const start = Number(/bytes (\d+)-/.exec(answer.headers.get('Content-Range') ?? '')?.[1] ?? 0);
  const lines = (rest + new TextDecoder().decode(bytes)).split('\n');
  if (offset === null && start > 0) lines.shift(); // the end of a line
  offset = start + bytes.length;
  rest = lines.pop();
  lines.forEach(take);
  return lines.length > 0;
}

// --- what changed

const headerValues = (list) => (Array.isArray(list) ? list.map((entry) => entry.value) : (list.multiValue ?? [list]).map((entry) => entry.value + (entry.attributes ? `; ${entry.attributes}` : '')));

function put(map, label, value) {
  if (value !== undefined && value !== null) map.set(label, (map.get(label) ?? []).concat(String(value)));
}

// The members of a request or response, as a map from labels to lists of values.
function flat(part) {
  const map = new Map();
  if (!part) return map;
  put(map, 'method', part.method);
  put(map, 'uri', part.uri);
  if (typeof part.querystring === 'string') {
    for (const pair of part.querystring.split('&').filter(Boolean)) put(map, `query ${pair.split('=')[0]}`, pair.split('=').slice(1).join('='));
  } else for (const [name, list] of Object.entries(part.querystring ?? {})) headerValues(list).forEach((value) => put(map, `query ${name}`, value));
  for (const [name, list] of Object.entries(part.headers ?? {})) {
    for (const value of headerValues(list)) {
      if (name !== 'cookie') put(map, `header ${name}`, value);
      else for (const pair of value.split(/; */)) put(map, `cookie ${pair.split('=')[0]}`, pair.split('=').slice(1).join('='));
    }
  }
  for (const [name, list] of Object.entries(part.cookies ?? {})) headerValues(list).forEach((value) => put(map, `cookie ${name}`, value));
  if (part.status !== undefined || part.statusCode !== undefined) put(map, 'status', `${part.status ?? part.statusCode} ${part.statusDescription ?? ''}`.trim());
  const body = part.body;
  put(map, 'body', typeof body === 'string' ? body : body && bodyText(body));
  for (const [kind, origin] of Object.entries(part.origin ?? {})) {
    put(map, 'origin kind', kind);
    for (const [name, value] of Object.entries(origin)) {
      if (name !== 'customHeaders') put(map, `origin ${name}`, value);
      else for (const [header, list] of Object.entries(value)) headerValues(list).forEach((v) => put(map, `origin header ${header}`, v));
    }
  }
  return map;
}

function bodyText({ data, encoding }) {
  if (encoding !== 'base64' || data === undefined) return data;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(atob(data), (c) => c.charCodeAt(0)));
  } catch { return `${data.length} characters of base64`; }
}

const withMore = ({ headers, body }) => Object.entries(headers).map(([name, value]) => `${name}: ${value}`).concat(body ? [`body: ${body}`] : []);
const brief = (text) => (text.length > 90 ? `${text.slice(0, 90)}…` : text);
const short = (text) => (text.length > 300 ? `${text.slice(0, 300)}... (${text.length} characters)` : text);

// Returns: lines [class, text].
function changes(trigger) {
  const record = trigger.event?.Records?.[0].cf ?? trigger.event ?? {}, answer = trigger.outcome === 'answer';
  if (trigger.outcome === 'unchanged') return [];
  if (!trigger.result) return [];
  const before = answer ? new Map() : flat(trigger.outcome === 'response' ? record.response : record.request), after = flat(trigger.result), lines = [];
  if (answer) lines.push(['add', `+ answer: the request is not forwarded`]);
  for (const label of new Set([...before.keys(), ...after.keys()])) {
    const was = before.get(label) ?? [], is = after.get(label) ?? [];
    if (was.join('\n') === is.join('\n')) continue;
    if (was.length === 1 && is.length === 1) lines.push(['edit', `~ ${label}: ${short(was[0])} → ${short(is[0])}`]);
    else {
      was.filter((value) => !is.includes(value)).forEach((value) => lines.push(['cut', `- ${label}: ${short(value)}`]));
      is.filter((value) => !was.includes(value)).forEach((value) => lines.push(['add', `+ ${label}: ${short(value)}`]));
    }
  }
  return lines.length > 0 ? lines : [['edit', '~ only values that are not shown']];
}

// --- the page

// X-Cache in a word
const inShort = (cache) => (/GeneratedResponse/.test(cache) ? 'Answer' : /ValidationError/.test(cache) ? 'Refused' : /ExecutionError/.test(cache) ? 'Failed' : cache);
const types = ['viewer-request', 'origin-request', 'origin-response', 'viewer-response'];

const statusClass = (status) => `status ${status >= '4' ? 'bad' : status >= '3' ? 'moved' : 'good'}`;

function summary({ about }) {
  const failed = about.find(({ outcome }) => outcome === 'fail'), edited = about.filter(({ outcome }) => !['unchanged', 'fail'].includes(outcome)).map(({ type }) => type);
  if (failed) return `failed at ${failed.type}`;
  if (about.length === 0) return 'no function ran';
  return edited.length > 0 ? `changed at ${edited.join(', ')}` : 'unchanged';
}

const textOf = (request) => [request.method, request.target, request.status, request.cache, request.host,
  ...request.about.flatMap((trigger) => [trigger.type, ...changes(trigger).map(([, line]) => line), ...trigger.logs, trigger.why, ...trigger.findings.map(({ rule }) => rule)])].join('\n').toLowerCase();

function list() {
  const words = find('#filter').value.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = requests.filter((request) => words.every((word) => textOf(request).includes(word)));
  find('#none').hidden = requests.length > 0;
  find('.requests').replaceChildren(...shown.map((request) => {
    const button = element('button', { onclick: () => choose(request) }, element('span', { className: statusClass(request.status) }, request.status),
      element('span', { className: 'target mono' }, `${request.method === 'GET' ? '' : `${request.method} `}${request.target}`), element('span', { className: 'faint', title: `X-Cache: ${request.cache} from cloudfront` }, inShort(request.cache)),
      element('span', { className: 'sub' }, `${request.at.toLocaleTimeString()} · ${request.took} ms · ${summary(request)}`));
    const item = element('li', {}, button);
    item.setAttribute('aria-current', String(request === chosen));
    return item;
  }));
}

function copy(label, text) {
  const button = element('button', {}, label);
  button.onclick = async () => {
    await navigator.clipboard.writeText(text());
    button.textContent = 'Copied';
    setTimeout(() => (button.textContent = label), 1500);
  };
  return button;
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function curl(request) {
  const first = request.about.find(({ type }) => type === 'viewer-request'), part = first && (first.event?.Records?.[0].cf.request ?? first.event?.request);
  const port = request.scheme === 'https' ? edge.httpsPort : edge.port, words = ['curl', '-i'];
  if (request.scheme === 'https') words.push('-k');
  if (request.method !== 'GET') words.push('-X', request.method);
  for (const [name, values] of Object.entries(part?.headers ?? {})) {
    if (['host', 'content-length', 'connection'].includes(name) || name.startsWith('cloudfront-')) continue;
    headerValues(values).forEach((value, i) => words.push('-H', quoted(`${values[i]?.key ?? name}: ${value}`)));
  }
  if (part?.body?.data) words.push('--data-binary', quoted(bodyText(part.body)));
  if (request.host && !/^(127\.|localhost)/.test(request.host)) words.push('-H', quoted(`Host: ${request.host}`));
  return `${words.join(' ')} ${quoted(`${request.scheme}://127.0.0.1:${port}${request.target}`)}\n`;
}

function card(trigger) {
  const lines = changes(trigger), failed = trigger.outcome === 'fail', same = trigger.outcome === 'unchanged';
  const made = element('article', { className: same && trigger.findings.length === 0 ? 'trigger same' : 'trigger' },
    element('header', {}, element('h3', {}, trigger.type), element('span', { className: 'faint' }, `${trigger.handler.replace(/\.so$/, '')}, ${trigger.dialect === 'lambda' ? 'Lambda@Edge' : 'CloudFront Functions'}, ${trigger.us} µs`),
      element('span', { className: 'faint' }, failed ? 'failed' : same ? 'unchanged' : '')));
  if (failed && trigger.findings.length === 0) made.append(element('div', { className: 'finding' }, trigger.why.replace(/^error: /, '') || 'The function failed.'));
  if (lines.length > 0) made.append(element('ul', { className: 'changes mono' }, ...lines.map(([className, text]) => element('li', { className }, text))));
  for (const { verdict, rule, text, message } of trigger.findings)
    made.append(element('div', { className: 'finding' }, element('p', {}, `${verdict}: ${text} `, element('code', {}, rule)), message ? element('p', {}, `CloudFront says: ${message}`) : null));
  for (const line of trigger.logs) made.append(element('div', { className: 'log mono' }, `log: ${line}`));
  const event = `${JSON.stringify(trigger.event, null, 2)}\n`;
  made.append(element('details', {}, element('summary', {}, same ? 'Event' : 'Event before'), element('pre', {}, event), element('div', { className: 'copies' }, copy('Copy as an event file', () => event))));
  if (trigger.result && !same) made.append(element('details', {}, element('summary', {}, 'Result after'), element('pre', {}, `${JSON.stringify(trigger.result, null, 2)}\n`)));
  return made;
}

function choose(request, response = request?.response) {
  chosen = request;
  list();
  if (!request) return;
  request.response = response;
  const detail = find('.detail');
  detail.replaceChildren(element('div', { className: 'top' }, element('h2', { className: 'mono' }, `${request.method} ${request.target}`),
    element('span', { className: statusClass(request.status) }, request.status), element('span', { className: 'faint' }, `${request.cache}, ${request.took} ms, ${request.scheme}://${request.host}`),
    copy('Copy as curl', () => curl(request))));
  detail.append(...request.about.map(card));
  const absent = types.filter((type) => !request.about.some((trigger) => trigger.type === type));
  if (absent.length > 0) detail.append(element('p', { className: 'note' }, `Did not run: ${absent.join(', ')}${/^(Refresh)?Hit/.test(request.cache) ? ', because the response was in the cache' : ''}`));
  if (response) detail.append(element('h3', {}, 'The response that the viewer got'), element('pre', { className: 'answer' }, response));
  if (matchMedia('(max-width: 55rem)').matches) detail.scrollIntoView({ block: 'start' });
}

// --- trying

const renamed = /^x-try-/;

// Sends a request of try.txt as another viewer, and shows what came of it.
async function send(attempt, button) {
  const headers = { 'X-Try-Method': attempt.method, 'X-Try-Target': attempt.target, 'X-Try-Scheme': attempt.scheme };
  for (const [name, value] of Object.entries(attempt.headers)) headers[`X-Try-${name}`] = value;
  if (attempt.body && !attempt.headers['Content-Type']) headers['X-Try-Content-Type'] = 'application/x-www-form-urlencoded';
  button.disabled = true;
  try {
    const answer = await fetch('/__edge/send', { method: 'POST', headers, body: attempt.body || null, cache: 'no-store', credentials: 'omit' });
    const type = answer.headers.get('Content-Type') ?? '', text = await answer.text();
    const body = text === '' ? '(no body)' : /^(text|application\/json)/.test(type) || type === '' ? text : `(a body of type ${type})`;
    const lines = [...answer.headers].map(([name, value]) => `${name.replace(renamed, '')}: ${value}`).sort();
    const response = `${answer.status} ${answer.statusText}\n${lines.join('\n')}\n\n${short(body)}`, id = answer.headers.get('X-Amz-Cf-Id');
    let request;
    for (let i = 0; i < 30 && !request; i++) {
      await read();
      request = requests.find((one) => one.id === id);
      if (!request) await new Promise((done) => setTimeout(done, 100));
    }
    if (request) choose(request, response);
    else find('.detail').replaceChildren(element('pre', { className: 'answer' }, response));
  } finally { button.disabled = false; }
}

function offer() {
  const rows = edge.tries.map((attempt, i) => {
    const more = withMore(attempt);
    const button = element('button', { className: 'first' }, 'Send');
    button.dataset.try = i;
    button.onclick = () => send(attempt, button);
    return element('li', {}, element('span', { className: 'what' }, element('code', {}, `${attempt.method} ${attempt.target}`), ` ${attempt.about}${attempt.scheme === 'https' ? ', over https' : ''}`,
      more.length > 0 ? element('span', { className: 'with mono', title: more.join('\n') }, `with ${more.map(brief).join(', ')}`) : null), element('span', { className: 'buttons' }, button));
  });
  find('#try').hidden = rows.length === 0;
  find('.tries').replaceChildren(...rows);
}

async function live() {
  try {
    if (!held && !document.hidden && await read()) {
      list();
      if (chosen === null && requests.length > 0 && !matchMedia('(max-width: 55rem)').matches) choose(requests[0]);
    }
    find('#none').textContent = 'No requests yet. Open a page of the site: it appears here at once.';
  } catch { find('#none').textContent = 'The desk does not answer.'; }
  setTimeout(live, 700);
}

if (!window.edge) window.edge = { port: location.port, httpsPort: location.port, handlers: [], tries: [] };
find('#running').textContent = edge.handlers.map(({ name }) => name).join(' + ');
find('#filter').oninput = list;
find('#hold').onclick = () => {
  held = !held;
  find('#hold').textContent = held ? 'Go on' : 'Pause';
  find('#hold').setAttribute('aria-pressed', String(held));
};
offer();
live().then(() => {
  const number = /^#try=(\d+)$/.exec(location.hash)?.[1];
  if (number !== undefined) find(`[data-try="${number}"]`)?.click();
});
