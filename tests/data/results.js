// Results of functions in plain JavaScript: valid ones, and common mistakes, which tests/test_check_node.sh checks.
//     node tests/data/results.js DIRECTORY    writes NAME.event.json, NAME.result.json and NAME.want for each result
'use strict';
const fs = require('fs');
const dir = process.argv[2];
const read = (name) => JSON.parse(fs.readFileSync('examples/events/' + name + '.json', 'utf8'));
let count = 0;

// event: a sample event; handler: the function; want: "rule subject" for each finding, in any order
function expect(name, event, handler, ...want) {
    const received = read(event);
    const result = handler(read(event));
    fs.writeFileSync(`${dir}/${name}.event.json`, JSON.stringify(received));
    fs.writeFileSync(`${dir}/${name}.result.json`, typeof result === 'string' && result.startsWith('raw:') ? result.slice(4) : JSON.stringify(result === undefined ? null : result));
    fs.writeFileSync(`${dir}/${name}.want`, want.sort().map((line) => line + '\n').join(''));
    count++;
}
const request = (event) => event.Records[0].cf.request;
const response = (event) => event.Records[0].cf.response;
const here = (event) => request(event).uri + (request(event).querystring && '?' + request(event).querystring);
const header = (key, value) => [{ key, value }];

// --- viewer-request
expect('vreq-pass', 'viewer-request-page', (e) => request(e));
expect('vreq-rewrite', 'viewer-request-page', (e) => {
    const r = request(e);
    r.uri = r.uri.replace(/\/$/, '/index.html');
    r.querystring = new URLSearchParams(r.querystring).toString();
    r.headers['x-device'] = header('X-Device', 'desktop');
    delete r.headers['accept-language'];
    return r;
});
expect('vreq-redirect', 'viewer-request-page', (e) => ({
    status: '302', statusDescription: 'Found', headers: { location: header('Location', 'https://www.example.com' + request(e).uri), 'cache-control': [{ value: 'no-store' }] },
}));
expect('vreq-basic-auth', 'viewer-request-page', () => ({ status: '401', headers: { 'www-authenticate': [{ value: 'Basic' }] }, body: 'Unauthorized' }));
expect('vreq-nothing', 'viewer-request-page', () => undefined, 'result.object -');
expect('vreq-null', 'viewer-request-page', () => null, 'result.object -');
expect('vreq-whole-event', 'viewer-request-page', (e) => e, 'result.whole-event -');
expect('vreq-wrapped', 'viewer-request-page', (e) => ({ request: request(e) }), 'result.wrapped request');
expect('vreq-cut', 'viewer-request-page', (e) => 'raw:' + JSON.stringify(request(e)).slice(0, -1), 'result.json -');
expect('vreq-api-gateway', 'viewer-request-page', () => ({ statusCode: 200, body: 'ok' }), 'result.shape statusCode');
expect('vreq-proxy', 'viewer-request-page', () => ({ statusCode: 200, headers: { 'Content-Type': 'text/plain' }, body: 'ok' }),
    'result.shape headers');
expect('vreq-functions-answer', 'viewer-request-page', () => ({ statusCode: 302, headers: { location: { value: '/' } } }),
    'result.shape value');
expect('vreq-functions-request', 'viewer-request-page', () => read('functions-viewer-request').request, 'result.shape uri');
expect('vreq-loop', 'viewer-request-page', (e) => ({ status: '302', headers: { location: header('Location', here(e)) } }),
    'redirect.loop location');
expect('vreq-location-plain', 'viewer-request-page', () => ({ status: '302', headers: { location: header('Location', '/größe 1') } }),
    'header.url location');
expect('vreq-cookies', 'viewer-request-page', () => ({ status: '200', headers: { 'set-cookie': header('Set-Cookie',
    ['a=1; Path=/', 'b=2; Path=/'].join(', ')) } }), 'cookie.joined set-cookie');
