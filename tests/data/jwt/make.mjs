// make.mjs - writes tokens.json: JWKS documents and tokens, good and bad, for tests of edgefn_env.verify in every host; and jwks.json, the
// JWKS of https://id.example.com in it.
//     node tests/data/jwt/make.mjs
// The keys are new at every run, and tests/recipes/jwt_sign_in.txt has two of the tokens. Nothing but these tests is signed with the keys.
import { writeFileSync } from 'node:fs';
import { generateKeyPairSync, sign, createHash, createHmac, constants } from 'node:crypto';

const now = 1767225600;
const COGNITO = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example1';
const AUTH0 = 'https://example.eu.auth0.com/';
const OWN = 'https://id.example.com'; // of the recipe jwt_sign_in
const ODD = 'https://odd.example.com';
const BARE = 'https://bare.example.com'; // one key, without kid
const TWO = 'https://two.example.com';   // two keys, without kid

const rsa = (bits = 2048, e = 65537) => generateKeyPairSync('rsa', { modulusLength: bits, publicExponent: e });
const ec = (curve = 'P-256') => generateKeyPairSync('ec', { namedCurve: curve });
const jwk = (pair, more) => ({ ...pair.publicKey.export({ format: 'jwk' }), ...more });
const b64 = (x) => Buffer.from(typeof x === 'string' || Buffer.isBuffer(x) ? x : JSON.stringify(x)).toString('base64url');

const k = {
  cognito1: rsa(), cognito2: rsa(), auth0: rsa(), ec: ec(), rsa: rsa(3072), bare: rsa(), two1: ec(), two2: rsa(), two3: rsa(), good: ec(),
  enc: rsa(), ops: rsa(), pss: rsa(), short: rsa(1024), e3: rsa(2048, 3), p384: ec('P-384'), twice1: rsa(), twice2: rsa(), secret: rsa(), stranger: rsa(), strangerEc: ec(),
  encEc: ec(), wrongAlg: ec(), numberKid: rsa(), sizeEc: ec(), offCurve: ec(),
};
const n = (pair) => pair.publicKey.export({ format: 'jwk' }).n;
const off = jwk(k.offCurve);
const kids = { cognito1: 'qHZ5VpZ7fTFQyZgVvGrnQFYh0jQqzJfWcQyBh8p0tXk=', cognito2: 'mT2w8bJ0c3pZC9yq+QmMZyyEw0rY7lO2i/8jYcUu4ZQ=', auth0: 'NjVBRjY5MDlCMUIwNzU4RTA2QzZFMDQ4' };

const jwks = {
  [COGNITO]: { keys: ['cognito1', 'cognito2'].map((name) => ({ alg: 'RS256', e: 'AQAB', kid: kids[name], kty: 'RSA', n: n(k[name]), use: 'sig' })) },
  [AUTH0]: { keys: [{ kty: 'RSA', use: 'sig', n: n(k.auth0), e: 'AQAB', kid: kids.auth0, x5t: 'NjVBRjY5MDlCMUIwNzU4RTA2QzZFMDQ4', x5c: ['MIIC8DCCAdigAwIBAgIJ'], alg: 'RS256' }] },
  [OWN]: { keys: [jwk(k.ec, { kid: 'es-1', use: 'sig', alg: 'ES256' }), jwk(k.rsa, { kid: 'rs-1', use: 'sig', alg: 'RS256' })] },
  [BARE]: { keys: [jwk(k.bare)] },
  [TWO]: { keys: [jwk(k.two1), jwk(k.two2), jwk(k.two3)] },
  [ODD]: {
    keys: [
      jwk(k.good, { kid: 'good', key_ops: ['verify'] }), jwk(k.enc, { kid: 'enc', use: 'enc' }), jwk(k.encEc, { kid: 'enc-ec', use: 'enc' }), jwk(k.ops, { kid: 'ops', key_ops: ['encrypt'] }),
      jwk(k.pss, { kid: 'pss', alg: 'PS256' }), jwk(k.wrongAlg, { kid: 'wrong-alg', alg: 'RS256' }), jwk(k.short, { kid: 'short' }), jwk(k.e3, { kid: 'e3' }),
      { kty: 'RSA', kid: 'e1', n: n(k.enc), e: 'AQ' }, jwk(k.p384, { kid: 'p384' }),
      { ...jwk(k.p384), crv: 'P-256', kid: 'p384-as-p256' }, jwk(k.twice1, { kid: 'twice' }), jwk(k.twice2, { kid: 'twice' }),
      { ...k.secret.privateKey.export({ format: 'jwk' }), kid: 'private' }, jwk(k.numberKid, { kid: 7 }),
      { ...off, kid: 'off-curve', y: off.x }, { ...jwk(k.sizeEc), kid: 'short-x', x: jwk(k.sizeEc).x.slice(0, 40) },
      { kty: 'oct', kid: 'oct', k: b64('a shared secret, which is not public') }, { kty: 'OKP', crv: 'Ed25519', kid: 'okp', x: b64(Buffer.alloc(32, 1)) },
      { kty: 'RSA', kid: 'no-n', e: 'AQAB' }, { kty: 'RSA', kid: 'bad-n', n: 'not base64url!', e: 'AQAB' }, { kty: 'EC', kid: 'no-curve', x: 'AA', y: 'AA' }, { kid: 'no-kty' }, 'text', null, 7, [],
    ],
  },
};

