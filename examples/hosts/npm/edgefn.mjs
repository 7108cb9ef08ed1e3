// edgefn.mjs - CloudFront's rules for JavaScript. A plain ES module without imports, for Node.js, browsers and bundlers:
//     const edgefn = load(await WebAssembly.compileStreaming(fetch('edgefn.wasm')));
//     edgefn.check(event, result)
// The package (build.mjs) joins it with the module, so that `import { check } from 'edgefn'` is ready at once.

/** Why an event was refused: code, where, subject, and a position in its text. */
export class EdgefnError extends Error {
  constructor(message, members) {
    super(message);
    this.name = 'EdgefnError';
    Object.assign(this, members);
  }
}

const encoder = new TextEncoder(), decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const KEEP = 16 << 20; // bytes of memory that an instance may keep between calls
const ARGUMENT = 0, FILE_NAME = 1, FILE_BYTES = 2, SETTING = 3; // npm_part.what in libc.h

// UTF-8, in which half a surrogate pair is the three bytes that no UTF-8 has: the library then says where it is.
function utf8(text) {
  const bytes = encoder.encode(text);
  let index = 0, at = 0;
  if (bytes.length === text.length) return bytes;
  for (const { index: lone, 0: half } of text.matchAll(/\p{Surrogate}/gu)) {
    const code = half.charCodeAt(0);
    at += encoder.encode(text.slice(index, lone)).length;
    bytes.set([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63)], at);
    index = lone + 1;
    at += 3;
  }
  return bytes;
}

/* ---- values ---- */

const show = (path) => path.reduce((text, key) => text + (typeof key === 'number' ? `[${key}]`
  : /^[A-Za-z_$][\w$]*$/.test(key) ? (text === '' ? key : '.' + key) : `[${JSON.stringify(key)}]`), '');

const EMPTY = ['Map', 'Set', 'WeakMap', 'WeakSet', 'Promise', 'Headers', 'URLSearchParams', 'FormData', 'RegExp', 'Error'];

// What JSON has no word for: [what it is, what JSON.stringify() makes of it]. kept: it cannot be left out.
function lossOf(value, kept) {
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol')
    return [value === undefined ? 'undefined' : `a ${typeof value}`, kept ? 'null' : 'nothing'];
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : [String(value), 'null'];
  const name = Object.prototype.toString.call(value).slice(8, -1);
  return EMPTY.includes(name) ? [`a ${name}`, JSON.stringify(value)] : undefined;
}

// Walks over a value as JSON.stringify() does. Returns what it loses; throws where it throws.
function inspect(root, what) {
  const lost = [], path = [], above = [];
  const fail = (why) => { throw new TypeError(`${[what, show(path)].filter(Boolean).join(': ')} ${why}`); };

  function walk(value, key, inArray) {
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return;
    if ((typeof value === 'object' || typeof value === 'bigint') && typeof value.toJSON === 'function') {
      try { value = value.toJSON(key); } catch (error) { fail(`has a toJSON() that throws: ${error?.message ?? error}`); }
    }
    if (typeof value === 'bigint') fail('is a BigInt, which JSON cannot hold: the function would fail');
    const names = typeof value === 'object' && value !== null ? Object.keys(value) : [];
    const loss = names.length === 0 ? lossOf(value, inArray || path.length === 0) : undefined;
    if (loss) lost.push({ path: show(path), was: loss[0], becomes: loss[1] });
    if (loss || typeof value !== 'object' || value === null) return;
    if (above.includes(value)) fail('contains itself, which JSON cannot hold: the function would fail');
    if (above.length > 500) fail('is nested deeper than 500 levels');
    above.push(value);
    if (Array.isArray(value)) for (let i = 0; i < value.length; i++) step(value[i], i, true);
    else for (const name of names) step(value[name], name, false);
    above.pop();
  }
  function step(value, key, inArray) {
    if (typeof value === 'string') return; // most are
    path.push(key);
    walk(value, String(key), inArray);
    path.pop();
  }
  walk(root, '', false);
  return lost;
}

