// recipe.mjs - runs a recipe that was compiled to WebAssembly (../lambda_edge_node/wasm.c explains the calls) in a browser.

const text8 = new TextDecoder(), bytes8 = new TextEncoder();

// [table, key, value] as bytes, in the order that edgehost_tables_lookup() needs.
function tableRows(tables) {
  const object = (value, what) => {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new TypeError(`${what} is not an object`);
    return Object.entries(value);
  };
  const rows = [];
  for (const [table, entries] of object(tables, 'the list of tables'))
    for (const [key, value] of object(entries, `table "${table}"`)) {
      if (typeof value !== 'string') throw new TypeError(`table "${table}": the value of "${key}" is not a string`);
      rows.push([table, key, value].map((s) => bytes8.encode(s)));
    }
  const order = (a, b) => {
    for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i] - b[i];
    return a.length - b.length;
  };
  return rows.sort((a, b) => order(a[0], b[0]) || order(a[1], b[1]));
}

function storeTables(call, rows) {
  const strings = rows.flat();
  let at = call.edgehost_tables_room(rows.length, strings.reduce((sum, s) => sum + s.length, 0), false) >>> 0;
  if (at === 0) throw new RangeError('the tables are larger than the available memory');
  const words = new Uint32Array(call.memory.buffer, at, strings.length * 2), memory = new Uint8Array(call.memory.buffer);
  at += words.byteLength;
  strings.forEach((s, i) => {
    words.set([at, s.length], i * 2);
    memory.set(s, at);
    at += s.length;
  });
}

/**
 * Runs a recipe on the bytes of an event. choice: its number, if the module holds several. env: { now: seconds since 1970, draw: from 0 to below 2^32,
 * random: 16 bytes, tables }. Returns { code, result, unchanged, why, log, ms }: code 0 and a result, or 1 for a refused event and 3 for a failed recipe.
 * repeat: for how many milliseconds to run it again; again is then what one run took, which is less once the browser has compiled it.
 */
export function runRecipe(module, choice, event, { now, draw, random, tables }, repeat = 0) {
  const log = [];
  const line = (at, len) => log.push(text8.decode(new Uint8Array(call.memory.buffer, at >>> 0, len)));
  const verify = () => { throw new Error('the page has no public keys'); }; // edgehost_tables_room() says so: it is not called
  const call = new WebAssembly.Instance(module, { edgehost: { log: line, verify } }).exports;
  call.playground_choose?.(choice);
  storeTables(call, tableRows(tables));
  const at = call.edgehost_event_room(event.length) >>> 0;
  if (at === 0) throw new RangeError(`an event of ${event.length} bytes is larger than the available memory`);
  new Uint8Array(call.memory.buffer).set(event, at);
  const bits = new DataView(random.buffer, random.byteOffset), start = performance.now();
  const answer = call.edgehost_event_run(event.length, now, draw, ...[0, 4, 8, 12].map((i) => bits.getUint32(i, true)));
  const ms = performance.now() - start;
  const [code, result, resultLen, why, whyLen] = new Uint32Array(call.memory.buffer, answer, 5); // which may have grown
  const text = (from, len) => text8.decode(new Uint8Array(call.memory.buffer, from, len));
  const out = { code, ms, log: [...log], why: code === 0 ? '' : text(why, whyLen).trim(), result: code === 0 ? text(result, resultLen) : '',
    unchanged: result >= at && result < at + event.length };
  let runs = 0, used = 0;
  for (const begin = performance.now(); used < repeat; used = performance.now() - begin, runs++) {
    new Uint8Array(call.memory.buffer).set(event, call.edgehost_event_room(event.length) >>> 0);
    call.edgehost_event_run(event.length, now, draw, ...[0, 4, 8, 12].map((i) => bits.getUint32(i, true)));
    log.length = 0;
  }
  return { ...out, again: runs > 0 ? used / runs : 0 };
}
