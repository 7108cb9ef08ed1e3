// compare.mjs - what a function changed, and how large things are: for people to look at. What CloudFront refuses is decided by the
// library alone. Events and results are values of JSON, and may be anything.

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
const byteCount = (text) => new TextEncoder().encode(text).length;
const shown = (value) => (typeof value === 'string' ? value : JSON.stringify(value) ?? '');
const LONG = 2000; // characters of a value that are shown

/** JSON for reading: what fits in a line of 80 characters is one, and so is each header. */
export function pretty(value) {
  const flat = (v) => {
    if (v === null || typeof v !== 'object') return JSON.stringify(v);
    if (Array.isArray(v)) return `[${v.map(flat).join(', ')}]`;
    const members = Object.entries(v).map(([name, inner]) => `${JSON.stringify(name)}: ${flat(inner)}`);
    return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
  };
  const isEntry = (v) => (Array.isArray(v) ? v.length === 1 && isObject(v[0]) && isEntry(v[0]) : 'value' in v && Object.values(v).every((inner) => typeof inner === 'string'));
  const lines = (v, indent, used) => {
    const short = flat(v);
    if (v === null || typeof v !== 'object' || (indent !== '' && (short.length + used <= 80 || isEntry(v))) || short.length < 3) return short;
    if (Array.isArray(v) && v.length === 1 && isObject(v[0])) return `[${lines(v[0], indent, used + 1)}]`;
    const inner = `${indent}  `, isList = Array.isArray(v);
    const items = isList ? v.map((item) => inner + lines(item, inner, inner.length))
      : Object.entries(v).map(([name, item]) => `${inner}${JSON.stringify(name)}: ${lines(item, inner, inner.length + name.length + 4)}`);
    return `${isList ? '[' : '{'}\n${items.join(',\n')}\n${indent}${isList ? ']' : '}'}`;
  };
  return JSON.stringify(value ?? null).length > 1 << 20 ? JSON.stringify(value, null, 1) : lines(value ?? null, '', 0);
}

/** The request or response that a function receives and returns, and its event's type. Members are undefined if the event is none. */
export function partsOf(event) {
  const cf = isObject(event) ? event.Records?.[0]?.cf ?? event : {};
  const type = cf.config?.eventType ?? cf.context?.eventType ?? (cf.response ? 'viewer-response' : 'viewer-request');
  return { dialect: cf === event ? 'functions' : 'lambda', type, request: cf.request, response: cf.response };
}

/** What a function returned: AWS's test-function puts it into an object. */
export function returned(result) {
  if (!isObject(result) || 'headers' in result) return result;
  return result.request ?? result.response ?? result;
}

const isAnswer = (result) => isObject(result) && (result.status !== undefined || result.statusCode !== undefined);

// [name, value] of each header, cookie or parameter, in order. Lambda@Edge: { name: [{ key, value }] }; CloudFront Functions: { name: { value,
// multiValue: [{ value }] } }.
function fieldsOf(fields) {
  const rows = [];
  if (typeof fields === 'string') return fields === '' ? [] : [['', fields]];
  if (!isObject(fields)) return fields === undefined ? [] : [['', shown(fields)]];
  for (const [name, entry] of Object.entries(fields)) {
    const several = Array.isArray(entry) ? entry : entry?.multiValue ?? [entry];
    for (const item of Array.isArray(several) ? several : [several])
      rows.push([item?.key ?? name, shown(isObject(item) ? item.value ?? item : item) + (item?.attributes ? `; ${item.attributes}` : '')]);
  }
  return rows;
}

// [name, value] of everything else, with dotted names.
function membersOf(value, name = '') {
  if (!isObject(value)) return value === undefined ? [] : [[name, shown(value)]];
  return Object.entries(value).flatMap(([key, inner]) => membersOf(inner, name ? `${name}.${key}` : key));
}

const FIELDS = ['headers', 'cookies', 'querystring'];

function groupsOf(part) {
  const groups = new Map();
  if (!isObject(part)) return groups;
  for (const [name, value] of Object.entries(part)) {
    if (name === 'querystring' && typeof value === 'string') add('', [[name, value]]);
    else if (FIELDS.includes(name)) add(name, fieldsOf(value));
    else if (name === 'origin' && isObject(value)) {
      for (const [kind, origin] of Object.entries(value)) {
        const { customHeaders, ...rest } = isObject(origin) ? origin : { value: origin };
        add('origin', membersOf(rest, kind));
        add('custom headers of the origin', fieldsOf(customHeaders));
      }
    } else if (name === 'body' && isObject(value)) add('body', membersOf(value));
    else add('', membersOf(value, name));
  }
  function add(group, rows) {
    groups.set(group, [...(groups.get(group) ?? []), ...rows]);
  }
  return groups;
}

// Values of one name: equal ones are unchanged, the others are paired in their order.
function compareValues(before, after) {
  const rest = [...after], rows = [], gone = [];
  for (const value of before) {
    const at = rest.indexOf(value);
    if (at >= 0) rest.splice(at, 1);
    if (at >= 0) rows.push({ state: 'same', before: value, after: value });
    else gone.push(value);
  }
  for (const value of gone) {
    const now = rest.shift();
    rows.push(now === undefined ? { state: 'removed', before: value } : { state: 'changed', before: value, after: now });
  }
  return [...rows, ...rest.map((value) => ({ state: 'added', after: value }))];
}