// A value or text as the library gets it. string: strings and bytes are texts, not values.
function source(given, what, string = true) {
  if (string && typeof given === 'string') return new Source(given);
  if (string && ArrayBuffer.isView(given)) return new Source(new Uint8Array(given.buffer, given.byteOffset, given.byteLength));
  if (given !== null && typeof given?.then === 'function') throw new TypeError(`${what} is a Promise: await it`);
  let text, lost = [];
  try {
    text = JSON.stringify(given);
    if (what !== 'event') lost = inspect(given, what);
  } catch (error) {
    inspect(given, what); // says where
    throw error;
  }
  if (text === undefined && what === 'event') throw new TypeError('event is missing');
  const s = new Source(text ?? 'null'); // as Lambda passes on what a function without `return` returns
  s.value = true;
  s.lost = lost;
  return s;
}

class Source {
  lost = [];
  value = false;

  constructor(given) {
    this.text = typeof given === 'string' ? given : undefined;
    this.bytes = typeof given === 'string' ? utf8(given) : given;
    const mark = this.bytes[0] === 0xef && this.bytes[1] === 0xbb && this.bytes[2] === 0xbf; // of byte order: not part of JSON
    this.marked = mark ? 3 : 0;
    this.plain = this.text === undefined || this.bytes.length === this.text.length;
    this.rewind();
  }

  rewind() {
    this.at = this.index = this.line = this.start = 0;
  }

  // The place of a byte of the text without its mark, in the text as it was given. Cheap in ascending order.
  place(byte) {
    const to = Math.min(byte + this.marked, this.bytes.length);
    if (to < this.at) this.rewind();
    if (this.line === 0) this.line = 1;
    while (this.at < to) {
      const c = this.bytes[this.at];
      const size = c < 0x80 || this.plain ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
      this.at += size;
      this.index += size === 4 ? 2 : 1;
      if (c !== 10) continue;
      this.line++;
      this.start = this.index;
    }
    return { offset: this.index, line: this.line, column: this.index - this.start + 1, byteOffset: byte + this.marked };
  }

  string() {
    return this.text ?? decoder.decode(this.bytes);
  }

  parse() {
    return JSON.parse(this.string().slice(this.marked ? 1 : 0));
  }

  // The paths at places, which are in ascending order. rows: the same with offsets in bytes.
  paths(rows, places) {
    const text = this.string(), counted = this.text === undefined ? new Source(text) : undefined;
    return paths(text, places.map(({ offset }, i) => counted?.place(rows[i].offset).offset ?? offset));
  }

  // The byte at a line and column of C, which count bytes from 1.
  byteAt(line, column) {
    let at = this.marked;
    for (; line > 1; line--) at = this.bytes.indexOf(10, at) + 1;
    return at + column - 1 - this.marked;
  }
}

/* ---- the place in a value: headers.host[0].value ---- */