expect('vreq-host', 'viewer-request-page', (e) => { const r = request(e); r.headers.host = header('Host', 'other.example.com'); return r; }, 'header.read-only.changed host');
expect('vreq-host-as-string', 'viewer-request-page', (e) => { const r = request(e); r.headers['x-forwarded-host'] = r.headers.host[0].value; return r; }, 'headers.array x-forwarded-host');
expect('vreq-fresh-headers', 'viewer-request-page', (e) => ({ ...request(e), headers: { 'x-a': header('X-A', '1') } }), 'header.read-only.deleted host');
expect('vreq-plain-headers', 'viewer-request-page', () => ({ status: '302', headers: { Location: 'https://example.com/' } }), 'headers.array Location');
expect('vreq-header-list', 'viewer-request-page', () => ({ status: '302', headers: [{ key: 'Location', value: '/' }] }), 'member.type headers');
expect('vreq-number-value', 'viewer-request-page', (e) => { const r = request(e); r.headers['x-n'] = [{ key: 'X-N', value: 42 }]; return r; }, 'headers.entry x-n');
expect('vreq-undefined-value', 'viewer-request-page', (e) => { const r = request(e); r.headers['x-n'] = [{ key: 'X-N', value: undefined }]; return r; }, 'headers.entry x-n');
expect('vreq-country', 'viewer-request-page', (e) => { const r = request(e); r.headers['cloudfront-viewer-country'] = header('CloudFront-Viewer-Country', 'DE'); return r; },
    'header.country.added cloudfront-viewer-country');
expect('vreq-fetch-headers', 'viewer-request-page', () => ({ // the headers of a fetch() response, returned unchanged
    status: '200', body: 'x', headers: { connection: header('Connection', 'keep-alive'), 'keep-alive': header('Keep-Alive', 'timeout=5'), 'content-length': header('Content-Length', '1'),
        'transfer-encoding': header('Transfer-Encoding', 'chunked'), 'x-cache': header('X-Cache', 'Hit'), 'x-amz-cf-id': header('X-Amz-Cf-Id', 'abc') },
}), 'header.disallowed connection', 'header.disallowed keep-alive', 'header.disallowed x-cache', 'header.disallowed x-amz-cf-id', 'header.read-only.added content-length',
'header.read-only.added transfer-encoding');
expect('vreq-split', 'viewer-request-page', () => ({ status: '302', headers: { location: header('Location', '/a\r\nSet-Cookie: b=1') } }), 'header.value location');
expect('vreq-page', 'viewer-request-page', () => ({ status: '200', body: 'x'.repeat(41000) }), 'response.size body');
expect('vreq-status', 'viewer-request-page', () => ({ status: 302, headers: { location: header('Location', '/') } }), 'status.number status');
expect('vreq-status-text', 'viewer-request-page', () => ({ status: 'Found' }), 'status.range status');
expect('vreq-204', 'viewer-request-page', () => ({ status: '204', body: 'No Content' }), 'body.with-204 body');
expect('vreq-body-object', 'viewer-request-page', () => ({ status: '200', body: { ok: true } }), 'body.type body');
expect('vreq-uri', 'viewer-request-page', (e) => ({ ...request(e), uri: 'index.html' }), 'uri.start uri');
expect('vreq-uri-decoded', 'viewer-request-page', (e) => ({ ...request(e), uri: decodeURIComponent('/a%20b') }), 'uri.characters uri');
expect('vreq-uri-query', 'viewer-request-page', (e) => ({ ...request(e), uri: request(e).uri + '?v=2' }), 'uri.characters uri');
expect('vreq-method', 'viewer-request-page', (e) => ({ ...request(e), method: 'POST' }), 'method.changed method');
expect('vreq-body', 'viewer-request-form', (e) => { const r = request(e); r.body = { ...r.body, action: 'replace', encoding: 'text', data: 'a=1' }; return r; });
expect('vreq-body-ignored', 'viewer-request-form', (e) => { const r = request(e); r.body.data = Buffer.from('a=1').toString('base64'); return r; }, 'body.ignored data');
expect('vreq-body-plain', 'viewer-request-form', (e) => { const r = request(e); r.body = { ...r.body, action: 'replace', data: 'plain text' }; return r; }, 'body.base64 data');

