"""The tests that run against each proxy; see proxy.py."""
import base64
import gzip
import json
import os
import random
import re
import socket
import threading
import time
from urllib.parse import quote

import proxy
from proxy import EVENTS, OQ, OS, TIMEOUT, VQ, VS, Cut, Failed, Viewer, chunked, do, expect, expect_in, head, origin, pattern, replace, sha256

tests = []
ALL = list(EVENTS)
FRESH = origin(cc='max-age=100')


def test(config, needs=None, rows=None):
    """Like proxy.test(); config may name several, separated by spaces."""

    def wrap(body):
        for name in config.split() or ['']:
            proxy.test(name, needs, rows, tests)(body)
        return body

    return wrap


def types(r):
    return [e.type for e in r.trace]


def event(r, name):
    found = [e for e in r.trace if e.type == name]
    expect('events of the kind %s' % name, len(found), 1)
    return found[0]


def ok(r, status=200):
    if r.status != status:
        raise Failed('status\n    expected: %d\n    got:      %d %s: %s' % (status, r.status, r.get('x-cache'), proxy.short(r.text)))
    return r


def arrived(r):
    """Returns the only request that reached an origin."""
    expect('requests at the origin (the answer is %d %s %s)' % (r.status, r.get('x-cache'), r.text[:300]), len(r.seen), 1)
    return r.seen[0]


def own(pairs, prefix='x-'):
    """Returns the headers that a test sent, without those that control handler and origin, as text."""
    text = [tuple(w if isinstance(w, str) else w.decode('latin-1') for w in pair) for pair in pairs]
    return [(n, v) for n, v in text if n.lower().startswith(prefix) and n.lower() not in ('x-do', 'x-test', 'x-origin') and not n.lower().startswith('x-amz-')
            and n.lower() not in ('x-real-ip', 'x-forwarded-for', 'x-cache')]


# ---- triggers

@test('lambda chain')
def order_miss(b):
    r = ok(b.ask())
    expect('triggers', types(r), ALL)
    expect('body', r.text, 'one %s 1' % r.id)
    expect('x-cache', r.get('x-cache'), 'Miss from cloudfront')
    arrived(r)


@test('lambda chain')
def order_hit(b):
    marks = [do(OS, 'set', 'X-OS', 'stored'), do(VS, 'set', 'X-VS', 'first')]
    first = ok(b.ask(FRESH, *marks))
    r = ok(b.ask(target='/' + first.id))
    expect('triggers', types(r), [VQ, VS])
    expect('requests at the origin', len(r.seen), 0)
    expect('body', r.body, first.body)
    expect('what origin-response set is stored', r.get('x-os'), 'stored')
    expect('what viewer-response set is not stored', (first.get('x-vs'), r.get('x-vs')), ('first', None))
    expect('x-cache', r.get('x-cache'), 'Hit from cloudfront')


@test('lambda chain')
def order_revalidated(b):
    first = ok(b.ask(origin(cc='max-age=1', etag='e1')))
    time.sleep(2.1)
    r = ok(b.ask(origin(cc='max-age=1', etag='e1'), target='/' + first.id))
    expect('triggers', types(r), ALL)
    expect('if-none-match at the origin', arrived(r).headers.get('if-none-match'), b'"e1"')
    expect('status in origin-response', event(r, OS)['status'], '304')
    expect('status in viewer-response', event(r, VS)['status'], '200')
    expect('body', r.body, first.body)
    expect('x-cache', r.get('x-cache'), 'RefreshHit from cloudfront')


@test('lambda')
def order_stale_and_changed(b):
    first = ok(b.ask(origin(cc='max-age=1', etag='e1')))
    time.sleep(2.1)
    r = ok(b.ask(origin(cc='max-age=1', etag='e2'), target='/' + first.id))
    expect('triggers', types(r), ALL)
    expect('body', r.text, 'one %s 1' % r.id)
    expect('etag', r.get('etag'), '"e2"')


@test('lambda chain', rows=[(str(s), s) for s in (400, 403, 404, 416, 500, 502, 503, 504)])
def order_origin_error(b, status):
    r = ok(b.ask(origin(status=status)), status)
    expect('triggers', types(r), [VQ, OQ, OS])
    expect('body', r.text, 'one %s 1' % r.id)
    expect('x-cache', r.get('x-cache'), 'Error from cloudfront')


@test('lambda chain')
def order_cached_404(b):
    first = ok(b.ask(origin(status=404, cc='max-age=100')), 404)
    r = ok(b.ask(target='/' + first.id), 404)
    expect('triggers of the hit', types(r), [VQ])
    expect('body', r.body, first.body)


@test('lambda chain')
def order_404_made_200(b):
    first = ok(b.ask(origin(status=404, cc='max-age=100'), do(OS, 'status', 200)))
    expect('triggers', types(first), [VQ, OQ, OS])
    r = ok(b.ask(target='/' + first.id))
    expect('triggers of the hit', types(r), [VQ])


@test('lambda')
def order_200_made_404(b):
    r = ok(b.ask(do(OS, 'status', 404)), 404)
    expect('triggers: the origin had answered 200', types(r), ALL)


@test('lambda chain', rows=[(str(s), s) for s in (200, 302, 401, 503)])
def order_generated_in_viewer_request(b, status):
    r = ok(b.ask(do(VQ, 'respond', status, 'made here')), status)
    expect('triggers', types(r), [VQ])
    expect('body', r.text, 'made here')
    expect('requests at the origin', len(r.seen), 0)
    functions = r.trace[0]['dialect'] == 'functions'
    expect('x-cache', r.get('x-cache'), 'FunctionGeneratedResponse from cloudfront' if functions else 'LambdaGeneratedResponse from cloudfront')
    again = ok(b.ask(target='/' + r.id))
    expect('triggers of the next request, which gets nothing of this', types(again), ALL)


@test('lambda chain')
def order_generated_in_origin_request(b):
    r = ok(b.ask(do(OQ, 'respond', 200, 'made here')))
    expect('triggers', types(r), [VQ, OQ, VS])
    expect('body', r.text, 'made here')
    expect('x-cache', r.get('x-cache'), 'MissGeneratedResponse from cloudfront')
    expect('requests at the origin', len(r.seen), 0)
    again = ok(b.ask(target='/' + r.id))
    expect('triggers of the next request: no-store was in it', types(again), ALL)


@test('lambda chain')
def order_generated_in_origin_request_is_cached(b):
    first = ok(b.ask(do(OQ, 'respond', 200, 'made here', 100)))
    r = ok(b.ask(target='/' + first.id))
    expect('triggers', types(r), [VQ, VS])
    expect('body', r.text, 'made here')
    expect('x-cache', r.get('x-cache'), 'Hit from cloudfront')


@test('lambda', rows=[(str(s), s) for s in (400, 404, 500)])
def order_generated_error_in_origin_request(b, status):
    first = ok(b.ask(do(OQ, 'respond', status, 'made here', 100)), status)
    expect('triggers', types(first), [VQ, OQ])
    r = ok(b.ask(target='/' + first.id), status)
    expect('triggers of the hit', types(r), [VQ])


@test('lambda chain', rows=[('%s %d %s' % (e, s, l), e, s, l) for e in (VQ, OQ) for s, l in ((301, 'https://www.example.com/a?b=%20c'), (302, '/path//x;y'),
                                                                                           (307, '/%C3%A4?q'))])
def redirect(b, where, status, location):
    r = ok(b.ask(do(where, 'redirect', status, location)), status)
    expect('location', r.get('location'), location)
    expect('body', r.body, b'')
    expect('requests at the origin', len(r.seen), 0)


@test('lambda')
def redirect_of_the_origin(b):
    r = ok(b.ask(origin(status=302, h='Location: /else//where?a=b')), 302)
    expect('location', r.get('location'), '/else//where?a=b')
    expect('triggers', types(r), ALL)


@test('lambda chain')
def not_modified_for_the_viewer(b):
    first = ok(b.ask(origin(cc='max-age=100', etag='e1')))
    r = ok(b.ask(('If-None-Match', '"e1"'), do(VS, 'set', 'X-VS', 'yes'), target='/' + first.id), 304)
    expect('triggers', types(r), [VQ, VS])
    expect('header of viewer-response', r.get('x-vs'), 'yes')
    expect('etag', r.get('etag'), '"e1"')
    other = ok(b.ask(('If-None-Match', '"e2"'), target='/' + first.id))
    expect('body', other.body, first.body)


@test('lambda')
def not_modified_on_a_miss(b):
    r = b.ask(origin(cc='max-age=100', etag='e1'), ('If-None-Match', '"e1"'))
    ok(r, 304)
    expect('triggers', types(r), ALL)
    expect('body', r.body, b'')


@test('lambda chain', needs='stored_head')
def head_miss_and_hit(b):
    first = ok(b.ask(FRESH, method='HEAD'))
    expect('triggers', types(first), ALL)
    expect('the method in the viewer\'s events', (event(first, VQ)['method'], event(first, VS)['method']), ('HEAD', 'HEAD'))
    r = ok(b.ask(method='HEAD', target='/' + first.id))
    expect('triggers of the hit', types(r), [VQ, VS])
    expect('length', r.length, first.length)
    plain = ok(b.ask(method='GET', target='/' + first.id))
    expect('length of GET', plain.length, len(plain.body))


@test('lambda chain', rows=[(e, e) for e in (VQ, OQ)])
def head_generated(b, where):
    with Viewer(b.proxy.address) as v:
        r = ok(b.ask_on(v, do(where, 'respond', 200, 'made here'), method='HEAD'))
        expect('length', r.length in (None, 9), True)
        after = ok(b.ask_on(v))
        expect('the next response on this connection', after.text, 'one %s 1' % after.id)


@test('lambda', rows=[(m, m) for m in ('POST', 'PUT', 'PATCH', 'DELETE')])
def method_with_body_is_not_cached(b, method):
    first = ok(b.ask(FRESH, method=method, body=b'payload'))
    expect('triggers', types(first), ALL)
    expect('the method', [e['method'] for e in first.trace] + [arrived(first).method.decode()], [method] * 5)
    expect('the body at the origin', arrived(first).body, b'payload')
    expect('the body in events', {e['body'] for e in first.trace}, {None})
    r = ok(b.ask(FRESH, method=method, body=b'payload', target='/' + first.id))
    expect('triggers of the second', types(r), ALL)


@test('lambda')
def options_passes(b):
    r = ok(b.ask(('Origin', 'https://a.example'), method='OPTIONS'))
    expect('triggers', types(r), ALL)
    expect('the method at the origin', arrived(r).method, b'OPTIONS')


@test('lambda chain', rows=[('%d in chunks of %d' % (n, c), n, c) for n, c in ((0, 10), (5, 1), (1000, 7), (100000, 4096))])
def put_chunked(b, n, size):
    r = ok(b.ask(method='PUT', body=pattern(n), chunks=size))
    expect('triggers', types(r), ALL)
    expect('length of the body at the origin', len(arrived(r).body), n)
    expect('the body', sha256(arrived(r).body), sha256(pattern(n)))


@test('lambda')
def large_upload(b):
    body = os.urandom(3000000)
    r = ok(b.ask(method='POST', body=body))
    expect('the body at the origin', sha256(arrived(r).body), sha256(body))


@test('lambda body')
def expect_continue(b):
    with Viewer(b.proxy.address) as v:
        key = b.new_id()
        v.send(head('POST', '/', [('Host', 'a.test'), ('X-Test', key), ('Expect', '100-continue'), ('Content-Length', '5')]))
        time.sleep(0.05)
        v.send(b'hello')
        expect('status', v.response().status, 200)
        expect('the body at the origin', b.one.seen(key)[0].body, b'hello')
        expect('Expect in events', {e.header('expect') for e in b.trace(key)}, {None})


@test('none')
def no_triggers(b):
    r = ok(b.ask(FRESH, ('X-A', '1')))
    expect('events', types(r), [])
    expect('headers at the origin', own(arrived(r).headers), [('X-A', '1')])
    expect('hit', ok(b.ask(target='/' + r.id)).body, r.body)


@test('request-only')
def triggers_for_requests_only(b):
    first = ok(b.ask(FRESH))
    expect('events', types(first), [VQ, OQ])
    expect('events of a hit', types(ok(b.ask(target='/' + first.id))), [VQ])


@test('viewer-only')
def triggers_for_viewers_only(b):
    first = ok(b.ask(FRESH))
    expect('events', types(first), [VQ, VS])
    expect('events of a hit', types(ok(b.ask(target='/' + first.id))), [VQ, VS])
    gone = ok(b.ask(origin(status=404, cc='max-age=100')), 404)
    expect('events of a 404', types(gone), [VQ])
    expect('events of its hit', types(ok(b.ask(target='/' + gone.id), 404)), [VQ])


# ---- contents of events

