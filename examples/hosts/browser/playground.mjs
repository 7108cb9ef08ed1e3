// playground.mjs - the page: tabs, and what each shows. The work is done by worker.mjs.
import { Editor, make, sizeText, tokenEnd } from './editor.mjs';
import { differenceView, findingsView, sizesView, userAgentView } from './view.mjs';
import { runInSandbox } from './sandbox.mjs';

const $ = (id) => document.getElementById(id);
const TABS = ['check', 'run', 'code', 'convert', 'agent', 'sizes'];
const LIMIT = 2000; // milliseconds for a function of the reader
const PATIENCE = 30000; // milliseconds for the worker
const LINK_MOST = 200000; // characters
const docs = document.body.dataset.docs;

const EXAMPLES = { // lines, because build.mjs joins what begins with export
  lambda: ['// This function has two faults. Run it, and see what CloudFront says.',
    'export const handler = async (event) => {',
    '  const { request } = event.Records[0].cf;',
    "  request.headers['x-version'] = 'blue';",
    "  request.headers.host[0].value = 'origin.example.com';",
    "  if (request.uri.endsWith('/')) request.uri += 'index.html';",
    '  return request;',
    '};', ''].join('\n'),
  functions: ['// This function has a fault. Run it, and see what CloudFront says.',
    'function handler(event) {',
    '  const request = event.request;',
    "  request.headers['x-version'] = 'blue';",
    "  if (request.uri.endsWith('/')) request.uri += 'index.html';",
    '  return request;',
    '}', ''].join('\n'),
};

/* ---- files of the page: beside it, or inside it ---- */

const unpacked = (bytes) => new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer();

async function asset(name) {
  const inside = $(`asset:${name}`);
  let bytes;
  if (inside) bytes = Uint8Array.from(atob(inside.textContent), (c) => c.charCodeAt(0));
  else {
    const response = await fetch(name);
    if (!response.ok) throw new Error(`${name}: status ${response.status}`);
    bytes = new Uint8Array(await response.arrayBuffer());
  }
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? unpacked(bytes) : bytes.buffer; // some servers unpack it
}
const assetJson = async (name) => JSON.parse(new TextDecoder().decode(await asset(name)));

/* ---- the worker ---- */

const wasm = asset('edgefn.wasm.gz');
const calls = new Map(); // that were not answered: id => { resolve, reject, timer }
const newest = new Map(), running = new Map(); // by channel: the last that was asked; the end of what runs
let worker, nextId = 0;

function startWorker() {
  const inside = $('worker');
  worker = new Worker(inside ? URL.createObjectURL(new Blob([inside.textContent], { type: 'text/javascript' })) : 'worker.js');
  worker.onmessage = ({ data: { id, value, error } }) => {
    const call = calls.get(id);
    if (!call) return;
    calls.delete(id);
    clearTimeout(call.timer);
    if (error) call.reject(Object.assign(new Error(error.message), error));
    else call.resolve(value);
  };
  loadedRecipes.clear();
  return wasm.then((bytes) => post('start', bytes));
}

function restart(why) {
  worker.terminate();
  for (const { reject, timer } of calls.values()) {
    clearTimeout(timer);
    reject(new Error(why));
  }
  calls.clear();
  startWorker().catch(() => undefined); // the next call says so
}

function post(name, ...args) {
  const id = ++nextId;
  return new Promise((resolve, reject) => {
    calls.set(id, { resolve, reject, timer: setTimeout(() => restart(`stopped after ${PATIENCE / 1000} seconds`), PATIENCE) });
    worker.postMessage({ id, name, args });
  });
}

// Runs task() when nothing was asked on this channel for a while and the last task has ended. Returns undefined if it was asked again in between.
async function latest(channel, wait, task) {
  const ticket = Symbol(channel), superseded = () => newest.get(channel) !== ticket;
  newest.set(channel, ticket);
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  while (running.has(channel) && !superseded()) await running.get(channel);
  if (superseded()) return undefined;
  const made = Promise.resolve().then(task);
  running.set(channel, made.then(() => undefined, () => undefined).then(() => running.delete(channel)));
  const value = await made;
  return superseded() ? undefined : value;
}