const claims = (iss, more) => ({ iss, sub: 'ana', iat: now - 60, exp: 2000000000, ...more });
const cognitoClaims = claims(COGNITO, { sub: '5af38e7a-1c2d-4a4e-9c4f-0d1b6c0c9d11', token_use: 'id', aud: '1example23456789', 'cognito:username': 'ana', email_verified: true, auth_time: now - 60, event_id: '4f4e2c3a-0000-4000-8000-000000000001' });
const auth0Claims = claims(AUTH0, { sub: 'auth0|62f0c0', aud: ['https://api.example.com', 'https://example.eu.auth0.com/userinfo'], azp: 'client', scope: 'openid profile' });

// a signature by the algorithm's rules
function signature(alg, pair, message) {
  const key = pair.privateKey;
  if (alg === 'RS256') return sign('sha256', Buffer.from(message), key);
  if (alg === 'ES256') return sign('sha256', Buffer.from(message), { key, dsaEncoding: 'ieee-p1363' });
  throw new Error(alg);
}
function token(header, payload, how) {
  const message = `${b64(header)}.${b64(payload)}`;
  return `${message}.${b64(typeof how === 'function' ? how(message) : signature(header.alg, how, message))}`;
}
const cases = [];
const add = (name, ok, text, why = 'the signature is wrong') => cases.push({ name, ok, token: text, why: ok ? '' : why });
const head = (alg, kid) => (kid === undefined ? { alg, typ: 'JWT' } : { alg, typ: 'JWT', kid });
const own = claims(OWN);

add('an id token of Cognito', true, token({ kid: kids.cognito1, alg: 'RS256' }, cognitoClaims, k.cognito1));
add('an id token of Cognito by its other key', true, token({ kid: kids.cognito2, alg: 'RS256' }, cognitoClaims, k.cognito2));
add('an access token of Auth0', true, token({ alg: 'RS256', typ: 'JWT', kid: kids.auth0 }, auth0Claims, k.auth0));
add('ES256', true, token(head('ES256', 'es-1'), own, k.ec));
add('RS256, a key of 3072 bits', true, token(head('RS256', 'rs-1'), own, k.rsa));
add('no kid, and one key', true, token(head('RS256'), claims(BARE), k.bare));
add('no kid, and one key of this algorithm', true, token(head('ES256'), claims(TWO), k.two1));
add('a key that may only verify', true, token(head('ES256', 'good'), claims(ODD), k.good));

add('no kid, and several keys', false, token(head('RS256'), claims(TWO), k.two2));
add('a kid, and one key without kid', false, token(head('RS256', 'x'), claims(BARE), k.bare));
add('an unknown kid', false, token(head('RS256', 'rs-2'), own, k.rsa));
add('the kid in another case', false, token(head('RS256', 'RS-1'), own, k.rsa));
add('the kid of another key', false, token({ kid: kids.cognito2, alg: 'RS256' }, cognitoClaims, k.cognito1));
add('an empty kid', false, token(head('RS256', ''), own, k.rsa));
add('a key of nobody', false, token(head('RS256', 'rs-1'), own, k.stranger));
add('a key of nobody, ES256', false, token(head('ES256', 'es-1'), own, k.strangerEc));
add('the key of another issuer', false, token({ kid: kids.auth0, alg: 'RS256' }, own, k.auth0));
add('the issuer of another key', false, token(head('RS256', 'rs-1'), claims(AUTH0), k.rsa));
add('an unknown issuer', false, token(head('RS256', 'rs-1'), claims('https://id.example.com/'), k.rsa));
add('no issuer', false, token(head('RS256', 'rs-1'), { sub: 'ana', exp: now + 60 }, k.rsa));
add('an issuer that is a list', false, token(head('RS256', 'rs-1'), claims([OWN]), k.rsa));
add('two issuers', false, token(head('RS256', 'rs-1'), Buffer.from(`{"iss":"${OWN}","iss":"${AUTH0}","exp":${now + 60}}`), k.rsa));
add('a payload that is not JSON', false, token(head('RS256', 'rs-1'), 'hello', k.rsa));