@test('lambda chain')
def request_id(b):
    r, other = b.ask(('X-Amz-Cf-Id', 'forged==')), b.ask()
    ids = [e.id for e in r.trace]
    expect('ids of four events', (len(ids), len(set(ids))), (4, 1))
    expect('the form of %s' % ids[0], bool(re.fullmatch('[A-Za-z0-9_-]{54}==', ids[0])), True)
    expect('another request has another', other.trace[0].id != ids[0], True)
    expect('the viewer gets it', r.all('x-amz-cf-id'), [ids[0]])


@test('lambda chain', rows=[('127.0.0.9', '127.0.0.9'), ('127.0.0.10', '127.0.0.10')])
def client_address(b, source):
    forged = [('X-Forwarded-For', '8.8.8.8'), ('X-Real-IP', '9.9.9.9'), ('CloudFront-Viewer-Address', '7.7.7.7:77'), ('Forwarded', 'for=6.6.6.6')]
    r = ok(b.ask(*forged, source=source))
    expect('client address', [e['client-ip'] for e in r.trace], [source] * 4)
    expect('CloudFront-Viewer-Address at origin-request', event(r, OQ).header('cloudfront-viewer-address'), '%s:%d' % (source, r.name[1]))


@test('lambda')
def client_address_v6(b):
    if b.proxy.address6:
        r = ok(b.ask(address=b.proxy.address6))
        expect('client address', [e['client-ip'] for e in r.trace], ['::1'] * 4)
        expect('CloudFront-Viewer-Address', event(r, OQ).header('cloudfront-viewer-address'), '::1:%d' % r.name[1])


MOBILE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1'
FORGED = [('CloudFront-Viewer-Country', 'XX'), ('cloudfront-is-mobile-viewer', 'forged'), ('CloudFront-Viewer-Country', 'YY'), ('CloudFront-Other', 'own')]
SUPPLIED = {'CloudFront-Viewer-Country': 'DE', 'CloudFront-Viewer-City': 'Berlin', 'CloudFront-Is-Mobile-Viewer': 'true',
            'CloudFront-Is-Desktop-Viewer': 'false', 'CloudFront-Is-IOS-Viewer': 'true', 'CloudFront-Is-Android-Viewer': 'false',
            'CloudFront-Is-SmartTV-Viewer': 'false', 'CloudFront-Is-Tablet-Viewer': 'false', 'CloudFront-Viewer-Http-Version': '1.1',
            'CloudFront-Forwarded-Proto': 'http'}


@test('lambda chain')
def cloudfront_headers_at_the_origin_side(b):
    r = ok(b.ask(('User-Agent', MOBILE), *FORGED))
    for name, value in SUPPLIED.items():
        expect('%s in origin-request' % name, event(r, OQ).header(name), value)
        expect('%s at the origin' % name, arrived(r).headers.get(name.lower()), value.encode())


@test('lambda')
def cloudfront_headers_lambda_sees_the_viewers(b):
    r = ok(b.ask(('User-Agent', MOBILE), *FORGED))
    seen = [(n.lower(), v) for n, v in event(r, VQ).request if n.lower().startswith('cloudfront-')]
    expect('viewer-request', sorted(seen), sorted((n.lower(), v) for n, v in FORGED))
    seen = [(n.lower(), v) for n, v in event(r, VS).request if n.lower().startswith('cloudfront-')]
    expect('viewer-response', sorted(seen), sorted((n.lower(), v) for n, v in FORGED))


@test('chain')
def cloudfront_headers_functions_see_cloudfronts(b):
    r = ok(b.ask(('User-Agent', MOBILE), *FORGED))
    for kind in (VQ, VS):
        for name, value in SUPPLIED.items():
            expect('%s in %s' % (name, kind), event(r, kind).header(name), value)


@test('lambda')
def cloudfront_headers_of_an_edited_user_agent(b):
    """CloudFront derives its headers from the received User-Agent, not from the edited one."""
    r = ok(b.ask(('User-Agent', MOBILE), do(VQ, 'set', 'User-Agent', 'none')))
    expect('mobile', event(r, OQ).header('cloudfront-is-mobile-viewer'), 'true')
    expect('user-agent', arrived(r).headers.get('user-agent'), b'none')


@test('plain')
def cloudfront_headers_switched_off(b):
    r = ok(b.ask(('User-Agent', MOBILE)))
    expect('in events', [n for e in r.trace for n, _ in e.request if n.lower().startswith('cloudfront-')], [])
    expect('at the origin', [n for n in arrived(r).headers.names() if n.startswith('cloudfront-')], [])


@test('lambda chain')
def environment(b):
    r = ok(b.ask())
    for e in r.trace:
        expect('distribution in ' + e.type, (e['domain'], e['distribution']), ('d111111abcdef8.cloudfront.net', 'EDFDVBD6EXAMPLE'))
        expect('the clock in %s, about' % e.type, abs(int(e['now']) - time.time()) < 5, True)
        expect('a draw in ' + e.type, e['draw'], 'true')
        expect('random bytes in ' + e.type, len(e['random']), 43)
    expect('random bytes of each event', len({e['random'] for e in r.trace}), len(r.trace))


@test('lambda chain', rows=[(e, e) for e in EVENTS])
def tables(b, where):
    asked = [('kv', 'color', 'blue'), ('kv', 'animal', 'a "quoted" cat; $x'), ('secret', 'key', 's3cret'), ('kv', 'key', 'absent'), ('no', 'color', 'absent')]
    r = ok(b.ask(*[do(where, 'lookup', t, k, 'X-L%d' % i) for i, (t, k, _) in enumerate(asked)]))
    headers = arrived(r).headers if where in (VQ, OQ) else r.headers
    for i, (t, k, value) in enumerate(asked):
        expect('%s %s' % (t, k), headers.get('x-l%d' % i), value.encode())


@test('lambda', rows=[(e, e) for e in EVENTS])
def secrets_are_masked(b, where):
    before = len(b.proxy.log())
    r = b.ask(do(where, 'log', 'it-is-s3cret!'), do(where, 'reason', 'with-s3cret'))
    time.sleep(0.05)
    text = b.proxy.log()[before:] + r.body.decode()
    expect('the page', (r.status, 'with-******' in text), (503, True))
    expect('the log', 'it-is-******!' in text, True)
    expect('the secret', 's3cret' in text, False)


def issuer_of(case):
    return json.loads(base64.urlsafe_b64decode(case['token'].split('.')[1] + '=='))['iss']


def checked(b, case, where=VQ):
    r = ok(b.ask(do(where, 'token'), ('X-Token', case['token'])))
    return arrived(r).headers.get('x-value').decode()


@test('tokens')
def tokens_signed_with_keys_of_a_jwks(b):
    known = [issuer for _, issuer, _ in b.current.tables]
    cases = [case for case in b.tokens['cases'] if not case['ok'] or issuer_of(case) in known]
    expect('cases', len([case for case in cases if case['ok']]), 5)
    for case in cases:
        expect(case['name'], checked(b, case), 'valid' if case['ok'] else case['why'])
        if case['ok']:
            expect(case['name'] + ' in origin-request', checked(b, case, OQ), 'valid')


@test('chain')
def tokens_without_a_jwks(b):
    r = b.ask(do(VQ, 'token'), ('X-Token', b.tokens['cases'][0]['token']))
    expect('status', r.status, 503)


@test('')
def keys_of_a_jwks_replaced_and_reloaded(b):
    rotated = b.tokens['rotated']
    before = [one['jwks'] for one in b.tokens['sets'] if one['issuer'] == rotated['issuer']][0]
    old, new = ([c for c in b.tokens['cases'] if c['name'] == name][0] for name in ('RS256, a key of 3072 bits', rotated['passes']))
    b.start(b.config(tables=[('jwks', rotated['issuer'], b.jwks('rotated.json', before))]))
    expect('before', (checked(b, old), checked(b, new)), ('valid', 'the signature is wrong'))
    b.jwks('rotated.json', rotated['jwks'])
    expect('the file is new, the server was not told', (checked(b, old), checked(b, new)), ('valid', 'the signature is wrong'))
    b.proxy.reload()
    expect('after', (checked(b, old), checked(b, new)), ('the signature is wrong', 'valid'))
    expect('complaints', b.proxy.stop(), [])


@test('')
def refuses_a_jwks_without_usable_keys(b):
    issuer = 'https://id.example.com'
    for one in b.tokens['unusable'][-2:]:
        with open(os.path.join(b.build, 'unusable.json'), 'w') as f:
            f.write(one['text'])
        refused(b, b.config(tables=[('jwks', issuer, os.path.join(b.build, 'unusable.json'))]), 'table jwks: ' + issuer)
    refused(b, b.config(tables=[('jwks', issuer, os.path.join(b.build, 'nowhere.json'))]), 'nowhere.json: No such file')
    refused(b, b.config(tables=[('jwks', issuer, '{"keys":[]}')]), 'table jwks: ' + issuer)


@test('lambda')
def origin_in_events(b):
    r = ok(b.ask())
    expect('viewer-request', event(r, VQ)['origin'], 'none')
    for kind in (OQ, OS):
        e = event(r, kind)
        expect(kind, (e['origin'], e['origin-domain'], e['origin-port'], e['origin-path']), ('custom', 'one.test', str(b.one.port), ''))
    expect('Host in viewer-request', event(r, VQ).header('host'), 'www.example.test')
    expect('Host in origin-request', event(r, OQ).header('host'), 'one.test')


@test('s3')
def origin_in_events_s3(b):
    r = b.ask()
    e = event(r, OQ)
    expect('origin', (e['origin'], e['origin-domain']), ('s3', 'bucket.test'))
    expect('Host', e.header('host'), 'bucket.test')


@test('path', rows=[('plain', '/x/y', b'/base/x/y'), ('raw', '/%2F//;+%e4?a=%20', b'/base/%2F//;+%e4?a=%20'), ('root', '/', b'/base/')])
def origin_path(b, target, want):
    r = ok(b.ask(target=target))
    expect('target at the origin', arrived(r).target, want)
    expect('uri in origin-request', event(r, OQ)['uri'], target.partition('?')[0])
    expect('origin path', event(r, OQ)['origin-path'], '/base')


HIDDEN = [('Proxy-Connection', 'keep-alive'), ('X-Edge-Foo', 'a'), ('X-Amz-Cf-Bar', 'b'), ('X-Real-IP', '1.2.3.4'), ('X-Forwarded-Proto', 'https'),
          ('X-Cache', 'c'), ('Proxy-Authorization', 'Basic eDp5'), ('X-Amzn-RequestId', 'd'), ('Keep-Alive', 'timeout=1'), ('X-Accel-Redirect', '/e')]


@test('lambda chain')
def hidden_headers_of_requests(b):
    r = ok(b.ask(('Connection', 'keep-alive'), *HIDDEN))
    names = {n.lower() for n, _ in HIDDEN} | {'connection'}
    for e in r.trace:
        expect('in ' + e.type, [n for n, _ in e.request if n.lower() in names], [])


@test('lambda chain')
def hidden_headers_of_responses(b):
    bad = [('X-Cache', 'origin'), ('X-Amz-Cf-Pop', 'a'), ('Keep-Alive', 'timeout=5'), ('X-Edge-Foo', 'b'), ('X-Amzn-RequestId', 'c'),
           ('Proxy-Authenticate', 'Basic')]
    r = ok(b.ask(('X-Origin', ' '.join('h=' + quote('%s: %s' % h) for h in bad))))
    names = {n.lower() for n, _ in bad} | {'connection'}
    for e in r.trace:
        expect('in ' + e.type, [n for n, _ in e.response if n.lower() in names], [])
    expect('x-cache for the viewer', r.get('x-cache'), 'Miss from cloudfront')


@test('lambda chain')
def hidden_headers_stay(b):
    """Headers that are hidden from functions are kept when functions edit the others."""
    edits = [do(e, *o) for e in EVENTS for o in (('set', 'X-A', e), ('remove', 'X-B'))]
    r = ok(b.ask(('X-A', '1'), ('X-B', '2'), ('X-Amzn-RequestId', 'r'), origin('h=X-Amzn-RequestId:a', 'h=X-Edge-Foo:b', 'h=X-B:c'),
                 *[e for e in edits if e[1] != OQ + ' remove X-B' and e[1] != VS + ' remove X-B']))
    expect('at the origin', [arrived(r).headers.get(n) for n in ('x-amzn-requestid', 'x-a', 'x-b')], [b'r', b'origin-request', None])
    expect('for the viewer', [r.get(n) for n in ('x-amzn-requestid', 'x-edge-foo', 'x-a', 'x-b')], ['a', 'b', 'viewer-response', None])


@test('unchecked', rows=[('%s %s' % (e, n), e, n, v) for e in (VQ, OQ) for n, v in HIDDEN[1:8]])
def hidden_headers_are_never_set_in_requests(b, where, name, value):
    r = b.ask(do(where, 'set', name, 'forced-' + value))
    for s in r.seen:
        expect('at the origin', [v for v in s.headers.all(name) if b'forced' in v], [])