/* ---- state ---- */

const state = { tab: 'check', info: undefined, pristine: { event: true, result: true, code: true, agent: true } };
const loadedRecipes = new Set();
let recipes; // [{ name, topic, about, at }]
let recipe; // { source, cases } of the chosen one

const event = new Editor($('event').querySelector('.editor'), () => eventChanged(true));
const result = new Editor($('check').querySelector('.editor'), () => {
  state.pristine.result = false;
  refresh();
});
const code = new Editor($('code').querySelector('.editor'), () => {
  state.pristine.code = false;
  outdated('The function has changed: run it again.');
});
const editors = { event, result, code };

// Sets a text that is not the reader's own.
function fill(name, text) {
  editors[name].set(text, true);
  state.pristine[name] = true;
}

const say = (id, ...content) => $(id).replaceChildren(...content);
const problem = (...text) => make('p', { class: 'verdict refused' }, ...text);
const hint = (...text) => make('p', { class: 'note' }, ...text);
const failure = (error) => problem(`That did not work: ${error.message}`);

// What is shown of a function was returned for another event, or by another function.
function outdated(why) {
  if ($('code-out').childElementCount > 0) say('code-time', why);
}

/* ---- the event ---- */

const DIALECTS = { lambda: 'Lambda@Edge', functions: 'CloudFront Functions' };

function eventError({ line, column, text, where, other, offset, message }) {
  if (event.text.trim() === '') return [make('span', {}, 'No event: paste one, drop a file, or choose a sample.')];
  const subject = where && !['JSON text', 'event'].includes(where) ? `: ${where}` : '';
  const sentence = other ? `This is ${other}, not an event of CloudFront.${other.startsWith('a result') ? ' Paste it on the right.' : ''}` : `${text ?? message}${subject}`;
  return [offset !== undefined && !other && make('button', { type: 'button', class: 'place', onclick: () => event.reveal(offset, tokenEnd(event.text, offset)) }, `Line ${line}, column ${column}`),
    make('span', {}, offset !== undefined && !other ? ` ${sentence}` : sentence)].filter(Boolean);
}

function showInfo({ error, dialect, type, inferred, bytes }) {
  const status = $('event-status');
  status.className = `status ${error ? 'refused' : 'accepted'}`;
  event.mark(error?.offset !== undefined && !error.other ? [{ from: error.offset, to: tokenEnd(event.text, error.offset), kind: 'refused' }] : []);
  if (error) status.replaceChildren(...eventError(error));
  else status.replaceChildren(`${DIALECTS[dialect]} ${type}${inferred ? ' (inferred: the event has no type)' : ''}, ${sizeText(bytes)}`);
  $('type-label').hidden = !(inferred || $('type').value) || dialect === 'functions';
}

const delay = () => (event.text.length > 100000 ? 400 : 120);

async function eventChanged(byReader) {
  if (byReader) {
    state.pristine.event = false;
    $('sample').value = '';
  }
  try {
    const info = await latest('event', byReader ? delay() : 0, () => post('info', event.source, $('type').value));
    if (info === undefined) return;
    state.info = info;
    showInfo(info);
    outdated('The event has changed: run it again.');
    if (state.pristine.code && info.dialect && code.text !== EXAMPLES[info.dialect]) fill('code', EXAMPLES[info.dialect]);
  } catch (error) {
    say('event-status', `That did not work: ${error.message}`);
  }
  refresh(0);
}

/* ---- tabs ---- */

function choose(tab, focus) {
  state.tab = tab;
  for (const name of TABS) {
    const button = $(`tab-${name}`), on = name === tab;
    button.setAttribute('aria-selected', String(on));
    button.tabIndex = on ? 0 : -1;
    $(name).hidden = !on;
    if (on && focus) button.focus();
    if (on) button.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }
  refresh(0);
}

