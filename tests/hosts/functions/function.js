import cf from 'cloudfront';
import crypto from 'crypto';
const querystring = require('querystring');
const kvs = cf.kvs('any');

// function.js - for tests/test_functions_desk.sh: CloudFront Functions. The path says what to do.
async function handler(event) {
    const request = event.request, response = event.response, what = request.uri.slice(1);
    if (response) {
        if (what === 'origin-late') cf.updateRequestOrigin({ domainName: 'other.example.com' });
        response.statusCode = what === 'gone' ? 410 : response.statusCode;
        response.cookies.own = { value: 'v', attributes: 'Path=/; HttpOnly' };
        response.headers['x-hash'] = { value: crypto.createHmac('sha256', 'key').update('text').digest('base64url') };
        return response;
    }
    const trials = {
        timer: () => setTimeout(() => {}, 1), network: () => fetch('http://127.0.0.1/'), eval: () => eval('1'), process: () => process.env, require: () => require('fs'),
        file: () => import('fs'), algorithm: () => crypto.createHash('sha512'), missing: () => kvs.get('no'),
    };
    if (trials[what]) {
        try {
            await trials[what]();
            return { statusCode: 200, body: 'it can' };
        } catch (error) {
            return { statusCode: 200, body: `${error.name || 'Error'}: ${error.message}` };
        }
    }
    if (what === 'hang') for (;;);
    if (what === 'helpers') return { statusCode: 200, body: [typeof cf.cwt, typeof cf.mtls, typeof cf.distributionTenant, cf.edgeLocation.name].join() };
    if (what === 'raw') return { statusCode: 200, body: String(request.rawQueryString()) };
    if (what === 'order') request.cookies = { c: request.cookies.c, a: request.cookies.a, b: request.cookies.b };
    if (what === 'throw') throw new Error('own');
    if (what === 'upper') return { statusCode: 200, headers: { 'X-Upper': { value: '1' } } };
    if (what === 'host') request.headers.host.value = 'other';
    if (what === 'kvs') return { statusCode: 200, body: [await kvs.get('/old'), await kvs.exists('/no'), (await kvs.get('json', { format: 'json' }))[0], await kvs.count(), (await kvs.meta()).keyCount].join() };
    if (what === 'origin') cf.updateRequestOrigin({ domainName: 'other.example.com', connectionAttempts: 2 });
    if (what === 'origin-id') cf.selectRequestOriginById('any');
    if (what === 'query') request.querystring = querystring.stringify({ b: '2', a: ['1', '3'] });
    if (what === 'first') request.querystring.a.value = 'new';
    if (what === 'cookie') request.cookies.c = { value: 'yes' };
    if (await kvs.exists(request.uri)) request.uri = await kvs.get(request.uri);
    return request;
}
