// edgefn.mjs - runs a handler, compiled to WebAssembly together with wasm.c, on Lambda@Edge events.
//
//     const edge = load(readFileSync('handler.wasm'));
//     const result = edge(event);          // the result for CloudFront; throws on failure and never passes an event through
//
// Runs one event at a time, as Lambda does. The module imports only the log; all other data passes through its memory.
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

// 16 bytes of the system's random source, which is read in larger blocks, because that is faster.
function randomBits() {
  if (spent === pool.length) {
    randomFillSync(pool);
    spent = 0;
  }
  return pool.subarray(spent, spent += 16);
}

/**
 * Makes a function from a module. options:
 *   tables  {"secret": {"name": "value"}, "kv": {...}}: the tables of edgefn_lookup(); without them every look-up fails
 *   now     () => whole seconds since 1970
 *   draw    () => whole number from 0 to below 2^32
 *   random  () => Buffer of 16 unpredictable bytes
 *   log     (line) => writes a text of edgefn_log(), without control characters
 */
export function load(bytes, { tables, now = () => Math.floor(Date.now() / 1000), draw = () => randomInt(2 ** 32), random = randomBits, log = console.log } = {}) {
  const module = new WebAssembly.Module(bytes);
  const rows = tables === undefined ? undefined : rowsOf(tables);
  const lines = []; // of the log: written after the module has returned, because log() may call the function again with another event
  let call, view;

  // When the memory grows, it gets a new buffer.
  function fresh() {
    if (view === undefined || view.buffer !== call.memory.buffer) view = Buffer.from(call.memory.buffer);
    return view;
  }

  function start() {
    const edgehost = { log: (at, len) => lines.push(fresh().toString('utf8', at >>> 0, (at >>> 0) + len)) };
    call = new WebAssembly.Instance(module, { edgehost }).exports;
    if (!call.edgehost_event_run) throw new TypeError('the module is not a handler: link it with edgefn_host.c and wasm.c');
    view = undefined;
    if (rows !== undefined) store(rows);
  }

  // An array of edgehost_tables_row, followed by the bytes that it points to.
  function store(rows) {
    const strings = rows.flat();
    let at = call.edgehost_tables_room(rows.length, strings.reduce((sum, s) => sum + s.length, 0)) >>> 0;
    if (at === 0) throw new RangeError('the look-up tables are larger than the available memory');
    const words = new Uint32Array(call.memory.buffer, at, strings.length * 2);
    at += words.byteLength;
    strings.forEach((s, i) => {
      words.set([at, s.length], i * 2);
      at += s.copy(fresh(), at);
    });
  }

  // Returns undefined if the event is unchanged: then the result is part of the event and need not be parsed.
  function run(json) {
    const len = Buffer.byteLength(json), clock = now(), drawn = draw(), bits = random(); // first, because they may call the function again with another event
    const at = call.edgehost_event_room(len) >>> 0;
    if (at === 0) throw new RangeError(`an event of ${len} bytes is larger than the available memory`);
    fresh().write(json, at);

    const answer = call.edgehost_event_run(len, clock, drawn, bits.readUInt32LE(0), bits.readUInt32LE(4), bits.readUInt32LE(8), bits.readUInt32LE(12));
    // the memory may have grown: get its buffer only now
    const [code, result, resultLen, why, whyLen] = new Uint32Array(call.memory.buffer, answer, 5);
    const text = (from, length) => fresh().toString('utf8', from, from + length);
    if (code !== 0) throw new EdgefnError(code, text(why, whyLen).trim());
    return result >= at && result < at + len ? undefined : text(result, resultLen);
  }

  function edge(event) {
    const json = JSON.stringify(event);
    if (json === undefined) throw new TypeError('the event is missing');
    if (call === undefined) start();
    try {
      const result = run(json);
      return result === undefined ? received(event) : JSON.parse(result);
    } catch (error) {
      if (!(error instanceof EdgefnError)) call = undefined; // after a trap the module's state is undefined: the next event gets a new instance
      throw error;
    } finally {
      lines.splice(0).forEach((line) => log(line));
    }
  }

  /** Size of the module's memory in bytes. */
  edge.memory = () => (call === undefined ? 0 : call.memory.buffer.byteLength);
  start();
  return edge;
}

// The request or response in the event; events of CloudFront Functions have their type in `context`.
function received(event) {
  const { config, context, request, response } = event.Records ? event.Records[0].cf : event;
  return (config ?? context).eventType.endsWith('request') ? request : response;
}

// [table, key, value] as UTF-8, in the order that edgehost_tables_lookup() needs.
function rowsOf(tables) {
  const object = (value, what) => {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new TypeError(`${what} is not an object`);
    return Object.entries(value);
  };
  const rows = [];
  for (const [table, entries] of object(tables, 'the configuration'))
    for (const [key, value] of object(entries, `table "${table}"`)) {
      if (typeof value !== 'string') throw new TypeError(`table "${table}": the value of "${key}" is not a string`);
      rows.push([table, key, value].map((s) => Buffer.from(s)));
    }
  return rows.sort((a, b) => Buffer.compare(a[0], b[0]) || Buffer.compare(a[1], b[1]));
}
