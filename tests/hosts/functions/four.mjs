// four.mjs - for tests/test_functions_desk.sh: at all four triggers; paths say what to do, "/WHAT/TYPE", and the query how long to wait, "TYPE=milliseconds".
let count = 0;

const nonsense = {
  string: () => 'nonsense', nothing: () => undefined, list: () => [], number: () => 7, event: (event) => event, empty: () => ({}),
  headers: (event, one) => ({ ...one, headers: [{ key: 'a', value: 'b' }] }), value: (event, one) => ({ ...one, headers: { ...one.headers, 'x-a': [{ value: 1 }] } }),
  line: (event, one) => ({ ...one, headers: { ...one.headers, 'x-a': [{ value: 'a\r\nb: c' }] } }), via: (event, one) => ({ ...one, headers: { ...one.headers, via: [{ value: 'own' }] } }),
  huge: () => ({ status: '200', body: 'x'.repeat(7000000) }), large: (event, one) => ({ status: '200', headers: one.headers, body: 'x'.repeat(1100000) }), status: (event, one) => ({ ...one, status: '99' }), surrogate: (event, one) => ({ ...one, x: '\ud800' }),
};

export async function handler(event, context) {
  const { config: { eventType: type }, request, response } = event.Records[0].cf, one = response ?? request;
  const [, what, where] = request.uri.split('/');
  const wait = new URLSearchParams(request.querystring).get(type);
  if (wait) await new Promise((done) => setTimeout(done, Number(wait)));
  if (what === 'print') {
    console.log('ok 2 0\n{}', { type });
    process.stdout.write('time 0 0\n');
    console.error('x'.repeat(3000), 'red \x1b[31m');
  }
  if (where === type) {
    if (what === 'throw') throw new TypeError('no way <b>');
    if (what === 'reject') return Promise.reject('a text');
    if (what === 'circular') { one.self = one; return one; }
    if (what === 'hang') for (;;);
    if (what === 'exit') process.exit(3);
    if (what === 'later') { setTimeout(() => { throw new RangeError('later'); }, 5); await new Promise(() => {}); }
    if (what === 'answer') return { status: '418', statusDescription: 'Tea', headers: { 'content-type': [{ value: 'text/tea' }] }, body: Buffer.from('tea').toString('base64'), bodyEncoding: 'base64' };
    if (what === 'body') return { ...one, status: '203', body: request.querystring.includes('none') ? '' : `own ${'ü'.repeat(500000)}` };
    if (nonsense[what]) return nonsense[what](event, one);
  }
  if (what === 'echo' && request.body) return { status: '200', body: `${request.body.data.length} ${request.body.inputTruncated}` };
  if (what === 'replace' && request.body && type === 'origin-request') {
    const data = Buffer.from(request.body.data, 'base64').toString().toUpperCase();
    return { ...request, body: { action: 'replace', encoding: 'text', data } };
  }
  if (what === 'global' && type === 'viewer-request') return { status: '200', body: `${++count} ${typeof context.getRemainingTimeInMillis()}` };
  one.headers[`x-${type}`] = [{ value: 'ran' }];
  if (what === 'drop' && response) delete one.headers['x-origin'];
  return one;
}