// --- origin-request
expect('oreq-pass', 'origin-request-custom', (e) => request(e));
expect('oreq-switch', 'origin-request-custom', (e) => {
    const r = request(e);
    r.origin.custom.domainName = 'eu.example.net';
    r.headers.host = header('Host', 'eu.example.net');
    return r;
});
expect('oreq-s3', 'origin-request-custom', (e) => {
    const r = request(e), domainName = 'bucket.s3.eu-west-1.amazonaws.com';
    r.origin = { s3: { domainName, region: '', authMethod: 'none', path: '', customHeaders: {} } };
    r.headers.host = header('Host', domainName);
    return r;
});
expect('oreq-host-forgotten', 'origin-request-custom', (e) => { const r = request(e); r.origin.custom.domainName = 'eu.example.net'; return r; }, 'origin.host *');
expect('oreq-port', 'origin-request-custom', (e) => { const r = request(e); r.origin.custom.domainName = 'localhost'; r.headers.host = header('Host', 'localhost'); r.origin.custom.port = 81; return r; },
    'origin.port port');
expect('oreq-both', 'origin-request-custom', (e) => { const r = request(e); r.origin.s3 = { domainName: 'b', region: '', authMethod: 'none', path: '', customHeaders: {} }; return r; }, 'origin.kind *');
expect('oreq-renamed', 'origin-request-custom', (e) => { const r = request(e); r.origin = { s3: r.origin.custom }; return r; }, 'origin.member.foreign keepaliveTimeout',
    'origin.member.foreign port', 'origin.member.foreign protocol', 'origin.member.foreign sslProtocols', 'origin.member.missing authMethod');
expect('oreq-half', 'origin-request-custom', (e) => { const r = request(e); delete r.origin.custom.readTimeout; delete r.origin.custom.customHeaders; return r; },
    'origin.member.missing readTimeout');
expect('oreq-identity', 'origin-request-custom', (e) => {
    const r = request(e), domainName = 'bucket.s3.eu-west-1.amazonaws.com';
    r.origin = { s3: { domainName, region: 'eu-west-1', authMethod: 'origin-access-identity', path: '', customHeaders: {} } };
    r.headers.host = header('Host', domainName);
    return r;
}, 'origin.identity *');
expect('oreq-custom-header', 'origin-request-custom', (e) => { const r = request(e); r.origin.custom.customHeaders.host = header('Host', 'a'); return r; }, 'origin.header.denied host');
expect('oreq-url', 'origin-request-custom', (e) => { const r = request(e); r.origin.custom.domainName = 'https://eu.example.net/'; r.headers.host = header('Host', 'https://eu.example.net/'); return r; },
    'origin.domain domainName');
expect('oreq-answer', 'origin-request-custom', () => ({ status: '200', headers: { 'content-type': header('Content-Type', 'image/png') }, body: Buffer.from([1, 2, 3]).toString('base64'), bodyEncoding: 'base64' }));
expect('oreq-answer-length', 'origin-request-custom', () => ({ status: '200', headers: { 'content-length': header('Content-Length', '2') }, body: 'ok' }), 'header.read-only.added content-length');
expect('oreq-answer-encoding', 'origin-request-custom', () => ({ status: '200', body: 'plain', bodyEncoding: 'base64' }), 'body.base64 body');
expect('oreq-answer-gzip', 'origin-request-custom', () => ({ status: '200', body: 'plain', bodyEncoding: 'gzip' }), 'body.encoding bodyEncoding');
expect('oreq-answer-big', 'origin-request-custom', () => ({ status: '200', body: 'x'.repeat(1048577) }), 'response.size body');

// --- origin-response
expect('ores-pass', 'origin-response-ok', (e) => response(e));
expect('ores-page', 'origin-response-404', (e) => { const r = response(e); r.status = '200'; r.statusDescription = 'OK'; r.body = '<p>here</p>'; return r; });
expect('ores-cookies', 'origin-response-ok', (e) => { const r = response(e); r.headers['set-cookie'] = [{ key: 'Set-Cookie', value: 'a=1' }, { key: 'Set-Cookie', value: 'b=2' }]; return r; });
expect('ores-request', 'origin-response-ok', (e) => request(e), 'result.kind -');
expect('ores-wrapped', 'origin-response-ok', (e) => ({ response: response(e) }), 'result.wrapped response');
expect('ores-via', 'origin-response-ok', (e) => { const r = response(e); r.headers.via = header('Via', 'me'); return r; }, '* via');
expect('ores-status-number', 'origin-response-404', (e) => { const r = response(e); r.status = 200; return r; }, 'status.number status');

