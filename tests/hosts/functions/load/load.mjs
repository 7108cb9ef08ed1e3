// load.mjs - for tests/deep_functions.sh: at all four triggers; the path is "/js/WHAT/TYPE"
export async function handler(event) {
  const { config: { eventType: type }, request, response } = event.Records[0].cf, one = response ?? request, [, , what, where] = request.uri.split('/');
  if (where === type) {
    if (what === 'throw') throw new Error('no way');
    if (what === 'via') return { ...one, headers: { ...one.headers, via: [{ value: 'own' }] } };
    if (what === 'answer') return { status: '218', headers: { 'cache-control': [{ value: 'max-age=600' }] }, body: 'x'.repeat(20000) };
    if (what === 'body') return { ...one, status: '203', body: 'x'.repeat(20000) };
  }
  if (what === 'replaced' && type === 'origin-request') request.body = { action: 'replace', encoding: 'text', data: Buffer.from(request.body.data, 'base64').toString().toUpperCase() };
  if (what === 'large' && type.startsWith('viewer')) one.headers['x-large-7'] = [{ value: 'changed' }];
  one.headers[`x-${type}`] = [{ value: 'ran' }];
  return one;
}