@test('unchecked', rows=[('%s %s' % (e, n), e, n) for e in (OS, VS) for n in ('X-Cache', 'Connection', 'Keep-Alive', 'X-Edge-Foo', 'X-Amz-Cf-Pop',
                                                                              'Upgrade', 'Trailer')])
def hidden_headers_are_never_set_in_responses(b, where, name):
    r = b.ask(do(where, 'set', name, 'forced'))
    expect('for the viewer', [v for v in r.all(name) if 'forced' in v], [])


@test('lambda')
def headers_in_order(b):
    sent = [('X-B', '2'), ('x-a', '1'), ('X-C', ''), ('X-b', 'two'), ('X-A', 'one, more'), ('X-D', 'a"\\b'), ('X-B', '')]
    r = ok(b.ask(*sent))
    expect('at the origin', own(arrived(r).headers), sent)
    for kind in (VQ, OQ):
        e = event(r, kind)
        for name in ('x-a', 'x-b', 'x-c', 'x-d'):
            expect('%s in %s' % (name, kind), [(n, v) for n, v in e.request if n.lower() == name], [(n, v) for n, v in sent if n.lower() == name])


@test('lambda chain')
def response_headers_in_order(b):
    sent = [('X-B', '2'), ('X-a', '1'), ('X-B', 'two'), ('X-A', 'one, more'), ('X-Quote', 'a"\\b')]
    cookies = [('Set-Cookie', 'a=1; Path=/'), ('Set-Cookie', 'b=2'), ('Set-Cookie', 'a=3')]
    r = ok(b.ask(('X-Origin', ' '.join('h=' + quote('%s: %s' % h) for h in sent + cookies))))
    expect('for the viewer', own(r.headers), sent)
    expect('cookies', r.all('set-cookie'), [v for _, v in cookies])
    for name in ('x-a', 'x-b'):
        expect('%s in origin-response' % name, [(n, v) for n, v in event(r, OS).response if n.lower() == name], [(n, v) for n, v in sent if n.lower() == name])
    expect('cookies in origin-response', event(r, OS).header('set-cookie', 'response'), 'a=1; Path=/ + b=2 + a=3')


@test('lambda')
def response_in_events(b):
    r = ok(b.ask(origin(status=203, reason='Odd Words', h='X-A: 1')), 203)
    for kind in (OS, VS):
        e = event(r, kind)
        expect('status in ' + kind, e['status'], '203')
        expect('header in ' + kind, e.header('x-a', 'response'), '1')
        expect('content-type in ' + kind, e.header('content-type', 'response'), 'text/plain')
        expect('cache-control in ' + kind, e.header('cache-control', 'response'), 'no-store')
    expect('reason in origin-response', event(r, OS)['status-text'], 'Odd Words')
    expect('length in origin-response', event(r, OS).header('content-length', 'response'), str(len(r.body)))


@test('lambda chain')
def response_in_events_chunked(b):
    """Functions see Transfer-Encoding, which is read-only, if the origin sent it."""
    e = event(ok(b.ask(origin('chunked'))), OS)
    expect('transfer-encoding, content-length', (e.header('transfer-encoding', 'response'), e.header('content-length', 'response')), ('chunked', None))


@test('lambda')
def request_of_response_events(b):
    """In origin-response the request is the one sent to the origin."""
    r = ok(b.ask(do(OQ, 'uri', '/new'), do(OQ, 'set', 'X-New', '1'), target='/old?q=1'))
    expect('uri in origin-response', event(r, OS)['uri'], '/new')
    expect('header in origin-response', event(r, OS).header('x-new'), '1')
    expect('uri in viewer-response', event(r, VS)['uri'], '/old')
    expect('query in viewer-response', event(r, VS)['query'], 'q=1')


# ---- request edits

TARGETS = ['/', '/a%2Fb', '/a%2fb', '/%e4', '/%C3%A4%20x', '/double//x', '/a;b=1;c', '/a+b?c+d', '/x??a', '/x?a=b?c', '/a/../b', '/./a/.',
           '/a%2e%2e/b', '/x%3Fy', '/a%23b', '/a|b"c<d>', '/x?a=%zz&b=%', '/~a!$&\'()*,=:@', '/x?a=1&a=1&&b', '/x?=', '/%25%32%35', '/a\\b',
           b'/raw\xe4\xff?q=\xe4\xff', '/x?a=/../b', '/a?b', '/[a]{b}`^']


@test('lambda chain', rows=[(repr(t), t) for t in TARGETS])
def target_is_kept(b, target):
    kept_target(b, target)


@test('lambda chain', needs='raw_target', rows=[(repr(t), t) for t in ('//double//x', '/x?')])
def odd_target_is_kept(b, target):
    kept_target(b, target)


def kept_target(b, target):
    r = ok(b.ask(target=target))
    raw = target if isinstance(target, bytes) else target.encode()
    uri, _, query = (getattr(b.proxy, 'shows', bytes)(part) for part in raw.partition(b'?'))  # the target may not be UTF-8
    chain = event(r, VQ)['dialect'] == 'functions'
    for kind in ALL:
        expect('uri in ' + kind, event(r, kind)['uri'], uri.decode('latin-1'))
        if not (chain and kind in (VQ, VS)):
            expect('query in ' + kind, event(r, kind)['query'], query.decode('latin-1'))
    expect('target at the origin', arrived(r).target, raw)


@test('lambda')
def target_absolute(b):
    r = ok(b.ask(target='http://www.example.test/a%2Fb?c'))
    expect('uri and query', (event(r, VQ)['uri'], event(r, VQ)['query']), ('/a%2Fb', 'c'))
    expect('target at the origin', arrived(r).target, b'/a%2Fb?c')


EDITS = [  # name, edits, sent target, target at the origin
    ('uri', [('uri', '/new')], '/old', b'/new'),
    ('uri, query stays', [('uri', '/new')], '/old?a=%20b&c', b'/new?a=%20b&c'),
    ('uri, raw', [('uri', '/a%2Fb//c;x+y/%e4/../')], '/old?q', b'/a%2Fb//c;x+y/%e4/../?q'),
    ('uri, not ASCII', [('uri', b'/\xc3\xa4')], '/old', b'/\xc3\xa4'),
    ('uri, of a raw one', [('uri', '/new')], '//old%2F/../x?a', b'/new?a'),
    ('query', [('query', 'z=1&y=%2F+;')], '/p%2F?a=1', b'/p%2F?z=1&y=%2F+;'),
    ('query, where none was', [('query', 'z=1')], '/p%2F', b'/p%2F?z=1'),
    ('query, emptied', [('query', '')], '/p%2F?a=1', b'/p%2F'),
    ('query and uri', [('query', 'b'), ('uri', '/n')], '/p?a=1', b'/n?b'),
    ('parameter', [('parameter', 'a', '3')], '/p?x=%zz&a=1&b=2&a=2', b'/p?x=%zz&a=3&b=2'),
    ('long uri', [('uri', '/' + 'u' * 5000)], '/p', b'/' + b'u' * 5000),
]


@test('lambda', rows=[('%s in %s' % (n, e), e, o, t, w) for n, o, t, w in EDITS for e in (VQ, OQ)])
def target_edit(b, where, orders, target, want):
    r = ok(b.ask(*[do(where, *o) for o in orders], target=target))
    expect('target at the origin', arrived(r).target, want)
    if where == VQ:
        expect('uri in origin-request', event(r, OQ)['uri'].encode('latin-1'), want.partition(b'?')[0])
        expect('query in origin-request', event(r, OQ)['query'].encode('latin-1'), want.partition(b'?')[2])


@test('chain', rows=[(n, o, t, w) for n, o, t, w in EDITS])
def target_edit_by_functions(b, orders, target, want):
    r = ok(b.ask(*[do(VQ, *o) for o in orders], target=target))
    expect('target at the origin', arrived(r).target, want)


@test('lambda', rows=[(m, m) for m in ('POST', 'HEAD', 'OPTIONS')])
def target_edit_with_method(b, method):
    r = ok(b.ask(do(VQ, 'uri', '/n1'), do(OQ, 'query', 'z'), method=method, body=b'abc' if method == 'POST' else None))
    expect('target', arrived(r).target, b'/n1?z')


SENT = [('X-A', '1'), ('X-B', 'first'), ('x-b', 'second'), ('X-C', '3')]
HEADER_EDITS = [  # name, edits, headers at the origin
    ('none', [], SENT),
    ('set', [('set', 'X-A', 'new')], [('X-A', 'new')] + SENT[1:]),
    ('set what is not there', [('set', 'X-New', 'n')], SENT + [('X-New', 'n')]),
    ('set one of two', [('set', 'X-B', 'only')], [SENT[0], ('X-B', 'only'), SENT[3]]),
    ('set empty', [('set', 'X-A', '')], [('X-A', '')] + SENT[1:]),
    ('add', [('add', 'X-C', 'four')], SENT + [('X-C', 'four')]),
    ('add twice', [('add', 'X-New', 'a'), ('add', 'X-New', 'b')], SENT + [('X-New', 'a'), ('X-New', 'b')]),
    ('remove', [('remove', 'X-A')], SENT[1:]),
    ('remove two', [('remove', 'X-B')], [SENT[0], SENT[3]]),
    ('remove and set', [('remove', 'X-B'), ('set', 'X-B', 'again')], None),
    ('UTF-8', [('set', 'X-A', b'\xc3\xa4')], [('X-A', '\xc3\xa4')] + SENT[1:]),
    ('long', [('fill', 'X-A', 6000)], [('X-A', pattern(6000).decode())] + SENT[1:]),
]


@test('lambda', rows=[('%s in %s' % (n, e), e, o, w) for n, o, w in HEADER_EDITS for e in (VQ, OQ)])
def request_header_edit(b, where, orders, want):
    r = ok(b.ask(*SENT, *[do(where, *o) for o in orders]))
    got = own(arrived(r).headers)
    if want is None:
        expect('values of X-B', [v for n, v in got if n.lower() == 'x-b'], ['again'])
    else:
        expect('headers at the origin', got, want)
    if where == VQ:
        expect('headers in origin-request', sorted(own(event(r, OQ).request)), sorted(got))


@test('chain', rows=[(n, o, w) for n, o, w in HEADER_EDITS])
def request_header_edit_by_functions(b, orders, want):
    r = ok(b.ask(*SENT, *[do(VQ, *o) for o in orders]))
    got = own(arrived(r).headers)
    expect('headers at the origin, in any order and case', sorted((n.lower(), v) for n, v in got),
           sorted((n.lower(), v) for n, v in want) if want else sorted((n.lower(), v) for n, v in [SENT[0], ('x-b', 'again'), SENT[3]]))


KNOWN = [('User-Agent', 'ua'), ('Accept', '*/*'), ('Referer', 'http://r.test/'), ('Authorization', 'Basic eDp5'), ('Accept-Language', 'de'),
         ('Cookie', 'a=1; b=2'), ('Origin', 'https://o.test'), ('X-Forwarded-For', '8.8.8.8'), ('Range', 'bytes=0-1'), ('If-Match', '"a"'),
         ('Content-Type', 'text/x'), ('Pragma', 'no-cache'), ('Cache-Control', 'max-age=0'), ('TE', 'trailers'), ('Date', 'Sun, 06 Nov 1994 08:49:37 GMT'),
         ('DNT', '1')]


@test('lambda chain', rows=[('%s %s' % (n, e), e, n, v) for e in (VQ, OQ) for n, v in KNOWN if n not in ('Range', 'TE', 'If-Match')])  # caches interpret these
def known_header_set_and_removed(b, where, name, value):
    """Headers that a server parses into its own structures are set and removed like others."""
    if name == 'Cookie' and event(b.ask(), where)['dialect'] == 'functions':
        return  # covered by another test
    r = b.ask((name, value), do(where, 'remove', name))
    expect('removed: at the origin', arrived(r).headers.get(name), None)
    r = b.ask((name, value), do(where, 'set', name, 'new'))
    expect('set: at the origin', arrived(r).headers.get(name), b'new')
    r = b.ask(do(where, 'set', name, 'new'))
    expect('added: at the origin', arrived(r).headers.get(name), b'new')


@test('lambda chain')
def known_headers_are_kept(b):
    known = [(n, v) for n, v in KNOWN if n not in ('TE', 'If-Match', 'Range')]
    r = ok(b.ask(*known))
    for name, value in known:
        expect(name + ' at the origin', arrived(r).headers.get(name), value.encode())


@test('lambda chain', rows=[('one goes', [('uncookie', 'a')], b'b=2; c=3'), ('one new', [('cookie', 'd', '4')], b'a=1; b=2; c=3; d=4'),
                            ('one set', [('cookie', 'b', 'x')], b'a=1; b=x; c=3'), ('all go', [('uncookie', 'a'), ('uncookie', 'b'), ('uncookie', 'c')], None)])