document.querySelector('[role=tablist]').addEventListener('keydown', (e) => {
  const at = TABS.indexOf(state.tab), to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: TABS.length - 1 }[e.key];
  if (to === undefined) return;
  e.preventDefault();
  choose(TABS[(to + TABS.length) % TABS.length], true);
});
for (const tab of TABS) $(`tab-${tab}`).addEventListener('click', () => choose(tab));

const shows = {}; // what each tab does when the event or its own fields have changed

function refresh(wait = delay()) {
  const tab = state.tab;
  if (state.info === undefined) return;
  latest('tab', wait, () => shows[tab]?.()).catch((error) => say(`${tab}-out`, failure(error)));
}

const needsEvent = () => (event.text.trim() === '' ? hint('There is no event: choose a sample, or paste one.') : make('p', { class: 'note' }, 'Fix the event first. ', ...eventError(state.info.error)));

/* ---- check ---- */

function jump(finding) {
  result.reveal(finding.offset, tokenEnd(result.text, finding.offset));
}

function marksOf(found, text) {
  const marks = found.findings.map((f) => ({ from: Math.min(f.offset, Math.max(0, text.length - 1)), to: tokenEnd(text, f.offset), kind: f.refused ? 'refused' : 'doubtful' }));
  return marks.sort((a, b) => a.from - b.from || (a.kind === 'refused' ? -1 : 1)).filter((m, i) => i === 0 || m.from >= marks[i - 1].to);
}

const undo = $('sanitize'), undoing = undo.parentElement; // below the verdict, if there is something to undo

shows.check = async () => {
  const text = result.text;
  if (state.info.error) {
    result.mark([]);
    return say('check-out', needsEvent());
  }
  if (text.trim() === '') {
    result.mark([]);
    return say('check-out', hint('Paste what your function returned: a request, or a response.'));
  }
  const found = await post('check', event.source, result.source, $('type').value);
  if (text !== result.text || found.eventError) return undefined;
  result.mark(marksOf(found, text));
  const [verdict, ...rest] = findingsView(found, text, { jump, docs });
  undo.hidden = !found.findings.some((f) => f.refused && /header\./.test(f.rule));
  say('check-out', verdict, ...(undo.hidden ? [] : [undoing]), ...rest);
};

undo.addEventListener('click', async () => {
  const before = result.source, fixed = await post('sanitize', event.source, before, $('type').value).catch(() => undefined);
  if (typeof fixed !== 'string' || result.source !== before) return;
  result.set(await post('format', fixed));
  result.area.focus();
});
$('unchanged').addEventListener('click', async () => {
  if (state.info?.error) return;
  const before = result.source, text = await post('received', event.source);
  if (result.source !== before) return; // something was pasted meanwhile
  fill('result', text);
  refresh(0);
});

/* ---- run a recipe ---- */

async function loadRecipes() {
  if (recipes) return;
  recipes = await assetJson('recipes.json.gz');
  const topics = new Map();
  for (const { name, topic, about } of recipes) {
    if (!topics.has(topic)) topics.set(topic, make('optgroup', { label: topic }));
    topics.get(topic).append(make('option', { value: name, title: about }, name));
  }
  $('recipe').replaceChildren(...topics.values());
  $('recipe').value = state.wanted?.recipe ?? 'language_path';
  await chooseRecipe();
}

