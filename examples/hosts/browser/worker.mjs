// worker.mjs - does the work of the page in the background: { id, name, args } comes, { id, value } or { id, error } goes back.
import { load } from '../npm/edgefn.mjs';
import { difference, partsOf, pretty, sizes } from './compare.mjs';
import { runRecipe } from './recipe.mjs';

let edgefn, ready;
const modules = new Map(); // of recipes
const SHOWN = 100; // findings
const CLASS = ['device', 'system', 'browser', 'bot', 'botName']; // of a user agent

const textOf = (given) => (typeof given === 'string' ? given : new TextDecoder().decode(given));
const bytesOf = (given) => (typeof given === 'string' ? new TextEncoder().encode(given) : given);
const plain = (error) => ({ message: error.message, code: error.code, text: error.text, where: error.where, other: error.other, offset: error.offset, line: error.line, column: error.column });

function parsed(given) {
  try {
    return JSON.parse(textOf(given).replace(/^\ufeff/, ''));
  } catch {
    return undefined;
  }
}

const options = (type) => (type ? { type } : {});

function eventInfo(event, type) {
  const { error, ...found } = edgefn.parse(event, options(type));
  if (!error) return { ...found, bytes: bytesOf(event).length };
  return { error: plain(error) };
}

// The findings of a result, as plain objects.
function findingsOf(event, result, type) {
  const start = performance.now(), list = edgefn.check(event, result, options(type)), ms = performance.now() - start;
  return { findings: list.slice(0, SHOWN), total: list.length, refused: list.filter((f) => f.refused).length, notes: list.notes, ms };
}

const work = {
  async start(wasm) {
    ready = WebAssembly.compile(wasm).then((module) => {
      edgefn = load(module);
    });
    await ready;
    return { version: edgefn.version };
  },
  info: eventInfo,
  check(event, result, type) {
    try {
      return findingsOf(event, result, type);
    } catch (error) {
      if (error.code === undefined) throw error;
      return { eventError: plain(error) }; // an event that changes just now
    }
  },
  sanitize: (event, result, type) => edgefn.sanitize(event, result, options(type)).result,
  sample: (kind, more = {}) => pretty(edgefn.sample(kind, more)),
  convert(event, to, type) {
    const notes = [];
    try {
      const text = edgefn.convert(event, to, { ...options(type), note: (line) => notes.push(line.replace(/^edgefn: |^event: /, '')) });
      return { text: pretty(JSON.parse(text)), notes };
    } catch (error) {
      return { error: plain(error), notes };
    }
  },
  // Its class, and the words that are reasons for it: those without which it is another, or that alone make it the same.
  userAgent(text) {
    const found = edgefn.userAgent(text), words = [];
    for (const word of [...new Set(text.match(/[A-Za-z][A-Za-z0-9]*/g))].slice(0, 80)) {
      const without = edgefn.userAgent(text.replaceAll(new RegExp(`\\b${word}\\b`, 'g'), '')), alone = edgefn.userAgent(word);
      const changes = CLASS.filter((key) => found[key] !== without[key]).map((key) => [key, without[key]]);
      const makes = CLASS.filter((key) => found[key] === alone[key] && ![null, 'desktop', 'other'].includes(found[key])).map((key) => [key, found[key]]);
      if (changes.length > 0 || makes.length > 0) words.push({ word, changes, makes });
    }
    return { ...found, words };
  },
  format: (given) => pretty(JSON.parse(textOf(given).replace(/^\ufeff/, ''))),
  async addRecipe(name, wasm) {
    modules.set(name, await WebAssembly.compile(wasm));
  },
  run(name, choice, event, env, type) {
    const bytes = bytesOf(event), ran = runRecipe(modules.get(name), choice, bytes, env, 20);
    if (ran.code !== 0) return ran;
    const value = JSON.parse(ran.result), text = pretty(value);
    return { ...ran, result: text, difference: difference(parsed(event), value), ...findingsOf(event, text, type), ms: ran.ms };
  },
  // What a function of the reader returned, as the text that JSON.stringify() made of it.
  returned(event, text, type) {
    const value = parsed(text), result = pretty(value);
    return { result, difference: difference(parsed(event), value), ...findingsOf(event, result, type) };
  },
  // What a function gets when it returns its event unchanged.
  received(event) {
    const { request, response } = partsOf(parsed(event));
    return pretty(response ?? request);
  },
  sizes: (event, result) => sizes(parsed(event), parsed(result)),
};

self.onmessage = async ({ data: { id, name, args } }) => {
  try {
    if (name !== 'start') await ready;
    self.postMessage({ id, value: await work[name](...args) });
  } catch (error) {
    self.postMessage({ id, error: plain(error) });
  }
};