def request_cookies(b, orders, want):
    r = ok(b.ask(('Cookie', 'a=1; b=2; c=3'), *[do(VQ, *o) for o in orders]))
    expect('cookie at the origin', arrived(r).headers.get('cookie'), want)


@test('lambda chain')
def request_cookies_in_two_headers(b):
    r = ok(b.ask(('Cookie', 'a=1'), ('Cookie', 'b=2')))
    expect('cookies in viewer-request', event(r, VQ).cookies, [('a', '1'), ('b', '2')])
    at = b'; '.join(arrived(r).headers.all('cookie'))
    expect('at the origin', at, b'a=1; b=2')


@test('lambda')
def host_of_the_origin(b):
    r = ok(b.ask(do(OQ, 'set', 'Host', 'other.example')))
    expect('host at the origin', arrived(r).headers.all('host'), [b'other.example'])
    r = ok(b.ask())
    expect('host at the origin is what origin-request was shown', arrived(r).headers.all('host'), [event(r, OQ).header('host').encode()])


@test('lambda')
def origin_custom_headers(b):
    r = ok(b.ask(do(OQ, 'origin-header', 'X-Custom', 'c'), do(OQ, 'origin-header', 'X-Custom2', 'd')))
    expect('at the origin', own(arrived(r).headers), [('X-Custom', 'c'), ('X-Custom2', 'd')])
    expect('in origin-response, among the origin\'s', event(r, OS).header('x-custom', 'origin'), 'c')


@test('lambda')
def origin_switch(b):
    r = ok(b.ask(do(OQ, 'origin', 'two.test', b.two.port), target='/a%2Fb?c'))
    expect('origin', arrived(r).origin, 'two')
    expect('target', arrived(r).target, b'/a%2Fb?c')
    expect('host', arrived(r).headers.all('host'), [b'two.test'])
    expect('origin in origin-response', (event(r, OS)['origin-domain'], event(r, OS)['origin-port']), ('two.test', str(b.two.port)))
    expect('body', r.text, 'two %s 1' % r.id)
    r = ok(b.ask(do(OQ, 'origin', 'two.test', b.two.port, '/base'), do(OQ, 'uri', '/x%2F'), do(OQ, 'origin-header', 'X-C', '1'), target='/a?c'))
    expect('target with a path', arrived(r).target, b'/base/x%2F?c')
    expect('custom header', own(arrived(r).headers), [('X-C', '1')])


@test('lambda', needs='tls')
def origin_switch_to_https(b):
    if b.tls:
        r = ok(b.ask(do(OQ, 'origin-https', 'tls.test', b.tls.port, '/base'), method='PUT', body=b'abc', target='/a%2Fb?c'))
        expect('origin, target, body', (arrived(r).origin, arrived(r).target, arrived(r).body), ('tls', b'/base/a%2Fb?c', b'abc'))
        expect('host', arrived(r).headers.all('host'), [b'tls.test'])
        expect('body', r.text, 'tls %s 1' % r.id)


@test('lambda')
def origin_switch_of_a_post(b):
    r = ok(b.ask(do(OQ, 'origin', 'two.test', b.two.port), method='POST', body=pattern(70000)))
    expect('origin', arrived(r).origin, 'two')
    expect('body at the origin', sha256(arrived(r).body), sha256(pattern(70000)))


@test('lambda')
def origin_members_assigned(b):
    r = ok(b.ask(do(OQ, 'origin-domain', 'else.test'), do(OQ, 'origin-port', b.two.port), do(OQ, 'origin-path', '/p')))
    expect('origin', arrived(r).origin, 'two')
    expect('target', arrived(r).target, b'/p/' + r.id.encode())


@test('lambda')
def origin_that_does_not_exist(b):
    r = b.ask(do(OQ, 'origin', 'nowhere.invalid', 8080))
    expect('status', r.status in (502, 503, 504), True)
    expect('triggers', types(r), [VQ, OQ])


# ---- cache

@test('lambda chain')
def cache_key_by_query(b):
    first = ok(b.ask(FRESH, do(VQ, 'normalize'), target='/' + b.new_id() + '?b=2&a=1'))
    r = ok(b.ask(FRESH, do(VQ, 'normalize'), target=first.seen[0].target.split(b'?')[0] + b'?a=1&b=2'))
    expect('triggers', types(r), [VQ, VS])
    expect('body', r.body, first.body)
    other = ok(b.ask(FRESH, do(VQ, 'normalize'), target=first.seen[0].target.split(b'?')[0] + b'?a=1&b=3'))
    expect('triggers of another query', types(other), ALL)


@test('lambda chain')
def cache_key_by_uri(b):
    key = b.new_id()
    first = ok(b.ask(FRESH, do(VQ, 'uri', '/same' + key), target='/one'))
    r = ok(b.ask(FRESH, do(VQ, 'uri', '/same' + key), target='/two'))
    expect('triggers', types(r), [VQ, VS])
    expect('body', r.body, first.body)


@test('lambda')
def cache_key_not_by_origin_request(b):
    key = b.new_id()
    first = ok(b.ask(FRESH, do(OQ, 'uri', '/other' + key), target='/' + key))
    expect('triggers of the same', types(ok(b.ask(target='/' + key))), [VQ, VS])
    expect('triggers of the other', types(ok(b.ask(target='/other' + key))), ALL)


@test('lambda')
def cache_control_of_origin_response(b):
    first = ok(b.ask(do(OS, 'set', 'Cache-Control', 'max-age=100')))
    expect('now fresh', types(ok(b.ask(target='/' + first.id))), [VQ, VS])
    first = ok(b.ask(FRESH, do(OS, 'set', 'Cache-Control', 'no-store')))
    expect('now not kept', types(ok(b.ask(target='/' + first.id))), ALL)
    first = ok(b.ask(FRESH, do(VS, 'set', 'Cache-Control', 'no-store')))
    expect('kept, whatever viewer-response says', types(ok(b.ask(target='/' + first.id))), [VQ, VS])
    expect('cache-control', first.get('cache-control'), 'no-store')


@test('lambda')
def cache_and_post(b):
    first = ok(b.ask(FRESH))
    r = ok(b.ask(method='POST', body=b'x', target='/' + first.id))
    expect('triggers', types(r), ALL)


@test('lambda chain')
def cache_keeps_large(b):
    first = ok(b.ask(origin(size=3000000, cc='max-age=100')))
    r = ok(b.ask(target='/' + first.id))
    expect('triggers', types(r), [VQ, VS])
    expect('body', (len(r.body), sha256(r.body)), (3000000, sha256(pattern(3000000))))


@test('lambda')
def cache_range(b):
    first = ok(b.ask(origin(size=3000, cc='max-age=100', h='Accept-Ranges: bytes')))
    r = ok(b.ask(('Range', 'bytes=100-199'), target='/' + first.id), 206)
    expect('body', r.body, pattern(3000)[100:200])
    expect('triggers', types(r), [VQ, VS])


@test('lambda', needs='cache_lock')
def cache_one_of_many_asks(b):
    """Many parallel requests miss the cache: they share a response or get one each, and the viewer triggers run for every request."""
    target, got = '/' + b.new_id(), []

    def run():
        got.append(b.ask(origin(cc='max-age=100', delay=0.1), target=target))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    expect('statuses', [r.status for r in got], [200] * 8)
    expect('each has viewer-request and viewer-response', [(types(r)[0], types(r)[-1]) for r in got], [(VQ, VS)] * 8)
    expect('requests at the origin', sum(len(r.seen) for r in got), 1)


@test('uncached')
def uncached(b):
    first = ok(b.ask(FRESH))
    expect('events of the second request', types(ok(b.ask(target='/' + first.id))), ALL)
    r = ok(b.ask(origin(etag='e1'), ('If-None-Match', '"e1"'), do(OS, 'set', 'X-OS', '1'), do(VS, 'set', 'X-VS', '1')), 304)
    expect('events of a 304', types(r), ALL)
    expect('If-None-Match, X-OS, X-VS', (arrived(r).headers.get('if-none-match'), r.get('x-os'), r.get('x-vs')), (b'"e1"', '1', '1'))
    r = ok(b.ask(('Range', 'bytes=0-3'), origin(status=206, body='abcd', h='Content-Range: bytes 0-3/100')), 206)
    expect('range at the origin, answer', (arrived(r).headers.get('range'), r.get('content-range'), r.text), (b'bytes=0-3', 'bytes 0-3/100', 'abcd'))
    with Viewer(b.proxy.address) as v:
        r = ok(b.ask_on(v, method='HEAD'))
        expect('methods', {e['method'] for e in r.trace} | {arrived(r).method.decode()}, {'HEAD'})
        expect('body of the next', ok(b.ask_on(v, do(OS, 'body', 'new'), origin(size=100000))).text, 'new')
        r = ok(b.ask_on(v, origin(status=304), do(OS, 'status', 200), do(OS, 'body', 'new')))
        expect('a 304 made 200', r.text, 'new')
        r = ok(b.ask_on(v, origin(status=204), do(OS, 'status', 200), do(OS, 'body', 'new')))
        expect('a 204 made 200', r.text, 'new')
        r = ok(b.ask_on(v, do(VQ, 'fail'), method='PUT', body=pattern(100000), chunks=5000), 503)
        expect('the next', ok(b.ask_on(v, method='POST', body=b'abc')).text.split()[0], 'one')


# ---- request bodies

SIZES = [0, 1, 100, 16384, 16385, 40959, 40960, 40961, 100000, 1048576, 1048577]