add('HS256 with the public key in PEM as secret', false, token(head('HS256', 'rs-1'), own, (m) => createHmac('sha256', k.rsa.publicKey.export({ type: 'spki', format: 'pem' })).update(m).digest()), 'the algorithm is not allowed');
add('HS256 with the modulus as secret', false, token(head('HS256', 'rs-1'), own, (m) => createHmac('sha256', n(k.rsa)).update(m).digest()), 'the algorithm is not allowed');
add('none, without a signature', false, token(head('none', 'rs-1'), own, () => Buffer.alloc(0)), 'the algorithm is not allowed');
add('none, with the signature of RS256', false, token(head('none', 'rs-1'), own, (m) => signature('RS256', k.rsa, m)), 'the algorithm is not allowed');
add('RS384', false, token(head('RS384', 'rs-1'), own, (m) => sign('sha384', Buffer.from(m), k.rsa.privateKey)), 'the algorithm is not allowed');
add('RS256 that is signed by RSA-PSS', false, token(head('RS256', 'rs-1'), own, (m) => sign('sha256', Buffer.from(m), { key: k.rsa.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 })));
add('RS256 that is signed with SHA-1', false, token(head('RS256', 'rs-1'), own, (m) => sign('sha1', Buffer.from(m), k.rsa.privateKey)));
add('RS256 with the kid of an EC key', false, token(head('RS256', 'es-1'), own, k.rsa));
add('ES256 with the kid of an RSA key', false, token(head('ES256', 'rs-1'), own, k.ec));
add('ES256 signed on P-384', false, token(head('ES256', 'p384'), claims(ODD), k.p384));
add('ES256 by a P-384 key that is said to be on P-256', false, token(head('ES256', 'p384-as-p256'), claims(ODD), k.p384));
add('ES256 with SHA-384', false, token(head('ES256', 'es-1'), own, (m) => sign('sha384', Buffer.from(m), { key: k.ec.privateKey, dsaEncoding: 'ieee-p1363' })));

