// npm_alike.mjs - the package finds what the C library finds: reads the cases of npm_cases.c from standard input.
//     npm_cases COUNT SEED EVENT.json... | node tests/hosts/npm_alike.mjs PACKAGE
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const { check, sanitize } = createRequire(import.meta.url)(resolve(process.argv[2], 'index.cjs'));
let passed = 0, failed = 0, clean = 0, refusedEvents = 0, restored = 0, pathsFound = 0, pathsLost = 0;
const rules = new Set();

const line = (...columns) => columns.join('\t') + '\n';

// The findings as npm_cases.c writes them.
function findings(event, result) {
  try {
    const found = check(event, result);
    found.forEach(({ rule }) => rules.add(rule));
    if (found.length === 0 && typeof event === 'string') clean++;
    return found.map((f) => line(f.rule, f.subject ?? '-', f.says ?? '', f.byteOffset, f.limit, f.actual)).join('');
  } catch (error) {
    if (!error.code) throw error;
    if (typeof event === 'string') refusedEvents++;
    return line(error.code, error.byteOffset === undefined ? 0 : error.byteOffset + 1);
  }
}

// Names and values of headers and of an origin's custom headers, in their order, in both dialects.
function headersOf(text) {
  const { headers, origin } = JSON.parse(text), value = (item) => item.multiValue?.map((one) => one.value) ?? [item.value];
  return JSON.stringify([headers, (origin?.custom ?? origin?.s3)?.customHeaders].map((list) => Object.entries(list ?? {}).map(([name, entry]) => [name.toLowerCase(),
    ...(Array.isArray(entry) ? entry.map((one) => one.value) : value(entry))])));
}

function complain(what, event, result, expected, is) {
  failed++;
  if (failed <= 5) console.log(`not ok ${what}\n    event:  ${event}\n    result: ${result}\n    C:  ${expected}    JS: ${is}`);
}

// Is there something at a path of a value?
function leads(value, path) {
  for (const [, name, index, quoted] of path.matchAll(/([A-Za-z_$][\w$]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g)) {
    const key = name ?? index ?? JSON.parse(quoted);
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return false;
    value = value[key];
  }
  return true;
}

function compare(event, result, expected, sanitized) {
  let good = true, is = findings(event, result);
  if (is !== expected) complain('findings', event, result, expected, is);
  // as text: the same, and each place is where the bytes are
  const texts = [event.toString(), result.toString()];
  if (Buffer.from(texts[0]).equals(event) && Buffer.from(texts[1]).equals(result)) {
    is = findings(...texts);
    if (is !== expected) complain('findings of a text', event, result, expected, is);
    try {
      for (const f of check(...texts)) {
        const before = texts[1].slice(0, f.offset), column = f.offset - before.lastIndexOf('\n');
        if (f.path !== '') pathsFound++;
        if (f.path !== '' && !leads(JSON.parse(texts[1]), f.path)) pathsLost++; // a second member of the same name may be another value
        good &&= Buffer.byteLength(before) === f.byteOffset && f.column === column && f.line === before.split('\n').length;
      }
    } catch (error) {
      if (!error.code) throw error;
    }
    if (!good) complain('places', event, result, '', '');
  }
  if (sanitized.length > 0) {
    const undone = sanitize(event, result).result.toString();
    restored++;
    if (headersOf(undone) !== headersOf(sanitized)) complain('sanitize()', event, result, headersOf(sanitized), headersOf(undone));
  }
  passed++;
}

let rest = Buffer.alloc(0);
for await (const chunk of process.stdin) {
  rest = Buffer.concat([rest, chunk]);
  let at = 0;
  for (;;) {
    if (rest.length - at < 16) break;
    const lengths = [0, 4, 8, 12].map((k) => rest.readUInt32LE(at + k)), end = at + 16 + lengths.reduce((a, b) => a + b);
    if (rest.length < end) break;
    const parts = [];
    at += 16;
    for (const length of lengths) {
      parts.push(rest.subarray(at, at + length));
      at += length;
    }
    compare(parts[0], parts[1], parts[2].toString(), parts[3]);
  }
  rest = rest.subarray(at);
}
if (pathsLost > pathsFound / 100) complain(`paths: ${pathsLost} of ${pathsFound} lead nowhere`, '', '', '', '');
if (rest.length > 0 || passed < 1000) complain('the cases are cut', '', '', '', '');
console.log(`${passed} cases: ${clean} times nothing, ${refusedEvents} times a refused event, ${rules.size} rules, ${restored} sanitized`);
console.log(`${passed - failed > 0 ? passed - failed : 0} ${failed}`);