async function chooseRecipe(byReader) {
  const name = $('recipe').value, { about } = recipes.find((r) => r.name === name) ?? {};
  const inside = $('asset:recipes-all.json.gz');
  const found = inside ? (await assetJson('recipes-all.json.gz'))[name] : await assetJson(`recipes/${name}.json.gz`);
  if (name !== $('recipe').value) return;
  recipe = found;
  say('recipe-about', `${about[0].toUpperCase()}${about.slice(1)}.`);
  $('source').querySelector('code').textContent = recipe.source;
  $('source').querySelector('summary').textContent = `Source in C, ${recipe.source.split('\n').length - 1} lines`;
  $('case').replaceChildren(make('option', { value: '' }, 'the event as it is'), ...recipe.cases.map(({ title }, i) => make('option', { value: i }, title)));
  $('case').disabled = recipe.cases.length === 0;
  if (byReader && state.pristine.event && recipe.cases.length > 0) {
    $('case').value = '0';
    chooseCase();
  } else if (byReader) refresh(0);
}

function chooseCase() {
  const chosen = recipe.cases[$('case').value];
  if (!chosen) return;
  fill('event', chosen.event);
  if (state.pristine.result) fill('result', '');
  $('now').value = chosen.now;
  $('draw').value = chosen.draw;
  $('random').value = chosen.random;
  $('tables').value = chosen.shown;
  $('sample').value = '';
  eventChanged(false);
}

// The fields as the worker needs them; throws with a sentence for the reader.
function environment() {
  const now = $('now').value.trim(), draw = $('draw').value.trim(), hex = $('random').value.trim(), tables = $('tables').value.trim();
  const seconds = now === '' ? Math.floor(Date.now() / 1000) : /^\d+$/.test(now) ? +now : Math.floor(Date.parse(now) / 1000);
  if (!Number.isFinite(seconds)) throw new Error(`the clock is not a time: ${now}`);
  if (draw !== '' && !(+draw >= 0 && +draw < 1)) throw new Error(`the draw is not a number from 0 to below 1: ${draw}`);
  if (hex !== '' && !/^[0-9a-f]{32}$/i.test(hex)) throw new Error('the random bytes are not 32 hex digits');
  const random = hex === '' ? crypto.getRandomValues(new Uint8Array(16)) : Uint8Array.from(hex.match(/../g), (two) => parseInt(two, 16));
  let values = {};
  try {
    if (tables !== '') values = JSON.parse(tables);
  } catch (error) {
    throw new Error(`the tables are not JSON: ${error.message}`);
  }
  return { now: seconds, draw: draw === '' ? crypto.getRandomValues(new Uint32Array(1))[0] : Math.floor(+draw * 2 ** 32), random, tables: values };
}

async function loadModule(name) {
  const single = Boolean($('asset:recipes-all.json.gz')), key = single ? 'recipes' : name;
  if (!loadedRecipes.has(key)) {
    await post('addRecipe', key, await asset(single ? 'recipes.wasm.gz' : `recipes/${name}.wasm.gz`));
    loadedRecipes.add(key);
  }
  return [key, single ? recipes.findIndex((r) => r.name === name) : 0];
}

const resultView = (ran) => [...findingsView(ran, ran.result, { docs }),
  make('h3', {}, 'Difference from the event'), ...differenceView(ran.difference),
  make('details', { class: 'result' }, make('summary', {}, `Result, ${sizeText(new TextEncoder().encode(ran.result).length)}`), make('pre', { tabindex: 0, 'aria-label': 'Result' }, ran.result.length > 200000 ? `${ran.result.slice(0, 200000)}…` : ran.result))];
const logView = (lines) => lines?.length > 0 && make('section', { class: 'log' }, make('h3', {}, 'Log'), make('pre', { tabindex: 0, 'aria-label': 'Log' }, lines.join('\n')));
const timesText = ({ ms, again }) => (again > 0 ? `${timeText(ms)}, then ${again.toFixed(again < 0.1 ? 3 : 2)} ms each when run again` : timeText(ms));
const timeText = (ms) => (ms < 0.05 ? 'took less than 0.1 ms' : `took ${ms.toFixed(1)} ms`);