const es = (change) => token(head('ES256', 'es-1'), own, (m) => change(signature('ES256', k.ec, m), m));
add('r and s in DER', false, es((s, m) => sign('sha256', Buffer.from(m), k.ec.privateKey)));
add('r and s of 63 bytes', false, es((s) => s.subarray(0, 63)));
add('r and s of 65 bytes', false, es((s) => Buffer.concat([s, Buffer.alloc(1)])));
add('r and s of 66 bytes, with zeros before both', false, es((s) => Buffer.concat([Buffer.alloc(1), s.subarray(0, 32), Buffer.alloc(1), s.subarray(32)])));
add('r and s of 32 bytes', false, es((s) => s.subarray(0, 32)));
add('r and s are 0', false, es(() => Buffer.alloc(64)));
add('r is 0', false, es((s) => Buffer.concat([Buffer.alloc(32), s.subarray(32)])));
add('s is 0', false, es((s) => Buffer.concat([s.subarray(0, 32), Buffer.alloc(32)])));
add('r and s are the order of the curve', false, es(() => Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'.repeat(2), 'hex')));
add('r and s in the other order', false, es((s) => Buffer.concat([s.subarray(32), s.subarray(0, 32)])));
add('no signature, ES256', false, es(() => Buffer.alloc(0)));
add('a bit of the signature, ES256', false, es((s) => { s[40] ^= 1; return s; }));
const rs = (change) => token(head('RS256', 'rs-1'), own, (m) => change(signature('RS256', k.rsa, m)));
add('no signature, RS256', false, rs(() => Buffer.alloc(0)));
add('a byte less, RS256', false, rs((s) => s.subarray(1)));
add('a zero before, RS256', false, rs((s) => Buffer.concat([Buffer.alloc(1), s])));
add('a zero after, RS256', false, rs((s) => Buffer.concat([s, Buffer.alloc(1)])));
add('a bit of the signature, RS256', false, rs((s) => { s[100] ^= 1; return s; }));
add('all zeros, RS256', false, rs((s) => Buffer.alloc(s.length)));
add('one, RS256', false, rs((s) => { const one = Buffer.alloc(s.length); one[one.length - 1] = 1; return one; }));
{
  const good = token(head('RS256', 'rs-1'), own, k.rsa).split('.');
  add('another payload', false, `${good[0]}.${b64(claims(OWN, { sub: 'root' }))}.${good[2]}`);
  add('another header', false, `${b64({ kid: 'rs-1', alg: 'RS256' })}.${good[1]}.${good[2]}`);
}
add('a key for encryption', false, token(head('RS256', 'enc'), claims(ODD), k.enc));
add('a key for encryption, ES256', false, token(head('ES256', 'enc-ec'), claims(ODD), k.encEc));
add('a key whose key_ops has no verify', false, token(head('RS256', 'ops'), claims(ODD), k.ops));
add('a key for PS256', false, token(head('RS256', 'pss'), claims(ODD), k.pss));
add('an EC key for RS256', false, token(head('ES256', 'wrong-alg'), claims(ODD), k.wrongAlg));
add('a key of 1024 bits', false, token(head('RS256', 'short'), claims(ODD), k.short));
add('a key whose exponent is 3', false, token(head('RS256', 'e3'), claims(ODD), k.e3));
{ // with the exponent 1 the padded hash is its own signature
  const sha = (m) => Buffer.concat([Buffer.from('3031300d060960864801650304020105000420', 'hex'), createHash('sha256').update(m).digest()]);
  const forged = (m) => { const t = sha(m); return Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(256 - t.length - 3, 0xff), Buffer.from([0]), t]); };
  add('a key whose exponent is 1', false, token(head('RS256', 'e1'), claims(ODD), forged));
}
add('a kid that two keys have, the first', false, token(head('RS256', 'twice'), claims(ODD), k.twice1));
add('a kid that two keys have, the second', false, token(head('RS256', 'twice'), claims(ODD), k.twice2));
add('a key that is not only public', false, token(head('RS256', 'private'), claims(ODD), k.secret));
add('a kid that is a number', false, token(head('RS256', '7'), claims(ODD), k.numberKid));
add('a point that is not on the curve', false, token(head('ES256', 'off-curve'), claims(ODD), k.offCurve));
add('an x that is too short', false, token(head('ES256', 'short-x'), claims(ODD), k.sizeEc));
add('HS256 with a secret of the JWKS', false, token(head('HS256', 'oct'), claims(ODD), (m) => createHmac('sha256', 'a shared secret, which is not public').update(m).digest()), 'the algorithm is not allowed');


const refused = {
  'not JSON': '{"keys":[', 'a list': '[]', 'no keys': '{}', 'keys is an object': '{"keys":{"0":{}}}', 'an empty list': '{"keys":[]}', 'one key, not a list': JSON.stringify(jwks[OWN].keys[0]),
  'no usable key': JSON.stringify({ keys: [jwks[ODD].keys[1], jwks[ODD].keys[6]] }), 'a private key alone': JSON.stringify({ keys: [k.secret.privateKey.export({ format: 'jwk' })] }),
  'more than 100 keys': JSON.stringify({ keys: Array.from({ length: 101 }, () => ({ kty: 'EC' })) }), 'not UTF-16': '{"keys":"\\ud800"}',
};
const rotated = { issuer: OWN, passes: 'a key of nobody', jwks: { keys: [jwk(k.stranger, { kid: 'rs-1', use: 'sig', alg: 'RS256' })] } }; // the same kid with another key
const sets = Object.entries(jwks).map(([issuer, set]) => ({ issuer, jwks: set }));
const unusable = Object.entries(refused).map(([name, text]) => ({ name, text }));
const write = (name, value) => writeFileSync(new URL(name, import.meta.url), `${JSON.stringify(value, null, 1)}\n`);
write('tokens.json', { now, sets, unusable, rotated, cases });
write('jwks.json', jwks[OWN]);