@test('body', rows=[('%d%s' % (n, ' chunked' if c else ''), n, c) for n in SIZES for c in (0, 4000) if n < 200000 or not c])
def body_shown(b, n, chunks):
    body = (bytes(range(256)) * (n // 256 + 1))[:n]
    r = ok(b.ask(method='POST', body=body, chunks=chunks))
    expect('body at the origin', (len(arrived(r).body), sha256(arrived(r).body)), (n, sha256(body)))
    for kind, limit in ((VQ, 40960), (OQ, 1048576)):
        e = event(r, kind)
        if n == 0 and e['body-len'] is None:
            continue
        expect('length in ' + kind, e['body-len'], str(min(n, limit)))
        expect('truncated in ' + kind, e['body-truncated'], 'true' if n > limit else 'false')
        expect('encoding in ' + kind, e['body-encoding'], 'base64')
        expect('bytes in ' + kind, e['body-sha256'], sha256(body[:limit]))
    expect('length in response events', (event(r, OS)['body-len'], event(r, VS)['body-len']), (None, None))


@test('body')
def body_of_get(b):
    r = ok(b.ask())
    expect('length', {e['body-len'] or '0' for e in r.trace}, {'0'})
    expect('framing at the origin', (arrived(r).headers.get('content-length'), arrived(r).headers.get('transfer-encoding')), (None, None))


REPLACED = [('text', [('body', 'new text')], b'new text'), ('base64', [('body-base64', 'new bytes')], b'new bytes'),
            ('binary', [('body', b'\x00\xff\xfe')], b'\x00\xff\xfe'), ('large', [('body-fill', 40000)], pattern(40000)), ('emptied', [('body-drop',)], b'')]
RECEIVED = [('empty', 0, 0), ('small', 30, 0), ('spooled', 50000, 0), ('chunked', 30, 10), ('spooled chunked', 50000, 3000)]


@test('body unchecked lambda', rows=[('%s for %s in %s' % (n, rn, e), e, o, w, s, c) for n, o, w in REPLACED for rn, s, c in RECEIVED for e in (VQ, OQ)])
def body_replaced(b, where, orders, want, size, chunks):
    with Viewer(b.proxy.address) as v:
        r = ok(b.ask_on(v, *[do(where, *o) for o in orders], method='POST', body=pattern(size), chunks=chunks))
        expect('body at the origin', arrived(r).body, want)
        expect('framing at the origin', len(arrived(r).headers.all('content-length') + arrived(r).headers.all('transfer-encoding')) <= 1, True)
        if where == VQ and event(r, OQ)['body-len'] is not None:
            expect('body in origin-request', event(r, OQ)['body-sha256'], sha256(want))
        expect('the next response on this connection', ok(b.ask_on(v)).body.split()[0], b'one')


@test('body')
def body_replaced_in_both(b):
    r = ok(b.ask(do(VQ, 'body', 'first'), do(OQ, 'body', 'second one'), method='PUT', body=b'sent'))
    expect('body in origin-request', event(r, OQ)['body'], 'first')
    expect('body at the origin', arrived(r).body, b'second one')


@test('body')
def body_large_in_origin_request(b):
    r = ok(b.ask(do(OQ, 'body-fill', 1000000), method='PUT', body=b'sent'))
    expect('body at the origin', sha256(arrived(r).body), sha256(pattern(1000000)))


@test('body')
def body_too_large(b):
    r = ok(b.ask(do(VQ, 'body-fill', 40961), method='PUT', body=b'sent'), 502)
    expect('requests at the origin', len(r.seen), 0)


@test('body')
def body_and_uri(b):
    r = ok(b.ask(do(VQ, 'uri', '/n'), do(VQ, 'set', 'X-A', '1'), method='POST', body=pattern(60000)))
    expect('target', arrived(r).target, b'/n')
    expect('body', sha256(arrived(r).body), sha256(pattern(60000)))


@test('body lambda', rows=[('%d%s' % (n, ' chunked' if c else ''), n, c) for n in (10, 50000) for c in (0, 7000)])
def body_and_answer(b, n, chunks):
    """The viewer's body is read from the connection although it is not needed."""
    with Viewer(b.proxy.address) as v:
        for where in (VQ, OQ):
            r = ok(b.ask_on(v, do(where, 'respond', 403, 'no'), method='POST', body=pattern(n), chunks=chunks), 403)
            expect('body', r.text, 'no')
        expect('the next response', ok(b.ask_on(v, method='POST', body=b'abc')).body.split()[0], b'one')


# ---- response edits

RESPONSE_SENT = [('X-A', '1'), ('X-B', 'first'), ('x-b', 'second'), ('X-C', '3')]


@test('lambda', rows=[('%s in %s' % (n, e), e, o, w) for n, o, w in HEADER_EDITS for e in (OS, VS)])
def response_header_edit(b, where, orders, want):
    r = ok(b.ask(('X-Origin', ' '.join('h=' + quote('%s: %s' % h) for h in RESPONSE_SENT)), *[do(where, *o) for o in orders]))
    got = own(r.headers)
    if want is None:
        expect('values of X-B', [v for n, v in got if n.lower() == 'x-b'], ['again'])
    else:
        expect('headers for the viewer', got, want)
    expect('body', r.text, 'one %s 1' % r.id)


@test('chain', rows=[(n, o, w) for n, o, w in HEADER_EDITS])
def response_header_edit_by_functions(b, orders, want):
    r = ok(b.ask(('X-Origin', ' '.join('h=' + quote('%s: %s' % h) for h in RESPONSE_SENT)), *[do(VS, *o) for o in orders]))
    want = want or [SENT[0], ('X-B', 'again'), SENT[3]]
    expect('headers, in any order and case', sorted((n.lower(), v) for n, v in own(r.headers)), sorted((n.lower(), v) for n, v in want))


SERVERS = [('Server', 'mine'), ('Content-Type', 'application/x-new'), ('Last-Modified', 'Sun, 06 Nov 1994 08:49:37 GMT'), ('ETag', '"new"'),
           ('Location', '/a//b'), ('Cache-Control', 'max-age=5, private'), ('Expires', 'Sun, 06 Nov 1994 08:49:37 GMT'),
           ('Date', 'Sun, 06 Nov 1994 08:49:37 GMT'), ('Vary', 'X-A'), ('Age', '7'), ('Content-Language', 'de'), ('Link', '</a>; rel=preload'),
           ('WWW-Authenticate', 'Basic realm="x"'), ('Refresh', '5'), ('Strict-Transport-Security', 'max-age=1'), ('Set-Cookie', 'a=b; Path=/')]


@test('lambda chain', rows=[('%s %s' % (n, e), e, n, v) for e in (OS, VS) for n, v in SERVERS])
def known_response_header(b, where, name, value):
    """Headers that a server parses into its own structures, or generates, are set and removed like others."""
    if name == 'Set-Cookie' and event(b.ask(), where)['dialect'] == 'functions':
        return
    r = ok(b.ask(do(where, 'set', name, value)))
    expect('set', r.all(name), [value])
    r = ok(b.ask(origin(h='%s: %s' % (name, value), cc='x'), do(where, 'remove', name)))
    expect('removed', [v for v in r.all(name) if v == value or name not in ('Server', 'Date')], [])  # a server may add these two itself


@test('lambda chain', rows=[(e, e) for e in (OS, VS)])
def response_cookies(b, where):
    sent = ('X-Origin', 'h=Set-Cookie:a%3D1 h=Set-Cookie:b%3D2;%20Path%3D/')
    r = ok(b.ask(sent, do(where, 'set-cookie', 'c', '3', 'Path=/; HttpOnly')))
    expect('cookies', r.all('set-cookie'), ['a=1', 'b=2; Path=/', 'c=3; Path=/; HttpOnly'])
    expect('cookies', ok(b.ask(do(where, 'set-cookie', 'c', '3'))).all('set-cookie'), ['c=3'])


@test('lambda', rows=[('404 to 200', 404, 200), ('200 to 302', 200, 302), ('500 to 404', 500, 404), ('200 to 599', 200, 599), ('206 to 200', 206, 200)])
def response_status(b, was, now):
    r = ok(b.ask(origin(status=was), do(OS, 'status', now), do(OS, 'set', 'Location', '/there')), now)
    expect('location', r.get('location'), '/there')
    expect('body', r.text, 'one %s 1' % r.id)


@test('lambda')
def response_status_text(b):
    expect('reason', ok(b.ask(do(OS, 'status', 418, 'Short and stout')), 418).reason, 'Short and stout')
    expect('reason, generated', ok(b.ask(do(VQ, 'respond', 418), do(VQ, 'status', 418, 'Here too')), 418).reason, 'Here too')
    expect('reason of the origin', ok(b.ask(origin(reason='Fine')), 200).reason, 'Fine')


@test('lambda')
def reason_of_a_status_alone(b):
    """A new status does not keep the reason phrase of the old one."""
    for status, more in ((404, []), (299, []), (404, [do(OS, 'body', 'new')])):
        r = ok(b.ask(origin(reason='Splendid'), do(OS, 'status-raw', status), *more), status)
        expect('the old reason is in it', r.reason == 'Splendid', False)
    expect('reason', ok(b.ask(origin(reason='Splendid'), do(OS, 'body', 'new')), 200).reason, 'Splendid')


@test('chain', rows=[('200 to 404', 404), ('200 to 302', 302), ('200 to 201', 201)])
def response_status_by_functions(b, now):
    r = ok(b.ask(FRESH, do(VS, 'status', now)), now)
    expect('the stored status', ok(b.ask(target='/' + r.id)).status, 200)


BODIES = [('text', [('body', 'new text')], b'new text'), ('binary', [('body', b'\x00\xff\xfe')], b'\x00\xff\xfe'),
          ('large', [('body-fill', 39000)], pattern(39000)), ('removed', [('body-drop',)], b''), ('respond', [('respond', 200, 'page')], b'page')]
FROM = [('short', {}), ('chunked', {'chunked': 1}), ('empty', {'size': 0}), ('large', {'size': 3000000}), ('large chunked', {'size': 3000000, 'chunked': 1}),
        ('gzip', {'gzip': 1}), ('error', {'status': 404}), ('etag', {'etag': 'e9'})]


def flags(options):
    """Returns the header X-Origin for options, some of which have no value."""
    words = [n for n in options if n in ('chunked', 'gzip')]
    return origin(*words, **{n: v for n, v in options.items() if n not in words})


@test('lambda', rows=[('%s for %s, %s' % (n, f, m), o, w, s, m) for n, o, w in BODIES for f, s in FROM for m in ('GET', 'HEAD')])
def response_body_replaced(b, orders, want, sent, method):
    with Viewer(b.proxy.address) as v:
        r = b.ask_on(v, flags(sent), *[do(OS, *o) for o in orders], method=method)
        ok(r, 200 if orders[0][0] == 'respond' else sent.get('status', 200))
        if method == 'GET':
            expect('body', r.body, want)
        elif r.length is not None:
            expect('content-length', r.length, len(want))
        expect('content-encoding and etag', (r.get('content-encoding'), r.get('etag')), (None, None))
        expect('the next response on this connection', ok(b.ask_on(v)).body.split()[0], b'one')


@test('lambda')
def response_body_replaced_is_stored(b):
    first = ok(b.ask(FRESH, do(OS, 'body', 'short')))
    for method, want in (('GET', b'short'), ('HEAD', b'')):
        r = ok(b.ask(target='/' + first.id, method=method))
        expect('triggers', types(r), [VQ, VS])
        expect('body, length', (r.body, r.length), (want, 5))


@test('chain', rows=[('%s for %s, %s' % (n, f, m), o, w, s, m) for n, o, w in BODIES for f, s in FROM if f != 'error' for m in ('GET', 'HEAD')])
def response_body_replaced_by_functions(b, orders, want, sent, method):
    with Viewer(b.proxy.address) as v:
        first = ok(b.ask_on(v, flags(dict(sent, cc='max-age=100')), *[do(VS, *o) for o in orders], method=method))
        if method == 'GET':
            expect('body', first.body, want)
        elif 'stored_head' in b.proxy.lacks:
            expect('the next response on this connection', ok(b.ask_on(v)).body.split()[0], b'one')
            return
        time.sleep(b.proxy.store_s)
        again = ok(b.ask_on(v, target='/' + first.id))
        full = pattern(sent['size']) if 'size' in sent else b'one %s 1' % first.id.encode()
        expect('what is stored', sha256(gzip.decompress(again.body) if 'gzip' in sent else again.body), sha256(full))


@test('chain', rows=[('%s for %s, %s' % (n, f, m), o, w, s, m) for n, o, w in BODIES for f, s in FROM if f not in ('error', 'gzip') for m in ('GET', 'HEAD')])
def response_body_replaced_on_a_hit(b, orders, want, sent, method):
    with Viewer(b.proxy.address) as v:
        first = ok(b.ask_on(v, flags(dict(sent, cc='max-age=100'))))
        time.sleep(b.proxy.store_s)
        r = ok(b.ask_on(v, *[do(VS, *o) for o in orders], target='/' + first.id, method=method))
        expect('triggers', types(r), [VQ, VS])
        expect('body', r.body, want if method == 'GET' else b'')
        expect('content-length, where there is one', len(want) if r.length is None else r.length, len(want))
        expect('the next', ok(b.ask_on(v, target='/' + first.id)).body, first.body)


@test('lambda chain unchecked none', rows=[('by length', []), ('chunked', ['chunked'])])
def response_of_5_mb(b, words):
    r = ok(b.ask(origin(*words, size=5000000)))
    expect('body', (len(r.body), sha256(r.body)), (5000000, sha256(pattern(5000000))))


@test('lambda chain')
def response_gzip_untouched(b):
    r = ok(b.ask(origin('gzip', body='hello hello hello'), ('Accept-Encoding', 'gzip')))
    expect('content-encoding', r.get('content-encoding'), 'gzip')
    expect('body', gzip.decompress(r.body), b'hello hello hello')


@test('lambda chain')
def response_204(b):
    with Viewer(b.proxy.address) as v:
        r = ok(b.ask_on(v, origin(status=204, h='X-A: 1'), do(OS, 'set', 'X-OS', '1'), do(VS, 'set', 'X-VS', '1')), 204)
        expect('headers', (r.get('x-a'), r.get('x-os'), r.get('x-vs')), ('1', '1', '1'))
        expect('triggers', types(r), ALL)
        expect('the next response', ok(b.ask_on(v)).body.split()[0], b'one')


@test('lambda', rows=[(str(s), s) for s in (204, 304)])
def response_made_bodyless(b, status):
    with Viewer(b.proxy.address) as v:
        r = ok(b.ask_on(v, do(OS, 'body-drop'), do(OS, 'status', status)), status)
        expect('body', r.body, b'')
        expect('the next response', ok(b.ask_on(v)).body.split()[0], b'one')


@test('lambda chain', rows=[(str(s), s) for s in (204, 304)])
def generated_bodyless(b, status):
    with Viewer(b.proxy.address) as v:
        ok(b.ask_on(v, do(VQ, 'respond', status)), status)
        expect('the next response', ok(b.ask_on(v)).body.split()[0], b'one')


@test('lambda chain', rows=[('%d in %s' % (n, e), n, e) for n, e in ((0, VQ), (39000, VQ), (39000, OQ), (1000000, OQ))])
def generated_sizes(b, n, where):
    r = ok(b.ask(do(where, 'respond-fill', 200, n)))
    expect('body', (len(r.body), sha256(r.body), r.length in (None, n)), (n, sha256(pattern(n)), True))
    expect('content-type', r.get('content-type'), 'text/plain')


@test('lambda chain', rows=[(e, e) for e in (VQ, OQ)])
def generated_headers(b, where):
    orders = [('respond', 200, 'x'), ('set', 'X-New', 'a'), ('add', 'X-New', 'b'), ('set', 'Cache-Control', 'private'), ('set', 'Content-Type', 'text/x-y'),
              ('set-cookie', 'a', '1'),
              ('set-cookie', 'b', '2', 'Secure'), ('set', 'ETag', '"g"')]
    r = ok(b.ask(*[do(where, *o) for o in orders]))
    expect('headers', [r.all(n) for n in ('x-new', 'cache-control', 'content-type', 'set-cookie', 'etag')],
           [['a', 'b'], ['private'], ['text/x-y'], ['a=1', 'b=2; Secure'], ['"g"']])


@test('lambda', rows=[(e, e) for e in (OS, VS)])
def conditional_by_edited_etag(b, where):
    """Whether or not the server answers with a 304 of its own, the response must be valid HTTP."""
    first = ok(b.ask(origin(cc='max-age=100', etag='e1'), do(where, 'set', 'ETag', '"e2"')))
    r = b.ask(('If-None-Match', '"e2"'), do(where, 'set', 'ETag', '"e2"'), target='/' + first.id)
    expect('status', r.status in (200, 304), True)
    expect('etag', r.get('etag'), '"e2"')


# ---- failures

READ_ONLY = {VQ: [('set', 'Host', 'other'), ('add', 'Via', 'x'), ('set', 'Content-Length', '5')], OQ: [('set', 'Accept-Encoding', 'x'), ('add', 'Via', 'x')],
             OS: [('add', 'Via', 'x')], VS: [('add', 'Via', 'x'), ('set', 'Warning', 'x')]}
SECRET = origin(h='Set-Cookie: secret=1', cc='max-age=100', body='SECRETBODY')


def marker(b, where, kind):
    functions = where in (VQ, VS) and b.current.handlers[where][1] == 'functions'
    return '%s%s from cloudfront' % ('Function' if functions else 'Lambda', kind)


def is_failure(b, r, where, status, kind):
    ok(r, status)
    expect('x-cache', r.get('x-cache'), marker(b, where, kind))
    expect('cache-control', r.all('cache-control'), ['no-store'])
    expect('content-type', r.get('content-type').split(';')[0], 'text/plain')
    expect('set-cookie', r.all('set-cookie'), [])
    expect('etag', r.get('etag'), None)
    if 'SECRETBODY' in r.text:
        raise Failed('the body of the origin is in the page: %s' % r.text)
    at = ALL.index(where)
    expect('triggers', types(r), ALL[:at + 1])
    expect('requests at the origin', len(r.seen), 1 if at >= 2 else 0)


@test('lambda chain unchecked', rows=[(e, e) for e in EVENTS])
def failure_of_a_handler(b, where):
    first = b.ask(SECRET, do(where, 'reason', 'my own reason 4711'))
    is_failure(b, first, where, 503, 'ExecutionError')
    if b.current.check:
        expect_in('the page', first.text, where)
        expect_in('the page', first.text, 'my own reason 4711')
        expect('the first line of the page', first.text.split('\n')[0].startswith('503 '), True)
    elif '4711' in first.text or 'EDGEFN' in first.text:
        raise Failed('with the check off the page contains: %s' % first.text)
    expect_in('the log', b.proxy.log(), 'my own reason 4711')
    r = ok(b.ask(target='/' + first.id))
    if where == VS:
        expect('triggers of the next request: a hit', types(r), [VQ, VS])
        expect('its body', r.text, 'SECRETBODY')
    else:
        expect('triggers of the next request: nothing was cached', types(r), ALL)


@test('lambda chain', rows=[(e, e) for e in EVENTS])
def log_of_a_handler(b, where):
    ok(b.ask(do(where, 'log', 'line 4712\nforged')))
    time.sleep(0.05)
    expect_in('the log', b.proxy.log(), where)
    expect_in('the log', b.proxy.log(), ': line 4712?forged')


@test('lambda chain', rows=[(e, e) for e in EVENTS])
def failure_without_a_reason(b, where):
    is_failure(b, b.ask(SECRET, do(where, 'fail')), where, 503, 'ExecutionError')


@test('lambda chain', rows=[('%s %s' % (e, ' '.join(o)), e, o) for e in EVENTS for o in READ_ONLY[e]])
def failure_read_only_header(b, where, order):
    if order[1] == 'Content-Length' or (order[1] == 'Host' and b.current.handlers[where][1] == 'functions'):
        r = b.ask(SECRET, do(where, *order), method='POST', body=b'abc')
    else:
        r = b.ask(SECRET, do(where, *order))
    is_failure(b, r, where, 502, 'ValidationError')
    expect('the first line of the page', r.text.split('\n')[0].startswith('502 ' + marker(b, where, 'ValidationError').split()[0]), True)
    expect_in('the page', r.text, where)
    expect_in('the page', r.text, 'header.read-only')
    expect_in('the page', r.text.lower(), order[1].lower())
    expect_in('the log', b.proxy.log(), 'header.read-only')


@test('unchecked', rows=[('%s %s' % (e, ' '.join(o)), e, o) for e in EVENTS for o in READ_ONLY[e] if o[1] != 'Content-Length'])
def unchecked_read_only_header(b, where, order):
    """The edit is applied, or fails with a page that does not reveal the reason."""
    r = b.ask(do(where, *order))
    expect('status', r.status in (200, 502), True)
    if r.status == 502 and 'header.' in r.text:
        raise Failed('with the check off the page contains: %s' % r.text)


@test('lambda chain', rows=[(e, e) for e in EVENTS])
def failure_disallowed_header(b, where):
    r = b.ask(SECRET, do(where, 'set', 'X-Edge-Foo', '1'))
    is_failure(b, r, where, 502, 'ValidationError')
    expect_in('the page', r.text, 'header.disallowed')


WRONG = [(VQ, [('uri', 'no-slash')]), (OQ, [('uri', '/a b')]), (VQ, [('query', 'a b')]), (OQ, [('method', 'PUT')]), (VQ, [('method', 'PUT')]),
         (VQ, [('respond-fill', 200, 41000)]), (OQ, [('respond-fill', 200, 1048577)]), (OS, [('status', 199)]), (OS, [('status', 600)]),
         (VS, [('status', 404)]), (VS, [('status-raw', 404)]), (VS, [('body', 'x')]), (OQ, [('origin', '127.0.0.1', 8080)]),
         (OQ, [('origin', 'a.test', 81)]), (VQ, [('set', 'X-A', 'a\r\nX-B: c')]), (VS, [('set', 'X-A', 'a\r\nX-B: c')]), (OS, [('set', 'X A', 'b')]),
         (VQ, [('uri', '/a\r\nb')]), (OQ, [('uri', '/x?y')]), (OQ, [('query', 'a#b')]), (VQ, [('respond', 204), ('body', 'x')])]


@test('lambda', rows=[('%s %s' % (e, o), e, o) for e, o in WRONG])
def failure_wrong_result(b, where, orders):
    r = b.ask(SECRET, *[do(where, *o) for o in orders])
    expect('status (the page: %s)' % r.text, r.status in (502, 503), True)
    is_failure(b, r, where, r.status, 'ValidationError' if r.status == 502 else 'ExecutionError')
    expect('a header that was smuggled in', r.get('x-b'), None)


@test('lambda chain', rows=[('%s %s' % (e, m), e, m) for e in EVENTS for m in ('HEAD', 'POST')])
def failure_and_keep_alive(b, where, method):
    with Viewer(b.proxy.address) as v:
        r = ok(b.ask_on(v, do(where, 'fail'), method=method, body=pattern(50000) if method == 'POST' else None), 503)
        after = ok(b.ask_on(v))
        expect('the next response', after.text, 'one %s 1' % after.id)


@test('lambda')
def failure_in_viewer_response_of_a_hit(b):
    first = ok(b.ask(SECRET))
    r = ok(b.ask(do(VS, 'fail'), target='/' + first.id), 503)
    if 'SECRETBODY' in r.text or r.get('set-cookie'):
        raise Failed('it leaks: %s' % r.text)
    expect('triggers', types(r), [VQ, VS])
    expect('the next', ok(b.ask(target='/' + first.id)).text, 'SECRETBODY')


@test('lambda', rows=[('%s of %s' % (e, n), e, w) for e in (OS, VS)
                      for n, w in (('large', {'size': 3000000}), ('large chunked', {'size': 3000000, 'chunked': 1}), ('gzip', {'gzip': 1}))])
def failure_in_place_of(b, where, sent):
    with Viewer(b.proxy.address) as v:
        r = ok(b.ask_on(v, flags(sent), do(where, 'fail')), 503)
        expect('content-encoding', r.get('content-encoding'), None)
        expect('a page of few bytes', len(r.body) < 1000, True)
        expect('the next response', ok(b.ask_on(v)).body.split()[0], b'one')


@test('lambda', rows=[(e, e) for e in EVENTS])
def failure_out_of_memory(b, where):
    is_failure(b, b.ask(SECRET, do(where, 'eat')), where, 503, 'ExecutionError')
    ok(b.ask(do(where, 'need', 8 << 20)))  # more memory than a handler has at first


@test('lambda')
def failure_with_conditions(b):
    """A conditional or range request does not change the response to a failure."""
    first = ok(b.ask(origin(etag='e1', cc='max-age=100', size=500)))
    for more in (('If-None-Match', '"e1"'), ('Range', 'bytes=0-9'), ('If-Modified-Since', 'Sun, 06 Nov 2094 08:49:37 GMT'), ('If-Match', '"x"')):
        r = b.ask(more, do(VS, 'fail'), target='/' + first.id)
        expect('status with %s' % more[0], r.status in (503, 412) if more[0] == 'If-Match' else r.status == 503, True)
        if r.body.startswith(b'abcd'):
            raise Failed('the body of the origin leaks')


# ---- origins and viewers that misbehave

@test('lambda chain')
def origin_down(b):
    r = b.ask(do(OQ, 'origin', 'one.test', b.closed_port))
    expect('status', r.status in (502, 503, 504), True)
    expect('triggers', types(r), [VQ, OQ])
    expect('x-cache', r.get('x-cache'), 'Error from cloudfront')


@test('lambda', rows=[('closes', ['close'], {}), ('garbage', ['garbage'], {})])
def origin_misbehaves(b, words, options):
    key = b.new_id()
    try:
        r = b.ask(origin(*words, **options), key=key)
        expect('status', r.status in (502, 503, 504), True)
    except Cut as e:
        expect_in('the connection', str(e), 'closed after 0 bytes')  # old servers treat garbage as HTTP/0.9, and fail later
    expect('triggers', [e.type for e in b.trace(key)], [VQ, OQ])


@test('lambda')
def origin_too_slow(b):
    r = b.ask(origin(delay=3.6))
    expect('status %d' % r.status, r.status in (502, 503, 504), True)
    expect('triggers', types(r), [VQ, OQ])


@test('lambda chain', rows=[('by length', []), ('chunked', ['chunked'])])
def origin_closes_in_the_middle(b, words):
    key = b.new_id()
    try:
        r = b.ask(origin('half', *words, size=200000, cc='max-age=100'), key=key)
        expect('status of a whole answer', r.status in (502, 504), True)
    except Cut:
        pass
    ok(b.ask(target='/' + key, key=key))
    expect('requests at the origin: the half was not cached', len(b.one.seen(key)), 2)


@test('lambda')
def origin_closes_in_the_middle_of_what_is_replaced(b):
    r = b.ask(origin('half', size=200000), do(OS, 'body', 'new'))
    expect('status', r.status in (200, 502), True)
    if r.status == 200:
        expect('body', r.body, b'new')


@test('body lambda', rows=[('in the headers', b'GET / HTTP/1.1\r\nHost: a.test\r\nX-A'),
                           ('in the body', b'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1000\r\n\r\nabc'),
                           ('in a chunk', b'POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nabc'), ('at once', b''),
                           ('after the request', b'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n'),
                           ('in a large body', b'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 900000\r\n\r\n' + pattern(300000))])
def viewer_goes_away(b, data):
    for _ in range(3):
        with Viewer(b.proxy.address) as v:
            v.send(data)
    ok(b.ask())


@test('lambda', rows=[('no version', b'GET /\r\n\r\n'), ('a wrong version', b'GET / HTTP/9.9\r\nHost: a\r\n\r\n'), ('no host', b'GET / HTTP/1.1\r\n\r\n'),
                      ('two hosts', b'GET / HTTP/1.1\r\nHost: a.test\r\nHost: b.test\r\n\r\n'),
                      ('noise', b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'),
                      ('two lengths', b'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd'),
                      ('a method', b'G@T / HTTP/1.1\r\nHost: a.test\r\n\r\n'), ('a blank in the name', b'GET / HTTP/1.1\r\nHost: a.test\r\nX A: b\r\n\r\n'),
                      ('a zero', b'GET /\x00 HTTP/1.1\r\nHost: a.test\r\n\r\n')])
def viewer_sends_no_http(b, data):
    with Viewer(b.proxy.address) as v:
        v.send(data)
        v.sock.settimeout(5)
        try:
            v.sock.recv(65536)
        except ConnectionError:
            pass
    ok(b.ask())


@test('lambda chain', rows=[('plain', [], b''), ('generated', [do(VQ, 'respond', 200, 'made here')], b'made here'),
                            ('replaced', [do(OS, 'body', 'new')], b'new'),
                            ('chunked', [origin('chunked', size=70000)], pattern(70000)), ('failed', [do(VS, 'fail')], None)])
def viewer_of_http_1_0(b, orders, want):
    key = b.new_id()
    with Viewer(b.proxy.address) as v:
        v.send(head('GET', '/' + key, [('Host', 'a.test'), ('X-Test', key)] + orders).replace(b'HTTP/1.1', b'HTTP/1.0'))
        r = v.response()
        expect('status', r.status, 503 if want is None else 200)
        expect('transfer-encoding', r.get('transfer-encoding'), None)
        if want is not None:
            expect('body', sha256(r.body), sha256(want or b'one %s 1' % key.encode()))
        expect('then the connection closes', v.stream.rest(), b'')


@test('lambda')
def viewer_is_slow(b):
    key = b.new_id()
    data = head('POST', '/' + key, [('Host', 'a.test'), ('X-Test', key), do(VQ, 'set', 'X-A', '1'), ('Content-Length', '10')]) + b'0123456789'
    with Viewer(b.proxy.address) as v:
        for i in range(0, len(data), 11):
            v.send(data[i:i + 11])
            time.sleep(0.01)
        expect('status', v.response().status, 200)
    expect('body', b.one.seen(key)[0].body, b'0123456789')


@test('lambda chain')
def viewer_reads_slowly(b):
    key = b.new_id()
    with Viewer(b.proxy.address) as v:
        v.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        v.send(head('GET', '/' + key, [('Host', 'a.test'), ('X-Test', key), origin(size=2000000)]))
        time.sleep(0.3)
        expect('body', sha256(v.response().body), sha256(pattern(2000000)))


@test('lambda chain')
def too_many_bytes_of_headers(b):
    for count, size in ((10, 4000), (1, 40000), (2000, 20)):
        try:
            r = b.ask(*[('X-%d' % i, 'v' * size) for i in range(count)])
            expect('status of %d headers of %d bytes' % (count, size), r.status == 200 or 400 <= r.status < 500, True)
        except (Cut, ConnectionError):
            pass
    ok(b.ask())


@test('lambda chain')
def long_url(b):
    for n in (4000, 8100, 9000, 70000):
        target = '/' + 'u' * (n - 1)
        try:
            r = b.ask(target=target)
            expect('status of %d bytes' % n, r.status == 200 or 400 <= r.status < 500, True)
            if r.status == 200:
                expect('target', arrived(r).target, target.encode())
            expect('8,000 bytes are allowed', n > 8192 or r.status == 200, True)
        except (Cut, ConnectionError):
            expect('8,000 bytes are allowed', n > 8192, True)
    ok(b.ask())


@test('lambda chain')
def many_headers(b):
    sent = [('X-%d' % i, str(i)) for i in range(300)]
    r = ok(b.ask(*sent, do(VQ, 'set', 'X-150', 'new'), do(OQ, 'remove', 'X-299')))
    want = [(n, 'new' if n == 'X-150' else v) for n, v in sent[:-1]]
    expect('headers at the origin', [(n.lower(), v) for n, v in own(arrived(r).headers)], [(n.lower(), v) for n, v in want])


@test('lambda')
def many_headers_of_a_response(b):
    sent = [('X-%d' % i, str(i)) for i in range(200)]
    r = ok(b.ask(*[('X-Origin', ' '.join('h=' + quote('%s: %s' % h) for h in sent[i:i + 50])) for i in range(0, 200, 50)], do(OS, 'set', 'X-150', 'new')))
    expect('headers for the viewer', own(r.headers), [(n, 'new' if n == 'X-150' else v) for n, v in sent])


@test('lambda chain unchecked')
def invalid_utf8_passes(b):
    """Parts that are not edited stay, whatever bytes they contain."""
    r = ok(b.ask(('X-Raw', b'\xff\xfe\xe4'), origin(h=b'X-Back: \xff\xe4'), do(VQ, 'set', 'X-New', '1'), do(OQ, 'set', 'X-New2', '1'),
                 do(OS, 'set', 'X-S', '1'), do(VS, 'set', 'X-V', '1'),
                   target=b'/\xff\xe4?\xfe'))
    expect('header at the origin', arrived(r).headers.get('x-raw'), b'\xff\xfe\xe4')
    expect('target at the origin', arrived(r).target, b'/\xff\xe4?\xfe')
    expect('header for the viewer', r.headers.get('x-back'), b'\xff\xe4')


# ---- many at once

def mixed(b, v, n, problems):
    """Sends one of several types of requests, and identifies its response by a token."""
    kind = n % 8
    key = b.new_id()
    try:
        if kind == 0:
            r = ok(b.ask_on(v, target='/shared', key=key, host='a.test'))
        elif kind == 1:
            r = ok(b.ask_on(v, key=key))
            expect('body', r.text, 'one %s 1' % key)
        elif kind == 2:
            body = key.encode() * 3000
            r = ok(b.ask_on(v, do(VQ, 'set', 'X-Mine', key), method='POST', body=body, key=key))
            expect('body and header at the origin', (arrived(r).body == body, arrived(r).headers.get('x-mine')), (True, key.encode()))
        elif kind == 3:
            r = ok(b.ask_on(v, do(VQ, 'respond', 403, key), key=key), 403)
            expect('body', r.text, key)
        elif kind == 4:
            r = ok(b.ask_on(v, do((VQ, OQ, OS, VS)[n // 8 % 4], 'reason', key), key=key), 503)
            expect_in('page', r.text, key)
        elif kind == 5:
            r = ok(b.ask_on(v, do(OS, 'body', key), do(VS, 'set', 'X-Mine', key), key=key))
            expect('body, header', (r.text, r.get('x-mine')), (key, key))
        elif kind == 6:
            r = ok(b.ask_on(v, do(OQ, 'origin', 'two.test', b.two.port), do(OQ, 'uri', '/' + key + '2'), key=key))
            expect('body, target', (r.text, arrived(r).target), ('two %s 1' % key, b'/%s2' % key.encode()))
        else:
            r = ok(b.ask_on(v, origin('chunked', size=100000, delay=0.02), key=key))
            expect('body', sha256(r.body), sha256(pattern(100000)))
        expect('requests at the origin: at most one', len(r.seen) <= 1, True)
    except Exception as e:
        problems.append('request %d, kind %d: %s: %s' % (n, kind, type(e).__name__, e))
        raise


def crowd(b, connections, each, body):
    """Calls body(viewer, number, problems) on many connections in parallel; returns the problems."""
    problems = []

    def run(first):
        try:
            with Viewer(b.proxy.address, '127.0.0.%d' % (first // each % 200 + 2)) as v:
                for n in range(first, first + each):
                    body(v, n, problems)
        except Exception as e:
            problems.append('connection of %d: %s: %s' % (first, type(e).__name__, e))

    threads = [threading.Thread(target=run, args=(i * each,)) for i in range(connections)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return problems


@test('lambda chain')
def many_at_once(b):
    ok(b.ask(FRESH, target='/shared', host='a.test'))
    problems = crowd(b, 50, int(os.environ.get('PROXY_MANY', '10')), lambda v, n, p: mixed(b, v, n, p))
    expect('problems', problems[:3], [])


@test('lambda chain')
def pipelining(b):
    keys = [b.new_id() for _ in range(12)]
    orders = [[], [do(VQ, 'respond', 200, 'x')], [do(VS, 'fail')], [do(OS, 'body', 'y')], [do(OQ, 'fail')], [origin(size=50000)]]
    with Viewer(b.proxy.address) as v:
        v.send(b''.join(head('POST' if i % 4 == 0 else 'GET', '/' + k,
                             [('Host', 'a.test'), ('X-Test', k)] + orders[i % 6] + ([('Content-Length', '20000')] if i % 4 == 0 else []))
                        + (pattern(20000) if i % 4 == 0 else b'') for i, k in enumerate(keys)))
        got = [v.response() for _ in keys]
    for i, r in enumerate(got):
        expect('status of number %d' % i, r.status, [200, 200, 503, 200, 503, 200][i % 6])
        want = ['one %s 1' % keys[i], 'x', None, 'y', None, pattern(50000).decode()][i % 6]
        if want:
            expect('body of number %d' % i, r.text, want)


@test('lambda')
def pieces_of_one_byte(b):
    """Request line and headers arrive byte by byte, twice on one connection."""
    with Viewer(b.proxy.address) as v:
        for _ in range(2):
            key = b.new_id()
            for c in head('GET', '/' + key, [('Host', 'a.test'), ('X-Test', key), do(VQ, 'set', 'X-A', '1')]):
                v.send(bytes([c]))
            expect('body', v.response().text, 'one %s 1' % key)


def some_request(choose):
    """Returns (headers, options) of a random request."""
    pick = choose.choice
    verbs = [('set', 'X-A', 'n'), ('add', 'X-B', 'm'), ('set', 'Cookie', 'z=1'), ('uri', '/n%2F//%20'), ('query', 'a=1&&b'), ('query', ''),
             ('body', 'short'), ('body-fill', 30000), ('body-drop',), ('respond', 200, 'made'), ('respond', 204), ('respond-fill', 404, 9000),
             ('redirect', 302, '/there'), ('fail',), ('status', 404), ('status', 204), ('set', 'Via', 'x'), ('set', 'Content-Type', 'a/b'),
             ('remove', 'Content-Type'), ('set', 'ETag', '"n"'), ('set', 'Vary', 'X-A'), ('set-cookie', 'a', '1'), ('fill', 'X-A', 5000),
             ('origin', 'two.test', choose.port), ('need', 300000), ('remove', 'Accept-Encoding'), ('uri', 'x'), ('set', 'Cache-Control', 'max-age=1'),
             ('set', 'Last-Modified', 'Sun, 06 Nov 1994 08:49:37 GMT'), ('set', 'Connection', 'close'), ('add', 'Set-Cookie', 'b=2')]
    options = [origin(), origin('chunked', size=50000), origin('gzip'), origin(status=404), origin(status=204), origin(status=304),
               origin('half', size=9000), origin('close'), origin(etag='e'), origin(size=0), origin(status=206, h='Content-Range: bytes 0-3/9', body='abcd'),
               origin(status=500, size=70000), origin(h='Set-Cookie: o=1')]
    headers = [do(pick(ALL), *pick(verbs)) for _ in range(pick((0, 1, 1, 2, 3)))] + [pick(options)]
    headers += choose.sample([('Accept-Encoding', 'gzip'), ('If-None-Match', '"e"'), ('Range', 'bytes=1-2'), ('Cookie', 'a=1'), ('X-A', '\xe4'),
                              FRESH], pick((0, 1, 2)))
    method = pick(['GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'])
    body = pattern(pick((0, 5, 20000, 50000))) if method in ('POST', 'PUT') else None
    return headers, {'method': method, 'body': body, 'chunks': pick((0, 999)) if body is not None else 0, 'target': pick((None, '/shared%2F', '/s?a=1'))}


@test('body lambda chain unchecked uncached')
def requests_at_random(b):
    """After any request the response is valid HTTP, the connection stays in sync, and the server keeps running."""
    choose = random.Random(int(os.environ.get('PROXY_SEED', '1')))
    choose.port = b.two.port
    for n in range(int(os.environ.get('PROXY_RANDOM', '150'))):
        headers, options = some_request(choose)
        try:
            with Viewer(b.proxy.address) as v:
                b.ask_on(v, *headers, **options)
                key = b.new_id()
                try:
                    after = b.ask_on(v, key=key)
                except (Cut, ConnectionError):  # closed after a response, or within one that the origin did not complete
                    continue
                expect('the next answer after %s %s' % (headers, options), (after.status, after.text), (200, 'one %s 1' % key))
        except (Cut, ConnectionError) as e:
            whole = not any(w in str(headers) for w in ('half', 'close', 'status=304'))
            expect('the connection at %s %s' % (headers, options), (str(e) if whole else ''), '')
    ok(b.ask())


# ---- forged headers of origins and viewers

@test('lambda chain', rows=[(x, x) for x in ('304 Not Modified', '204 No Content')])
def length_of_what_has_no_body(b, status):
    """If the status is changed, the Content-Length of an origin's response without a body is ignored."""
    says = origin(raw='HTTP/1.1 %s\r\nContent-Length: 100\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n' % status)
    with Viewer(b.proxy.address) as v:
        keys = [b.new_id(), b.new_id()]
        for key, more in zip(keys, ([says, do(OS, 'status', 200)], [])):
            v.send(head('GET', '/' + key, [('Host', 'a'), ('X-Test', key)] + more))
        r = ok(v.response(), 200)
        expect('length, body', (r.get('content-length'), r.body), ('0', b''))
        expect('the next', v.response().text, 'one %s 1' % keys[1])


@test('', rows=[('lambda', 'lambda'), ('functions', 'functions')])
def viewer_header_without_a_value(b, dialect):
    """An empty value still removes the viewer's header."""
    b.start(b.config(dialect, viewer_headers=[('CloudFront-Viewer-Country', ''), ('X-Nothing', '')]))
    r = ok(b.ask(('CloudFront-Viewer-Country', 'XX'), ('X-Nothing', 'forged'), ('x-nothing', 'again')))
    got = [arrived(r).headers.get(n) or b'' for n in ('cloudfront-viewer-country', 'x-nothing')]
    expect('at the origin', got, [b'', b''])
    expect('in origin-request', [event(r, OQ).header(n) or '' for n in ('cloudfront-viewer-country', 'x-nothing')], ['', ''])
    expect('complaints', b.proxy.stop(), [])


@test('lambda chain')
def invalid_header_line_of_an_origin(b):
    key = b.new_id()
    try:
        r = b.ask(origin(raw='HTTP/1.1 200 OK\r\nBad\0Header: 1\r\n\r\nSECRET'), key=key)
        expect('status', r.status in (200, 502, 503, 504), True)
        expect('a 502 has nothing of it', 'SECRET' in r.text and r.status != 200, False)
        expect('events', OS in [e.type for e in r.trace], r.status == 200)
    except Cut as e:
        expect_in('the connection', str(e), 'closed after 0 bytes')


# ---- static memory of a handler

@test('lambda')
def handler_with_memory_of_its_own(b):
    """The host copies a handler's strings before the next call, so a handler may use static memory."""
    viewers = [(Viewer(b.proxy.address), b.new_id(), 'user-%d' % i) for i in range(8)]
    try:
        for v, key, name in viewers:
            v.send(head('POST', '/x', [('Host', 'a'), ('X-Test', key), ('Content-Length', '5'), do(VQ, 'set-static', 'X-Identity', name),
                                       do(OQ, 'set-static', 'X-Identity-2', name)]))
            end = time.monotonic() + 1
            while not b.trace(key) and time.monotonic() < end:  # some hosts call it only when the body has arrived
                time.sleep(0.005)
        for v, key, name in viewers:
            v.send(b'body ')
            expect('status', v.response().status, 200)
        got = [tuple(b.one.seen(key)[0].headers.get(n) for n in ('x-identity', 'x-identity-2')) for _, key, _ in viewers]
        expect('at the origin', got, [(name.encode(), name.encode()) for _, _, name in viewers])
    finally:
        for v, _, _ in viewers:
            v.sock.close()


# ---- reload

def own_config(b, name='h.so', **more):
    """Returns a configuration with a handler that a test may replace."""
    file = os.path.join(b.build, name)
    put_handler(b, b.handler, file)
    config = b.config(**more)
    return replace(config, handlers={e: (file, d) for e, (_, d) in config.handlers.items()}), file


def put_handler(b, source, file):
    with open(source, 'rb') as f, open(file + '.new', 'wb') as to:
        to.write(f.read())
    os.chmod(file + '.new', 0o755)
    os.rename(file + '.new', file)


def version(b, v=None):
    orders = [do(e, 'version') for e in (VQ, VS)]
    r = ok(b.ask(*orders))
    return arrived(r).headers.get('x-version').decode() + (r.get('x-version') or '-')


@test('')
def handler_replaced_and_reloaded(b):
    config, file = own_config(b)
    b.start(config)
    expect('before', version(b), '11')
    put_handler(b, os.path.join(b.build, 'handler2.so'), file)
    expect('the file is new, the server was not told', version(b), '11')
    b.proxy.reload()
    expect('after', version(b), '22')
    put_handler(b, b.handler, file)
    b.proxy.reload()
    expect('and back', version(b), '11')
    expect('complaints', b.proxy.stop(), [])


@test('', needs='reload_under_load')
def reload_under_load(b):
    config, file = own_config(b)
    b.start(config)
    end, problems, versions = threading.Event(), [], []

    def run():
        while not end.is_set():
            try:
                r = ok(b.ask(do(VQ, 'version'), do(VS, 'version'), close=True))
                versions.append(arrived(r).headers.get('x-version').decode())
                expect('body', r.text, 'one %s 1' % r.id)
                big = ok(b.ask(origin(size=300000, delay=0.05), close=True))
                expect('body', sha256(big.body), sha256(pattern(300000)))
            except Exception as e:
                problems.append('%s: %s' % (type(e).__name__, e))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for t in threads:
        t.start()
    for i in range(4):
        time.sleep(0.25)
        put_handler(b, b.handler if i % 2 else os.path.join(b.build, 'handler2.so'), file)
        b.proxy.reload()
    time.sleep(0.2)
    end.set()
    for t in threads:
        t.join()
    expect('problems', problems[:3], [])
    expect('both handlers ran', set(versions), {'1', '2'})
    expect('complaints', b.proxy.stop(), [])


# ---- configurations that are refused

def refused(b, config, *parts):
    text = b.proxy.refuse(config)
    if text is None:
        raise Failed('the server starts')
    for part in parts:
        expect_in('what it says', text, part)
    return text


def with_handler(b, event, file, dialect='lambda', **others):
    config = b.config()
    handlers = {event: (file, dialect)}
    handlers.update({e.replace('_', '-'): (b.handler, d) for e, d in others.items()})
    return replace(config, handlers=handlers)


@test('', rows=[(e, e) for e in EVENTS])
def refuses_a_handler_that_is_not_there(b, where):
    refused(b, with_handler(b, where, b.build + '/nothing.so'), 'nothing.so', 'cannot be loaded')


@test('', rows=[(e, e) for e in EVENTS])
def refuses_a_handler_of_another_abi(b, where):
    refused(b, with_handler(b, where, b.build + '/other_abi.so'), 'other_abi.so', 'built with another edgefn.h')


@test('')
def refuses_what_is_no_handler(b):
    refused(b, with_handler(b, VQ, b.build + '/no_handler.so'), 'no_handler.so', 'is not a handler')
    with open(b.build + '/text.so', 'w') as f:
        f.write('this is no shared object\n')
    refused(b, with_handler(b, VS, b.build + '/text.so'), 'text.so', 'cannot be loaded')
    open(b.build + '/empty.so', 'w').close()
    refused(b, with_handler(b, OS, b.build + '/empty.so'), 'empty.so', 'cannot be loaded')
    refused(b, with_handler(b, OQ, b.build), 'cannot be loaded')


@test('', rows=[(e, e) for e in (OQ, OS)])
def refuses_functions_at_origin_events(b, where):
    refused(b, with_handler(b, where, b.handler, 'functions'))


@test('')
def refuses_forbidden_combinations(b):
    refused(b, with_handler(b, VQ, b.handler, 'functions', viewer_response='lambda'), 'one cache behaviour cannot have')
    refused(b, with_handler(b, VQ, b.handler, 'lambda', viewer_response='functions'), 'one cache behaviour cannot have')


@test('')
def allows_combinations(b):
    for others in ({'viewer_response': 'functions'}, {'origin_request': 'lambda'}, {'origin_response': 'lambda'},
                   {'origin_request': 'lambda', 'origin_response': 'lambda'}):
        expect('functions with %s' % others, b.proxy.refuse(with_handler(b, VQ, b.handler, 'functions', **others)), None)


@test('')
def refuses_a_table_key_twice(b):
    refused(b, b.config(tables=[('kv', 'a', '1'), ('kv', 'b', '1'), ('kv', 'a', '2')]))


@test('')
def allows_a_table_key_in_two_tables(b):
    expect('it', b.proxy.refuse(b.config(tables=[('kv', 'a', '1'), ('secret', 'a', '2')])), None)


# ---- a chain of all functions, as in the documentation

@test('chain')
def chain_of_functions_and_lambda_in_one_request(b):
    """CloudFront Functions at both viewer events, Lambda@Edge at both origin events."""
    orders = [do(VQ, 'set', 'X-VQ', '1'), do(VQ, 'uri', '/by-function'), do(OQ, 'set', 'X-OQ', '2'), do(OQ, 'query', 'by=lambda'),
              do(OS, 'set', 'X-OS', '3'), do(VS, 'set', 'X-VS', '4'),
              do(VS, 'set-cookie', 'seen', '1', 'Path=/')]
    r = ok(b.ask(*orders, FRESH, target='/asked-%s' % b.new_id()))
    expect('events and dialects', [(e.type, e['dialect']) for e in r.trace], [(VQ, 'functions'), (OQ, 'lambda'), (OS, 'lambda'), (VS, 'functions')])
    expect('target at the origin', arrived(r).target, b'/by-function?by=lambda')
    expect('headers at the origin', sorted((n.lower(), v) for n, v in own(arrived(r).headers)), [('x-oq', '2'), ('x-vq', '1')])
    expect('headers for the viewer', (r.get('x-os'), r.get('x-vs'), r.get('set-cookie')), ('3', '4', 'seen=1; Path=/'))
    expect('one request id', len({e.id for e in r.trace}), 1)


@test('body unchecked lambda', rows=[('%s, %s' % (e, n), e, o, d) for e in (VQ, OQ)
                                     for n, o, d in (('by length', {'method': 'PUT', 'body': b'abc'}, 'body-drop'),
                                                     ('chunked', {'method': 'PUT', 'body': pattern(50000), 'chunks': 999}, 'body-drop'),
                                                     ('empty before', {'method': 'POST', 'body': b''}, 'body-drop'),
                                                     ('replaced by nothing', {'method': 'PATCH', 'body': pattern(50000)}, 'body'))])
def dropped_body_leaves_nothing_behind(b, where, sent, verb):
    """A dropped body is neither sent nor announced, so the next request on that connection to the origin is parsed correctly."""
    with Viewer(b.proxy.address) as v:
        for _ in range(3):
            r = ok(b.ask_on(v, do(where, verb), **sent))
            seen = arrived(r)
            expect('at the origin', (seen.body, seen.headers.all('content-length'), seen.headers.all('transfer-encoding')), (b'', [b'0'], []))
            after = ok(b.ask_on(v, FRESH))
            expect('the next', (after.text, arrived(after).body), ('one %s 1' % after.id, b''))


# ---- the disk is full

@test('', needs='file_limit')
def cache_disk_is_full(b):
    b.forget()  # the limit also applies to the trace
    b.start(b.config(file_limit=2000000))
    for _ in range(3):
        try:
            r = b.ask(origin(size=5000000, cc='max-age=100'))
            expect('body', sha256(r.body), sha256(pattern(5000000)))
        except (Cut, ConnectionError):
            pass  # a proxy may truncate what it cannot buffer, if the viewer can detect that
        first = ok(b.ask(FRESH))
        expect('body', ok(b.ask(target='/' + first.id)).body, first.body)
        expect('body', ok(b.ask(do(VQ, 'respond', 200, 'x'))).text, 'x')
    expect('the log tells', bool(re.search('File too large|has written only|No space left', b.proxy.log())), True)
    expect('complaints', b.proxy.stop(), [])


# ---- HTTP/2

@test('lambda chain body', needs='h2')
def http2(b):
    if not b.proxy.address_h2 or not b.curl_h2:
        return
    key = b.new_id()
    url = 'http://%s:%d/a%%2Fb//?q=%%20' % b.proxy.address_h2
    order = [do(VQ, 'set', 'X-VQ', '1'), do(VS, 'set', 'X-VS', '2'), ('X-Test', key), ('Cookie', 'a=1'), ('Cookie', 'b=2')]
    out = b.curl('--http2-prior-knowledge', '-i', '-d', 'posted', *['-H%s: %s' % h for h in order], url)
    expect_in('the answer', out, 'HTTP/2 200')
    expect_in('the answer', out, 'x-vs: 2')
    expect_in('the answer', out, 'one %s 1' % key)
    [seen] = b.one.seen(key)
    expect('at the origin', (seen.target, seen.headers.get('x-vq'), seen.body), (b'/a%2Fb//?q=%20', b'1', b'posted'))
    expect('events', [e.type for e in b.trace(key)], ALL)
    expect('version in origin-request', b.trace(key)[1].header('cloudfront-viewer-http-version'), '2.0')
    expect('cookies', b.trace(key)[0].cookies, [('a', '1'), ('b', '2')])
    expect('host', b.trace(key)[0].header('host'), '%s:%d' % b.proxy.address_h2)
    with open(os.path.join(b.build, 'upload'), 'wb') as f:
        f.write(pattern(100000))
    for more in (['--data-binary'], ['-HContent-Length:', '-T']):  # the second one without a Content-Length
        key = b.new_id()
        file = b.build + '/upload'
        out = b.curl('--http2-prior-knowledge', '-i', '-HX-Test: ' + key, *more, '@' + file if more[0] == '--data-binary' else file, url)
        expect_in('the answer', out, 'HTTP/2 200')
        expect('body at the origin', sha256(b.one.seen(key)[0].body), sha256(pattern(100000)))
    for how in ('respond 403 no', 'fail'):
        out = b.curl('--http2-prior-knowledge', '-i', '-H', 'X-Do: viewer-request ' + how, url)
        expect_in('the answer', out, 'HTTP/2 403' if 'respond' in how else 'HTTP/2 503')
