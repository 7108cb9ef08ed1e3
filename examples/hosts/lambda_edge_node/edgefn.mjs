// edgefn.mjs - runs a handler, compiled to WebAssembly together with wasm.c, on Lambda@Edge events.
//
//     const edge = load(readFileSync('handler.wasm'));
//     const result = edge(event);          // what to return to CloudFront, or it throws: never the event as it came
//
// One event at a time, as Lambda does it. The module imports only the log; everything else passes through its memory.
import { randomFillSync, randomInt } from 'node:crypto';

/** The event was refused (code 1), or the handler failed or CloudFront would refuse its result (code 3); the message says why. */
export class EdgefnError extends Error {
  constructor(code, message) {
    super(message);
    this.name = 'EdgefnError';
    this.code = code;
  }
}

const pool = Buffer.alloc(1024);
let spent = pool.length;

// 16 bytes of the system's random source, which is asked for many at once: that is faster.
function randomBits() {
  if (spent === pool.length) {
    randomFillSync(pool);
    spent = 0;
  }
  return pool.subarray(spent, spent += 16);
}

/**
 * Makes a function of a module. options:
 *   tables  {"secret": {"name": "value"}, "kv": {...}}: what edgefn_lookup() finds; without it every look-up fails
 *   now     () => whole seconds since 1970
 *   draw    () => whole number from 0 to below 2^32
 *   random  () => Buffer of 16 bytes that nobody can guess
 *   log     (line) => writes what a handler passes to edgefn_log(), without control characters
 */
export function load(bytes, { tables, now = () => Math.floor(Date.now() / 1000), draw = () => randomInt(2 ** 32), random = randomBits, log = console.log } = {}) {
  const module = new WebAssembly.Module(bytes);
  const rows = tables === undefined ? undefined : rowsOf(tables);
  const lines = []; // of the log: written when the module is done, as log() may come back here with an event of its own
  let call, view;

  // Memory that grew has another buffer.
  function fresh() {
    if (view === undefined || view.buffer !== call.memory.buffer) view = Buffer.from(call.memory.buffer);
    return view;
  }

  function start() {
    const edgehost = { log: (at, len) => lines.push(fresh().toString('utf8', at >>> 0, (at >>> 0) + len)) };
    call = new WebAssembly.Instance(module, { edgehost }).exports;
    if (!call.edgehost_event_run) throw new TypeError('the module is no handler: link it with edgefn_host.c and wasm.c');
    view = undefined;
    if (rows !== undefined) store(rows);
  }

  // An array of edgehost_tables_row, followed by the bytes that it points to.
  function store(rows) {
    const strings = rows.flat();
    let at = call.edgehost_tables_room(rows.length, strings.reduce((sum, s) => sum + s.length, 0)) >>> 0;
    if (at === 0) throw new RangeError('the look-up tables are larger than the memory that can be had');
    const words = new Uint32Array(call.memory.buffer, at, strings.length * 2);
    at += words.byteLength;
    strings.forEach((s, i) => {
      words.set([at, s.length], i * 2);
      at += s.copy(fresh(), at);
    });
  }

  // Returns undefined if the event is unchanged: then the result is a piece of the event, which need not be parsed.
  function run(json) {
    const len = Buffer.byteLength(json), clock = now(), drawn = draw(), bits = random(); // first: they may come back here with an event of their own
    const at = call.edgehost_event_room(len) >>> 0;
    if (at === 0) throw new RangeError(`an event of ${len} bytes is larger than the memory that can be had`);
    fresh().write(json, at);

    const answer = call.edgehost_event_run(len, clock, drawn, bits.readUInt32LE(0), bits.readUInt32LE(4), bits.readUInt32LE(8), bits.readUInt32LE(12));
    // the memory may have grown: only now ask for its buffer
    const [code, result, resultLen, why, whyLen] = new Uint32Array(call.memory.buffer, answer, 5);
    const text = (from, length) => fresh().toString('utf8', from, from + length);
    if (code !== 0) throw new EdgefnError(code, text(why, whyLen).trim());
    return result >= at && result < at + len ? undefined : text(result, resultLen);
  }

  function edge(event) {
    const json = JSON.stringify(event);
    if (json === undefined) throw new TypeError('there is no event');
    if (call === undefined) start();
    try {
      const result = run(json);
      return result === undefined ? received(event) : JSON.parse(result);
    } catch (error) {
      if (!(error instanceof EdgefnError)) call = undefined; // a trap left the module in the middle: the next event gets a new one
      throw error;
    } finally {
      lines.splice(0).forEach((line) => log(line));
    }
  }

  /** Bytes that the module's memory takes. */
  edge.memory = () => (call === undefined ? 0 : call.memory.buffer.byteLength);
  start();
  return edge;
}

// The request or response that the event is about; events of CloudFront Functions say it in `context`.
function received(event) {
  const { config, context, request, response } = event.Records ? event.Records[0].cf : event;
  return (config ?? context).eventType.endsWith('request') ? request : response;
}

// [table, key, value] as UTF-8, sorted as edgehost_tables_lookup() searches.
function rowsOf(tables) {
  const object = (value, what) => {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new TypeError(`${what} is no object`);
    return Object.entries(value);
  };
  const rows = [];
  for (const [table, entries] of object(tables, 'the configuration'))
    for (const [key, value] of object(entries, `table "${table}"`)) {
      if (typeof value !== 'string') throw new TypeError(`table "${table}": the value of "${key}" is no string`);
      rows.push([table, key, value].map((s) => Buffer.from(s)));
    }
  return rows.sort((a, b) => Buffer.compare(a[0], b[0]) || Buffer.compare(a[1], b[1]));
}