// The end of the string that begins at a quotation mark.
function stringEnd(text, at) {
  for (;;) {
    at = text.indexOf('"', at + 1);
    if (at < 0) return text.length;
    let slashes = 0;
    while (text[at - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
}

// The path at each offset of a JSON text; offsets in ascending order.
function paths(text, offsets) {
  const found = [], stack = [], token = /[^\s:,]/g;
  let at = 0;
  const path = () => show(stack.filter(({ key }) => key !== undefined).map(({ key }) => key));

  while (found.length < offsets.length) {
    token.lastIndex = at;
    const next = token.exec(text);
    if (next === null) break;
    const c = next[0], top = stack.at(-1);
    at = next.index;
    if (c === '}' || c === ']') stack.pop();
    let end = at + 1, name = false;
    if (c === '"') {
      end = stringEnd(text, at);
      name = top?.names;
    } else if (!'{}[]'.includes(c)) while (end < text.length && !',]} \t\r\n'.includes(text[end])) end++;
    if (name) {
      top.key = JSON.parse(text.slice(at, end));
      top.names = false;
    } else if (top && c !== '}' && c !== ']') {
      if (top.array) top.key = top.key === undefined ? 0 : top.key + 1;
      else top.names = true; // after this value
    }
    while (found.length < offsets.length && offsets[found.length] < end) found.push(path());
    if (c === '{' || c === '[') stack.push({ array: c === '[', names: c === '{', key: undefined });
    at = end;
  }
  while (found.length < offsets.length) found.push('');
  return found;
}

/* ---- what is not an event of CloudFront, by what only it has ---- */

const OTHERS = [
  ['an API Gateway event (payload format 2.0), or one of a Lambda function URL', (e) => e.version === '2.0' && e.requestContext],
  ['an event of an Application Load Balancer', (e) => e.requestContext?.elb],
  ['an API Gateway event (REST API)', (e) => e.requestContext && e.httpMethod],
  ['an API Gateway WebSocket event', (e) => e.requestContext?.connectionId],
  ['an event of an API Gateway authorizer', (e) => e.methodArn || e.routeArn],
  ['an S3 event', (e) => e.Records?.[0]?.s3],
  ['an S3 Object Lambda event', (e) => e.getObjectContext],
  ['an SQS event', (e) => e.Records?.[0]?.eventSource === 'aws:sqs'],
  ['an SNS event', (e) => e.Records?.[0]?.EventSource === 'aws:sns'],
  ['an SES event', (e) => e.Records?.[0]?.ses],
  ['a DynamoDB stream event', (e) => e.Records?.[0]?.dynamodb],
  ['a Kinesis event', (e) => e.Records?.[0]?.kinesis],
  ['a Kafka event', (e) => /kafka/i.test(e.eventSource)],
  ['a CloudWatch alarm event', (e) => e.alarmData],
  ['an EventBridge event', (e) => e['detail-type'] !== undefined],
  ['a CloudWatch Logs event', (e) => e.awslogs],
  ['an AppSync event', (e) => e.info?.fieldName],
  ['a Cognito event', (e) => e.triggerSource && e.userPoolId],
  ['a Lex event', (e) => e.bot && (e.sessionState || e.currentIntent)],
  ['a CodePipeline event', (e) => e['CodePipeline.job']],
  ['an AWS Config event', (e) => e.invokingEvent],
  ['an event of a Lambda destination', (e) => e.requestContext?.condition],
  ['a Secrets Manager rotation event', (e) => e.SecretId && e.Step],
  ['a CloudFormation custom resource event', (e) => e.RequestType && e.StackId],
  ['a result of a function', (e) => (e.status !== undefined || e.statusCode !== undefined || e.uri !== undefined) && (e.headers || e.body || e.uri)],
  ['a list', (e) => Array.isArray(e)],
];

function otherThing(event) {
  try {
    const value = event.parse();
    return OTHERS.find(([, test]) => test(value))?.[0];
  } catch { // null
    return undefined;
  }
}

/* ---- the module ---- */

/** Makes the functions of a compiled module, or of its bytes. */
export function load(wasm) {
  const module = wasm instanceof WebAssembly.Module ? wasm : new WebAssembly.Module(wasm);
  let instance;

  // Runs a command. parts: [what, string or bytes]. Returns its exit code and what it printed.
  function call(parts) {
    if (parts.length > 1000) throw new RangeError('too many options');
    const encoded = parts.map(([what, content]) => [what, typeof content === 'string' ? utf8(content) : content]);
    const padded = (bytes) => (bytes.length & ~3) + 4;
    const len = encoded.reduce((sum, [, bytes]) => sum + 8 + padded(bytes), 0);
    if (len >= 2 ** 32) throw new RangeError(`${len} bytes are more than the module can address`);
    instance ??= new WebAssembly.Instance(module);
    const { memory, edgefn_room, edgefn_call } = instance.exports;
    const answer = (at) => new Uint32Array(memory.buffer, at, 5); // after the call, which may replace the buffer
    try {
      let at = edgefn_room(len) >>> 0;
      if (at === 0) throw new RangeError(`${len} bytes are more than the available memory`);
      const view = new DataView(memory.buffer), into = new Uint8Array(memory.buffer);
      for (const [what, bytes] of encoded) {
        view.setUint32(at, what, true);
        view.setUint32(at + 4, bytes.length, true);
        into.set(bytes, at + 8);
        into.fill(0, at + 8 + bytes.length, at + 8 + padded(bytes));
        at += 8 + padded(bytes);
      }
      const [code, out, outLen, err, errLen] = answer(edgefn_call(len) >>> 0);
      const bytes = new Uint8Array(memory.buffer); // which may have grown
      return { code, out: bytes.slice(out, out + outLen), err: decoder.decode(bytes.subarray(err, err + errLen)) };
    } catch (error) {
      instance = undefined; // after a trap its state is undefined
      throw error;
    } finally {
      if (memory.buffer.byteLength > KEEP) instance = undefined; // memory never shrinks: the next call gets new memory
    }
  }

  const words = (list) => list.map((word) => [ARGUMENT, word]);
  const file = (name, bytes) => [[FILE_NAME, name], [FILE_BYTES, bytes]];
  const json = ({ out }) => JSON.parse(decoder.decode(out));

  function type(options) {
    if (options?.type === undefined) return [];
    if (!['viewer-request', 'origin-request', 'origin-response', 'viewer-response'].includes(options.type))
      throw new TypeError(`type is viewer-request, origin-request, origin-response or viewer-response, not ${options.type}`);
    return ['--type', options.type];
  }

  const tooLarge = (answer) => new RangeError(answer.err.trim() || 'not enough memory');

  // The error of an event, with its place in the event as it was given.
  function eventError(event, { message, offset, line, column, ...rest }) {
    if (offset === undefined) return new EdgefnError(`event: ${message.trim()}`, { ...rest, offset, line, column });
    const place = event.place(offset), other = rest.code === 'EDGEFN_E_NOT_AN_EVENT' ? otherThing(event) : undefined;
    const sentence = `event:${message.replace(/^\d+:\d+/, `${place.line}:${place.column}`)}`;
    return new EdgefnError(other ? `${sentence}: this is ${other}` : sentence, { ...rest, other, ...place });
  }

  function parseSource(event, options) {
    const answer = call([...words(['parse', ...type(options), 'event']), ...file('event', event.bytes)]);
    if (answer.code !== 0) throw tooLarge(answer);
    return json(answer);
  }

  function parse(event, options) {
    const given = source(event, 'event'), { error, ...found } = parseSource(given, options);
    return error ? { error: eventError(given, error) } : { ...found, error: null };
  }

  const rules = json(call(words(['rules', '--json'])));
  const advice = json(call(words(['advice'])));
  const ruleOf = new Map();
  rules.forEach((rule, i) => {
    const { verdict, ...rest } = rule;
    rules[i] = Object.freeze({ ...rest, refused: verdict === 'refused', advice: advice[i] });
    ruleOf.set(rule.rule, rules[i]);
  });
  Object.freeze(rules);

  function checkSources(event, result, options) {
    const answer = call([...words(['check', '--json', ...type(options), 'event', 'result']),
      ...file('event', event.bytes), ...file('result', result.bytes)]);
    if (answer.out.length === 0) {
      const { error } = answer.code === 4 ? parseSource(event, options) : {};
      throw error ? eventError(event, error) : tooLarge(answer);
    }
    const rows = json(answer), places = rows.map(({ offset }) => result.place(offset));
    const broken = rows.some(({ rule }) => /^(functions\.)?result\.(json|surrogate)$/.test(rule));
    const where = rows.length === 0 || broken ? [] : result.paths(rows, places);
    const findings = rows.map(({ rule, subject, says, limit, actual }, i) => {
      const { refused, text, source, advice, confidence, status, events } = ruleOf.get(rule);
      return { rule, subject, refused, says, text, path: where[i] ?? '', ...places[i], source, advice, confidence, status, events, limit, actual };
    });
    const notes = answer.err.split('\n').filter(Boolean).map((line) => line.replace(/^edgefn: /, ''));
    for (const [name, value] of Object.entries({ notes, lost: result.lost, json: result.string() }))
      Object.defineProperty(findings, name, { value, enumerable: false });
    return findings;
  }

  /** Returns what CloudFront would refuse, or may refuse, in a function's result. */
  const check = (event, result, options) => checkSources(source(event, 'event'), source(result, 'result'), options);

  // The same for what a function returned: a string is a value then, which CloudFront refuses. A function that edited the very event that is
  // given here would be compared with itself.
  function checkValue(event, result, options) {
    const cf = event?.Records?.[0]?.cf ?? event;
    for (const part of [cf?.request, cf?.response])
      if (part && (result === part || (part.headers && result?.headers === part.headers)))
        throw new TypeError('the result is a part of this event, which the function may have edited: call it with a copy, structuredClone(event)');
    return checkSources(source(event, 'event'), source(result, 'result', false), options);
  }

  // Header edits that CloudFront refuses, by rule.
  const undoable = /^(functions\.)?header\.(read-only\.|disallowed$|country\.added$)|^origin\.header\.(denied|clash|size)$/;

  // The names of both lists that the library has to know: those that findings are about, and all custom headers of an origin, if one of them is.
  function namesOf(findings, custom) {
    const headers = new Set(findings.filter(({ rule }) => !rule.startsWith('origin.')).map(({ subject }) => subject.toLowerCase()));
    const all = findings.some(({ rule }) => rule.startsWith('origin.')) ? Object.keys({ ...custom.headers, ...custom.received }) : [];
    const customs = new Set(all.map((key) => key.toLowerCase())); // which may not be names of headers, too
    return [new Set([...headers, ...customs]), customs].map((names) => [...names].filter((name) => /^[!#$%&'*+.^_`|~\w-]+$/.test(name)));
  }

  // The members of a list of headers by name: { entries: [key, entry], items }, of which each has a value.
  function byName(headers) {
    const names = new Map();
    for (const [key, entry] of Object.entries(headers)) {
      const name = key.toLowerCase();
      if (!names.has(name)) names.set(name, { entries: [], items: [] });
      names.get(name).entries.push([key, entry]);
      names.get(name).items.push(...(Array.isArray(entry) ? entry : Array.isArray(entry?.multiValue) ? entry.multiValue : [entry]));
    }
    return names;
  }
  const NONE = { entries: [], items: [] };

  // A value as the library gets it. One that it would not write becomes another one of that length: only its length counts, and whether it was
  // received.
  function slotOf(item) {
    const value = typeof item?.value === 'string' ? item.value : 'x';
    return { item, value: /[\0-\x08\x0a-\x1f\x7f]/.test(value) ? 'x'.repeat(encoder.encode(value).length) : value };
  }

  // What is left of a name: its members with these values. Items of the result and of the event are used as they are. undefined: all of it.
  function leftOf(now, had, values, lambda) {
    const slots = now.items.map(slotOf), alike = (list) => JSON.stringify(list.map(({ value }) => value)) === JSON.stringify(values);
    if (alike(slots)) return undefined;
    if (alike(had.items)) return had.entries;
    const unused = [...slots, ...had.items.map((item) => ({ item, value: item.value }))];
    const items = values.map((value) => unused.splice(unused.findIndex((slot) => slot.value === value), 1)[0].item);
    if (items.length === 0) return [];
    return [[(now.entries[0] ?? had.entries[0])[0], lambda ? items : items.length > 1 ? { ...items[0], multiValue: items } : items[0]]];
  }

  // Headers with the names in `left` replaced: each where it is, or where it was.
  function withLeft(headers, received, left) {
    const made = [], done = new Set(), names = Object.keys(received).map((key) => key.toLowerCase());
    for (const [key, entry] of Object.entries(headers)) {
      const name = key.toLowerCase();
      if (!left.has(name)) made.push([key, entry]);
      else if (!done.has(name)) made.push(...left.get(name));
      done.add(name);
    }
    for (const [name, entries] of left) {
      if (done.has(name) || entries.length === 0) continue;
      const before = new Set(names.slice(0, names.indexOf(name)));
      made.splice(made.findLastIndex(([key]) => before.has(key.toLowerCase())) + 1, 0, ...entries);
    }
    return Object.fromEntries(made);
  }

  // edgefn_sanitize(), after the edits that lead from the event to the result. lists: the headers and the custom headers, with the received
  // ones. Returns the two without what is undone.
  function undo(event, findings, lists, answer, options) {
    const members = lists.map(({ headers, received }) => [byName(headers), byName(received)]);
    const edits = namesOf(findings, lists[1]).flatMap((names, i) => names.map((name) => ({ at: i, name, now: members[i][0].get(name) ?? NONE, had: members[i][1].get(name) ?? NONE })));
    const left = lists.map(() => new Map()), size = edits.some(({ at }) => at === 1) ? edits.length : 1000; // many additions take quadratic time
    for (let from = 0; from < edits.length; from += size) {
      const part = edits.slice(from, from + size), texts = part.flatMap(({ at, name, now }) => [`${'ho'[at]}${name}`, ...now.items.map((item) => `=${slotOf(item).value}`)]);
      const bytes = utf8([...(answer ? ['a'] : []), ...texts].map((text) => `${text}\0`).join(''));
      const ran = call([...words(['sanitize', ...type(options), 'event', 'edits']), ...file('event', event.bytes), ...file('edits', bytes)]);
      if (ran.code !== 0) throw tooLarge(ran);
      json(ran).forEach((values, i) => {
        const { at, name, now, had } = part[i], entries = leftOf(now, had, values, lists[at].lambda);
        if (entries !== undefined) left[at].set(name, entries);
      });
    }
    return lists.map(({ headers, received }, i) => (left[i].size > 0 ? withLeft(headers, received, left[i]) : headers));
  }

  // The request or response in what a function returned, which AWS's test-function puts into an object. undefined: it is in a text.
  function resultIn(value, dialect) {
    if (dialect === 'lambda' || 'headers' in Object(value)) return value;
    return typeof value === 'string' || value.TestResult || value.FunctionOutput ? undefined : value.request ?? value.response ?? value;
  }

  /** Undoes the header edits that CloudFront would refuse. Returns the result, as a value or text like the given one, and the findings. */
  function sanitize(event, result, options) {
    const received = source(event, 'event'), given = source(result, 'result');
    const wrong = (of) => checkSources(received, of, options).filter((f) => f.refused && undoable.test(f.rule));
    const refused = wrong(given), nothing = { result, undone: [] };
    if (refused.length === 0) return nothing;
    const value = given.parse(), lambda = received.parse().Records?.[0].cf, cf = lambda ?? received.parse();
    const inside = resultIn(value, lambda ? 'lambda' : 'functions');
    if (inside === undefined) return nothing;
    const answer = !cf.response && (inside.status !== undefined || inside.statusCode !== undefined);
    const isObject = (given) => given !== null && typeof given === 'object' && !Array.isArray(given);
    const listOf = (of, member, had) => {
      const headers = isObject(of?.[member] ?? {}) ? of?.[member] ?? {} : undefined;
      return { headers: headers ?? {}, received: isObject(had?.[member]) ? had[member] : {}, lambda: Boolean(lambda),
        put(made) { if (of && headers && made !== headers) of[member] = made; } };
    };
    const originOf = (request) => request?.origin?.custom ?? request?.origin?.s3;
    const lists = [listOf(inside, 'headers', cf.response ?? (answer ? undefined : cf.request)), listOf(originOf(inside), 'customHeaders', originOf(cf.request))];
    undo(received, refused, lists, answer, options).forEach((headers, i) => lists[i].put(headers));
    const current = new Source(JSON.stringify(value)), left = new Set(wrong(current).map(({ rule, subject }) => `${rule} ${subject}`));
    const undone = refused.filter(({ rule, subject }) => !left.has(`${rule} ${subject}`));
    return undone.length === 0 ? nothing : { result: given.value ? current.parse() : current.text, undone };
  }

  /** Returns the same event in the other dialect: 'lambda' or 'functions'. */
  function convert(event, to, options) {
    if (to !== 'lambda' && to !== 'functions') throw new TypeError(`convert() needs 'lambda' or 'functions', not ${to}`);
    const given = source(event, 'event');
    const answer = call([...words(['convert', '--to', to, ...type(options), 'event']), ...file('event', given.bytes)]);
    const lines = answer.err.split('\n').filter(Boolean);
    if (answer.code === 0) {
      lines.forEach((line) => options?.note?.(line));
      return given.value ? json(answer) : decoder.decode(answer.out).replace(/\n$/, '');
    }
    const { error } = parseSource(given, options);
    if (error) throw eventError(given, error);
    const found = /^event:(?:(\d+):(\d+):)? (error: .* \((EDGEFN_E_\w+)\))$/.exec(lines.at(-1) ?? '');
    if (!found) throw tooLarge(answer);
    const offset = found[1] && given.byteAt(+found[1], +found[2]);
    throw eventError(given, { message: found[1] ? `${found[1]}:${found[2]}: ${found[3]}` : found[3], code: found[4], offset });
  }

  /** Returns a complete event. */
  function sample(kind, options = {}) {
    const args = ['sample', String(kind)], bodies = [], plain = ['uri', 'query', 'method', 'clientIp', 'country', 'status', 'statusText', 'origin'];
    const pairs = (value) => (Array.isArray(value) ? value : Object.entries(value));
    const add = (name, value) => args.push(`${name}=${value}`);
    for (const [name, value] of Object.entries(options)) {
      if (value === undefined || value === false) continue;
      if (name === 'headers') pairs(value).forEach(([k, v]) => add('--header', `${k}: ${v}`));
      else if (name === 'requestHeaders') pairs(value).forEach(([k, v]) => add('--request-header', `${k}: ${v}`));
      else if (name === 'cookies') pairs(value).forEach(([k, v]) => add('--cookie', `${k}=${v}`));
      else if (name === 'setCookies') value.forEach((v) => add('--set-cookie', v));
      else if (name === 's3' || name === 'truncated') args.push(`--${name}`);
      else if (name === 'body') {
        add('--body', '@body');
        bodies.push(...file('body', value));
      } else if (plain.includes(name))
        add(`--${name.replace(/[A-Z]/g, (c) => '-' + c.toLowerCase())}`, value);
      else throw new TypeError(`sample() has no option ${name}: it has ${[...plain, 'headers', 'requestHeaders', 'cookies', 'setCookies', 's3', 'truncated', 'body'].join(', ')}`);
    }
    if (args.some((word) => word.includes('\0'))) throw new TypeError('sample(): an option contains NUL');
    const answer = call([...words(args), ...bodies]);
    if (answer.code !== 0) throw new TypeError(`sample(): ${answer.err.replace(/^edgefn[^:]*: /, '').replace(/\n'edgefn.*\n?/, '\n').trim()}`);
    return json(answer);
  }

  /** Returns the class of a User-Agent header. */
  const userAgent = (text) => json(call([...words(['ua', 'text']), ...file('text', String(text))]));

  // A command of the command line. files: { name: bytes }; settings: { TTY: '1' }. Returns { code, out, err }.
  const command = (args, files = {}, settings = {}) => call([...words(args),
    ...Object.entries(files).flatMap(([name, bytes]) => file(name, bytes)),
    ...Object.entries(settings).map(([name, value]) => [SETTING, `${name}=${value}`])]);

  const memory = () => instance?.exports.memory.buffer.byteLength ?? 0;
  const version = decoder.decode(call(words(['version'])).out);
  return { check, sanitize, parse, convert, sample, userAgent, rules, version, command, memory, checkValue };
}