shows.run = async () => {
  await loadRecipes();
  if (state.info.error) return say('run-out', needsEvent());
  let env;
  try {
    env = environment();
  } catch (error) {
    $('env').open = true;
    say('run-time');
    return say('run-out', problem(`${error.message[0].toUpperCase()}${error.message.slice(1)}.`));
  }
  const name = $('recipe').value, given = event.source, chosen = () => name === $('recipe').value && given === event.source;
  const [key, choice] = await loadModule(name);
  if (!chosen()) return undefined; // it runs again for those that are
  const ran = await post('run', key, choice, given, env, $('type').value);
  if (!chosen()) return undefined;
  say('run-time', timesText(ran));
  if (ran.code !== 0) return say('run-out', problem(ran.code === 1 ? 'The event was refused.' : 'The recipe failed: nothing is passed on.'), make('pre', { tabindex: 0, 'aria-label': 'Why' }, ran.why), logView(ran.log) || '');
  return say('run-out', ...resultView(ran), logView(ran.log) || '');
};

$('recipe').addEventListener('change', () => chooseRecipe(true).catch((error) => say('run-out', failure(error))));
$('case').addEventListener('change', chooseCase);
$('run-now').addEventListener('click', () => refresh(0));
for (const id of ['now', 'draw', 'random', 'tables']) $(id).addEventListener('input', () => refresh(300));

/* ---- a function of the reader ---- */

const kvs = () => {
  try {
    return JSON.parse($('tables').value || '{}').kv ?? {};
  } catch {
    return {};
  }
};

async function runCode() {
  if (state.info === undefined) return undefined;
  if (state.info.error) return say('code-out', needsEvent());
  if (code.text.trim() === '') return say('code-out', hint('Paste a function with a handler.'));
  say('code-time', 'running…');
  $('code-run').disabled = true;
  const given = event.source;
  try {
    const ran = await runInSandbox(code.text, event.text.replace(/^\ufeff/, ''), { hash: document.body.dataset.hash, limit: LIMIT, kvs: kvs() });
    code.mark([]);
    say('code-time', ran.failed ? '' : timeText(ran.ms));
    if (ran.failed) return say('code-out', ...codeFailure(ran), logView(ran.logs) || '');
    const found = await post('returned', given, ran.text, $('type').value);
    return say('code-out', ...(ran.lost ? [hint(`JSON cannot hold all of the result; CloudFront does not get: ${ran.lost}`)] : []), ...resultView(found), logView(ran.logs) || '');
  } catch (error) {
    return say('code-out', failure(error));
  } finally {
    $('code-run').disabled = false;
    if ($('code-time').textContent === 'running…') say('code-time');
  }
}

function codeFailure({ failed, line, column }) {
  const why = { time: 'It had not returned by then. In CloudFront its time is limited, too; viewers would see an error page.',
    silence: 'It takes more memory than the browser has for it, or keeps it busy with messages.' }[failed];
  if (why) return [problem(`The function was ended after ${LIMIT / 1000} seconds`), hint(why)];
  const parts = [problem('The function failed: CloudFront would answer with an error page')];
  const detail = make('p', { class: 'at' });
  if (line !== undefined) {
    const lines = code.text.split('\n'), from = lines.slice(0, line - 1).join('\n').length + (line > 1) + Math.max(0, column - 1);
    const to = Math.max(from + 1, Math.min(from + /^[\w$]*/.exec(code.text.slice(from))[0].length, code.text.length));
    code.mark([{ from, to, kind: 'refused' }]);
    detail.append(make('button', { type: 'button', class: 'place', onclick: () => code.reveal(from, to) }, `Line ${line}, column ${column}`), ' ');
  }
  detail.append(make('code', {}, failed.replace(/^Uncaught /, '').slice(0, 2000)));
  return [...parts, detail];
}

$('code-run').addEventListener('click', runCode);
shows.code = () => undefined;

/* ---- convert, user agent, sizes ---- */