// --- viewer-response
expect('vres-pass', 'viewer-response-page', (e) => response(e));
expect('vres-security', 'viewer-response-page', (e) => { const r = response(e); r.headers['strict-transport-security'] = header('Strict-Transport-Security', 'max-age=63072000'); return r; });
expect('vres-status', 'viewer-response-page', (e) => { const r = response(e); r.status = '404'; return r; }, 'status.changed status');
expect('vres-null', 'viewer-response-page', () => null, 'result.object -');
expect('vres-body', 'viewer-response-page', (e) => { const r = response(e); r.body = 'x'; return r; }, 'body.viewer-response body');

// --- CloudFront Functions
expect('f-vreq-pass', 'functions-viewer-request', (e) => e.request);
expect('f-vreq-rewrite', 'functions-viewer-request-multivalue', (e) => { e.request.uri += 'index.html'; e.request.querystring = { a: { value: '1' } }; e.request.cookies.seen = { value: '1' }; return e.request; });
expect('f-vreq-redirect', 'functions-viewer-request', () => ({ statusCode: 302, statusDescription: 'Found', headers: { location: { value: 'https://www.example.com/' } } }));
expect('f-vreq-event', 'functions-viewer-request', (e) => e, 'result.whole-event -');
expect('f-vreq-wrapped', 'functions-viewer-request', (e) => ({ request: e.request }), 'functions.result.wrapped request');
expect('f-vreq-test-function', 'functions-viewer-request', (e) => ({ TestResult: { FunctionErrorMessage: '',
    FunctionOutput: JSON.stringify({ request: { ...e.request, method: 'PUT' } }) } }),
    'functions.result.wrapped FunctionOutput', 'method.changed method');
expect('f-vreq-lambda-request', 'functions-viewer-request', () => request(read('viewer-request-page')), 'result.shape uri');
expect('f-vreq-lambda-answer', 'functions-viewer-request', () => ({ status: '302', headers: { location: header('Location', '/') } }), 'result.shape status');
expect('f-vreq-lambda-header', 'functions-viewer-request', (e) => { e.request.headers['x-a'] = header('X-A', '1'); return e.request; }, 'headers.item x-a');
expect('f-vreq-string-header', 'functions-viewer-request', (e) => { e.request.headers['x-a'] = '1'; return e.request; }, 'headers.item x-a');
expect('f-vreq-host', 'functions-viewer-request', (e) => { e.request.headers.host = { value: 'other.example.com' }; return e.request; }, 'functions.header.read-only.changed host');
expect('f-vreq-case', 'functions-viewer-request', () => ({ statusCode: 302, headers: { Location: { value: '/' } } }), 'functions.header.case location');
expect('f-vreq-status', 'functions-viewer-request', () => ({ statusCode: '302', headers: { location: { value: '/' } } }), 'status.type statusCode');
expect('f-vreq-cookie', 'functions-viewer-request', (e) => { e.request.headers.cookie = { value: 'a=1' }; return e.request; }, 'functions.header.cookie cookie');
expect('f-vreq-method', 'functions-viewer-request', (e) => { e.request.method = 'HEAD'; return e.request; }, 'method.changed method');
expect('f-vreq-undefined', 'functions-viewer-request', () => undefined, 'functions.result.object -');
expect('f-vres-pass', 'functions-viewer-response', (e) => e.response);
expect('f-vres-headers', 'functions-viewer-response', (e) => { e.response.headers['cache-control'] = { value: 'no-store' }; e.response.statusCode = 203; return e.response; });
expect('f-vres-set-cookie', 'functions-viewer-response', (e) => { e.response.headers['set-cookie'] = { value: 'a=1' }; return e.response; }, 'functions.header.cookie set-cookie');
expect('f-vres-via', 'functions-viewer-response', (e) => { e.response.headers.warning = { value: '199 - stale' }; return e.response; }, 'functions.header.read-only.added warning');
expect('f-vres-request', 'functions-viewer-response', (e) => e.request, 'result.kind -');
expect('f-vres-body', 'functions-viewer-response', (e) => { e.response.body = { encoding: 'base64', data: 'not base64' }; return e.response; }, 'body.base64 *');
console.log(count);