function byName(rows) {
  const names = new Map();
  for (const [name, value] of rows ?? []) {
    const key = name.toLowerCase();
    if (!names.has(key)) names.set(key, { name, values: [] });
    names.get(key).values.push(value);
  }
  return names;
}

const cut = (text) => (text === undefined || text.length <= LONG ? text : `${text.slice(0, LONG)}… (${text.length.toLocaleString('en')} characters)`);

/**
 * The difference between what a function received and what it returned: { answered, rows: [{ group, name, state, before, after }], counts }.
 * An answer to a request is compared with nothing: all of it was made by the function. most: rows that are returned.
 */
export function difference(event, result, most = 400) {
  const { request, response } = partsOf(event), out = returned(result);
  const answered = response === undefined && isAnswer(out);
  const had = answered ? new Map() : groupsOf(response ?? request), has = groupsOf(out);
  const rows = [], counts = { same: 0, added: 0, changed: 0, removed: 0 };
  for (const group of new Set([...had.keys(), ...has.keys()])) {
    const old = byName(had.get(group)), now = byName(has.get(group));
    for (const key of new Set([...old.keys(), ...now.keys()]))
      for (const row of compareValues(old.get(key)?.values ?? [], now.get(key)?.values ?? [])) {
        counts[row.state]++;
        if (rows.length < most) rows.push({ group, name: (now.get(key) ?? old.get(key)).name, ...row, before: cut(row.before), after: cut(row.after) });
      }
  }
  return { answered, rows, counts };
}

/* ---- sizes ---- */

const KB = 1024;
export const LIMITS = { // bytes. All but `total` are the library's, which tests/hosts/playground.mjs compares
  url: 8191, // path, '?' and query
  total: 32768, // Quotas, Quotas on headers
  customHeaders: 10240, customName: 256, customValue: 1783,
  viewer: 40 * KB, origin: 1024 * KB, // headers and body of a response, or a body that replaces the request's
};
const total = (rows) => rows.reduce((sum, [name, value]) => sum + byteCount(name) + byteCount(value), 0);
const longest = (rows, i) => rows.reduce((most, row) => Math.max(most, byteCount(row[i])), 0);

function bodySize(body, encoding) {
  if (typeof body !== 'string') return 0;
  return encoding === 'base64' ? Math.floor((body.replace(/=+$/, '').length * 3) / 4) : byteCount(body);
}

function requestSizes(request, place, measured) {
  const fields = fieldsOf(request.headers), cookies = fieldsOf(request.cookies), query = fieldsOf(request.querystring);
  const queryLength = query.reduce((sum, [name, value]) => sum + byteCount(name) + (name !== '') + byteCount(value), Math.max(0, query.length - 1));
  const url = byteCount(shown(request.uri ?? '')) + (queryLength > 0 ? 1 + queryLength : 0);
  const custom = fieldsOf(request.origin?.custom?.customHeaders ?? request.origin?.s3?.customHeaders);
  const list = [['Path and query', url, LIMITS.url], [cookies.length > 0 ? 'Path, query, headers and cookies' : 'Path, query and headers', url + total(fields) + total(cookies), LIMITS.total]];
  if (custom.length > 0)
    list.push(['Custom headers of the origin', total(custom), LIMITS.customHeaders],
      ['Longest name of a custom header', longest(custom, 0), LIMITS.customName], ['Longest value of a custom header', longest(custom, 1), LIMITS.customValue]);
  if (isObject(request.body)) list.push(['Body, decoded', bodySize(request.body.data, request.body.encoding), LIMITS[place]]);
  return { bars: list, fields: [...fields, ...cookies, ...measured] };
}

function responseSizes(response, place, dialect, made) {
  const fields = fieldsOf(response.headers), cookies = fieldsOf(response.cookies);
  const body = isObject(response.body) ? bodySize(response.body.data, 'text') : bodySize(response.body, 'text'); // the library counts it as it is written
  const list = [[cookies.length > 0 ? 'Headers and cookies' : 'Headers', total(fields) + total(cookies), LIMITS.total]];
  if (dialect === 'lambda') list.push([made ? 'Headers and body of the response' : 'Headers and body, if your function replaces the body', total(fields) + body, LIMITS[place]]);
  else list.push(['Body', body, LIMITS.viewer]);
  return { bars: list, fields: [...fields, ...cookies] };
}

/** Bars of bytes against limits: [{ title, bars: [[what, bytes, limit]], largest: [[name, bytes]] }]. result: undefined if there is none. */
export function sizes(event, result) {
  const { type, dialect, request, response } = partsOf(event), place = type.startsWith('origin') ? 'origin' : 'viewer';
  const list = [], out = returned(result);
  const push = (title, { bars, fields }) => list.push({ title, bars,
    largest: fields.map(([name, value]) => [name, byteCount(name) + byteCount(value)]).sort((a, b) => b[1] - a[1]).slice(0, 5) });
  if (isObject(request)) push('The request in the event', requestSizes(request, place, []));
  if (isObject(response)) push('The response in the event', responseSizes(response, place, dialect, false));
  if (isObject(out)) push('The result in the tab Check', response || isAnswer(out) ? responseSizes(out, place, dialect, true) : requestSizes(out, place, []));
  return list;
}