shows.convert = async () => {
  const { error, dialect } = state.info;
  for (const id of ['convert-text', 'convert-copy', 'convert-use']) $(id).hidden = true;
  if (error) {
    say('convert-about');
    return say('convert-out', needsEvent());
  }
  const to = dialect === 'lambda' ? 'functions' : 'lambda';
  say('convert-about', `The same event as ${DIALECTS[to]} would have it.`);
  const made = await post('convert', event.source, to, $('type').value);
  say('convert-out', ...made.notes.map((note) => hint(note)), ...(made.error ? [problem('It cannot be converted'), hint(`${made.error.text ?? made.error.message}${made.error.where ? `: ${made.error.where}` : ''}`)] : []));
  if (made.error) return undefined;
  $('convert-text').textContent = made.text.length > 300000 ? `${made.text.slice(0, 300000)}…` : made.text;
  state.converted = made.text;
  for (const id of ['convert-text', 'convert-copy', 'convert-use']) $(id).hidden = false;
  return undefined;
};
$('convert-use').addEventListener('click', () => {
  event.set(state.converted);
  event.area.focus();
});
$('convert-copy').addEventListener('click', async (e) => {
  await navigator.clipboard.writeText(state.converted).then(() => 'Copied', () => 'Not allowed by the browser').then((text) => (e.target.textContent = text));
  setTimeout(() => (e.target.textContent = 'Copy'), 2000);
});

function agentOfEvent() {
  try {
    const value = JSON.parse(event.text), headers = (value.Records?.[0]?.cf ?? value).request.headers['user-agent'];
    return headers?.[0]?.value ?? headers?.value ?? '';
  } catch {
    return '';
  }
}
shows.agent = async () => {
  if (state.pristine.agent) $('agent-text').value = agentOfEvent();
  const text = $('agent-text').value.replace(/\s*\n\s*/g, ' ');
  if (text.trim() === '') return say('agent-out', hint('Paste a User-Agent header.'));
  return say('agent-out', ...userAgentView(await post('userAgent', text.slice(0, 4000)), text.slice(0, 4000)));
};
$('agent-text').addEventListener('input', () => {
  state.pristine.agent = false;
  refresh(100);
});
$('agent-event').addEventListener('click', () => {
  state.pristine.agent = true;
  refresh(0);
});

shows.sizes = async () => {
  if (state.info.error) return say('sizes-out', needsEvent());
  return say('sizes-out', ...sizesView(await post('sizes', event.source, result.source)));
};

/* ---- samples, files, keys ---- */

$('sample').addEventListener('change', async () => {
  const kind = $('sample').value;
  if (kind === '') return;
  fill('event', await post('sample', kind));
  $('type').value = '';
  const unchanged = await post('received', event.source);
  if (state.pristine.result) fill('result', unchanged); // nothing was pasted meanwhile
  $('case').value = '';
  eventChanged(false);
});
$('type').addEventListener('change', () => eventChanged(false));

let opening;
for (const button of document.querySelectorAll('[data-open]'))
  button.addEventListener('click', () => {
    opening = editors[button.dataset.open];
    $('file').value = '';
    $('file').click();
  });
$('file').addEventListener('change', () => $('file').files[0] && opening.open($('file').files[0]));
for (const button of document.querySelectorAll('[data-format]'))
  button.addEventListener('click', async () => {
    const editor = editors[button.dataset.format];
    const text = await post('format', editor.source).catch(() => undefined); // what is no JSON stays as it is, and says so already
    if (text !== undefined && text !== editor.text) editor.set(text);
  });
// A file that is dropped beside the editors is an event; the browser would leave the page for it.
for (const type of ['dragover', 'drop'])
  document.addEventListener(type, (e) => {
    if (e.defaultPrevented || !e.dataTransfer?.types.includes('Files')) return;
    e.preventDefault();
    if (type === 'drop' && e.dataTransfer.files[0]) event.open(e.dataTransfer.files[0]);
  });
document.addEventListener('keydown', (e) => {
  if (e.key !== 'Enter' || !(e.ctrlKey || e.metaKey)) return;
  e.preventDefault();
  if (state.tab === 'code') runCode();
  else refresh(0);
});

/* ---- the link: the state, packed into the fragment ---- */

const pack = (bytes, stream) => new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer();

async function linkText() {
  let tables = {};
  try {
    const { secret, ...rest } = JSON.parse($('tables').value || '{}');
    tables = rest;
  } catch { /* not JSON: left out */ }
  const value = { t: state.tab, e: event.text, r: result.text, c: state.pristine.code ? undefined : code.text, y: $('type').value || undefined,
    n: recipes ? $('recipe').value : undefined, k: $('now').value || undefined, d: $('draw').value || undefined, b: $('random').value || undefined,
    v: Object.keys(tables).length > 0 ? tables : undefined, u: state.pristine.agent ? undefined : $('agent-text').value };
  const packed = new Uint8Array(await pack(JSON.stringify(value), new CompressionStream('deflate-raw')));
  let binary = '';
  for (let i = 0; i < packed.length; i += 4096) binary += String.fromCharCode(...packed.subarray(i, i + 4096));
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

$('link').addEventListener('click', async () => {
  const text = await linkText();
  if (text.length > LINK_MOST) return say('linked', `Too large for a link (${sizeText(text.length)})`);
  history.replaceState(null, '', `#z=${text}`);
  const copied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
  say('linked', copied ? 'Copied: all but secrets' : 'In the address bar: all but secrets');
  return setTimeout(() => say('linked'), 6000);
});

// Returns whether the fragment had a state.
async function fromLink() {
  const [, text] = /^#z=([\w-]+)$/.exec(location.hash) ?? [];
  if (text === undefined) {
    if (TABS.includes(location.hash.slice(1))) choose(location.hash.slice(1));
    return false;
  }
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    const value = JSON.parse(new TextDecoder().decode(await pack(bytes, new DecompressionStream('deflate-raw'))));
    const string = (v) => (typeof v === 'string' ? v : '');
    fill('event', string(value.e));
    fill('result', string(value.r));
    state.pristine = { event: false, result: false, code: value.c === undefined, agent: value.u === undefined };
    if (value.c !== undefined) editors.code.set(string(value.c), true);
    $('agent-text').value = string(value.u);
    for (const [id, v] of [['type', value.y], ['now', value.k], ['draw', value.d], ['random', value.b]]) $(id).value = string(v);
    $('tables').value = value.v ? JSON.stringify(value.v, null, 2) : '';
    state.wanted = { recipe: string(value.n) || undefined };
    if (recipes && state.wanted.recipe) {
      $('recipe').value = state.wanted.recipe;
      await chooseRecipe();
    }
    await eventChanged(false);
    choose(TABS.includes(value.t) ? value.t : 'check');
    return true;
  } catch {
    say('linked', 'This link is damaged');
    return false;
  }
}
window.addEventListener('hashchange', fromLink);

/* ---- the beginning ---- */

// A result with two faults, so that the page shows at once what it is for.
async function begin() {
  fill('event', await post('sample', 'viewer-request', { uri: '/guides/', cookies: { theme: 'dark', session: 'f9a8b130ebba88c5' } }));
  const { request } = JSON.parse(event.text).Records[0].cf;
  request.uri = '/guides/index.html';
  request.headers.host[0].value = 'origin.example.com';
  request.headers['x-version'] = 'blue';
  fill('result', await post('format', JSON.stringify(request)));
  await eventChanged(false);
}

if (docs) {
  $('docs').href = `${docs}index.html`;
  $('docs').hidden = false;
}
fill('code', EXAMPLES.lambda);
if (location.protocol === 'file:' && !$('worker')) location.replace(`edgefn-playground.html${location.hash}`); // browsers load no parts from a disk
else startWorker().then(fromLink).then((found) => found || begin()).then(() => {
  document.body.dataset.ready = 'true';
}, (error) => say('event-status', `The page could not be loaded: ${error.message}`));
