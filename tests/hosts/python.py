"""The tests of the Python host, built and started by tests/test_host_python.sh:

    python3 tests/hosts/python.py BUILD      BUILD/function is an unpacked zip of index_pages; BUILD/odd.so is built from odd.c
"""
import base64
import contextlib
import copy
import gc
import hmac
import http.server
import importlib.util
import io
import json
import logging
import os
import resource
import shutil
import subprocess
import sys
import threading
import time
import traceback

sys.dont_write_bytecode = True
sys.path[:0] = ['examples/hosts/lambda_edge_python']
import edgefn
import edgefn_service
import measure

BUILD = sys.argv[1]
HOST = 'build/obj/edgefn_python.so'
NOW, DRAW, BITS = 1767225600, 2 ** 31, bytes(range(16))
EVENTS = sorted(name for name in os.listdir('examples/events') if name.endswith('.json'))
HANDLERS = sorted(name[:-3] for name in os.listdir('build/handlers') if name.endswith('.so'))
EVERYTHING = ('pass', 'ab_test', 'index_pages', 'redirect_https', 'add_security_headers', 'error_to_static_page', 'session_cookie',
              'path_by_device')
count = [0, 0]


def test(name, body, *args):
    try:
        body(*args)
        count[0] += 1
    except Exception:
        count[1] += 1
        print('not ok %s\n    %s' % (name, '\n    '.join(traceback.format_exc().splitlines()[-8:])))


def read(event):
    with open('examples/events/' + event, encoding='utf-8') as f:
        return json.load(f)


def load(library, tables=None):
    return edgefn.Handler(library, HOST, tables, now=lambda: NOW, draw=lambda: DRAW, random=lambda: BITS)


def run(library, event):
    """Returns the command line's result for an event: (exit code, result, stderr)."""
    done = subprocess.run(['build/edgefn', 'run', library, '-', '--now', str(NOW), '--random', '0.5', '--random-bytes', BITS.hex()], input=json.dumps(event).encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.returncode, json.loads(done.stdout.decode()) if done.returncode == 0 else None, done.stderr.decode()


def sample(kind, **headers):
    options = [o for name, value in headers.items() for o in ('--header', '%s: %s' % (name.replace('_', '-'), value))]
    return json.loads(subprocess.check_output(['build/edgefn', 'sample', kind] + options).decode())


def raises(kind, function, *args, code=None, says=''):
    try:
        result = function(*args)
    except kind as error:
        assert says in str(error), '%s: no %s' % (error, says)
        assert code is None or error.code == code
        return
    raise AssertionError('it gave %s' % str(result)[:200])


def same(edge, library, event):
    """Compares with the command line: the same result, with members in the same order, or an exception if the command line fails."""
    code, result, why = run(library, event)
    if code == 0:
        assert json.dumps(edge(copy.deepcopy(event))) == json.dumps(result)
        return
    assert code == 3
    try:
        edge(event)
    except edgefn.EdgefnError as error:
        assert error.code == 3 and str(error) in why
        return
    raise AssertionError('no error')


# ---- handlers on the samples

assert len(EVENTS) > 20 and len(HANDLERS) > 15
for name in HANDLERS:
    library = 'build/handlers/%s.so' % name
    edge = load(library, {}) # the command line also has tables, which are empty
    for event in EVENTS if name in EVERYTHING else ('viewer-request-page.json', 'origin-response-ok.json'):
        test('%s %s' % (name, event), same, edge, library, read(event))
for name, event, plain in measure.HANDLERS: # otherwise comparing their speed would be meaningless
    def alike():
        assert plain(read(event)) == load('build/handlers/%s.so' % name)(read(event))
    test('%s in Python %s' % (name, event), alike)


# ---- the function of the zip

def imported(directory):
    """Returns lambda_handler of a directory, loaded as by a new interpreter."""
    spec = importlib.util.spec_from_file_location('lambda_function', os.path.join(directory, 'lambda_function.py'))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda event: module.lambda_handler(event, None)


def odd(name, config=None):
    """Makes a copy of the function with the handler odd.c and this config.json."""
    to = os.path.join(BUILD, name)
    shutil.copytree(os.path.join(BUILD, 'function'), to)
    os.remove(os.path.join(to, 'handler.so'))
    shutil.copy(os.path.join(BUILD, 'odd.so'), os.path.join(to, 'handler.so'))
    if config is not None:
        with open(os.path.join(to, 'config.json'), 'w', encoding='utf-8') as f:
            f.write(config)
    return imported(to)


def test_function():
    handler = imported(os.path.join(BUILD, 'function'))
    for event in EVENTS:
        same(handler, 'build/handlers/index_pages.so', read(event))


def test_clock():
    handler, draws, bits = odd('clock'), [], []
    for _ in range(2):
        headers = handler(sample('viewer-request', x_test='clock'))['headers']
        assert abs(int(headers['x-now'][0]['value']) - __import__('time').time()) < 60
        draws.append(int(headers['x-draw'][0]['value']))
        bits.append(headers['x-random'][0]['value'])
    assert draws[0] != draws[1] # equal by chance once in 2^32 runs
    assert bits[0] != bits[1] and len(bits[0]) == len(bits[1]) == 43
    given = load(BUILD + '/odd.so')(sample('viewer-request', x_test='clock'))['headers']['x-random'][0]['value']
    assert given == base64.urlsafe_b64encode(hmac.new(BITS, b'test', 'sha256').digest()).rstrip(b'=').decode()


def test_log():
    lines = []
    edge = edgefn.Handler(BUILD + '/odd.so', HOST, log=lambda form, *more: lines.append(form % more))
    edge(sample('viewer-request', x_test='log'))
    assert lines == ['one?two ä?', 'x' * 997 + '...'], lines
    edge(sample('viewer-request'))
    assert len(lines) == 2
    out = subprocess.run([sys.executable, '-c', 'import logging, sys; sys.path.insert(0, sys.argv[1]); logging.basicConfig(format="%(message)s")\n'
                          'import json, lambda_function; lambda_function.lambda_handler(json.loads(sys.argv[2]), None)',
                          BUILD + '/clock', json.dumps(sample('viewer-request', x_test='log'))], stderr=subprocess.PIPE, check=True).stderr.decode()
    assert out.splitlines() == lines, out


def lookup(handler, table, key):
    return handler(sample('viewer-request', x_test='lookup', x_table=table, x_key=key))['headers']['x-value'][0]['value']


def test_lookups():
    tables = {'kv': {'/a': 'one', '/b': 'two', '/ä': 'drei ☕', '': 'empty key', '/c': ''}, 'secret': {'/b': 'hidden'}, 'empty': {}}
    handler = odd('lookup', json.dumps(tables))
    gc.collect()
    for table, key, value in (('kv', '/a', 'one'), ('kv', '/b', 'two'), ('kv', '/ä', 'drei ☕'), ('secret', '/b', 'hidden'), ('kv', '/c', ''),
                              ('secret', '/a', '(absent)'), ('kv', '/', '(absent)'), ('kv', '/aa', '(absent)'), ('empty', '/a', '(absent)'),
                              ('none', '/a', '(absent)')):
        assert lookup(handler, table, key) == value, (table, key)


def test_many_lookups():
    edge = load(BUILD + '/odd.so', {'kv': {'/%d' % i: 'value %d' % i for i in range(10000)}})
    for i in (0, 1, 9, 10, 4711, 9999):
        assert lookup(edge, 'kv', '/%d' % i) == 'value %d' % i
    assert lookup(edge, 'kv', '/10000') == '(absent)'


# ---- signatures by public keys: tests/data/jwt/tokens.json

with open('tests/data/jwt/tokens.json', encoding='utf-8') as f:
    VECTORS = json.load(f)
SETS = {one['issuer']: one['jwks'] for one in VECTORS['sets']}


def checked(handler, token):
    asking = sample('viewer-request', x_test='token', x_token='x')
    asking['Records'][0]['cf']['request']['headers']['x-token'][0]['value'] = token
    return handler(asking)['headers']['x-value'][0]['value']


def test_token(handler, case):
    got = checked(handler, case['token'])
    assert got == ('valid' if case['ok'] else case['why']), got


def test_rotated():
    edge = load(BUILD + '/odd.so', {'jwks': {VECTORS['rotated']['issuer']: VECTORS['rotated']['jwks']}})
    for case in VECTORS['cases']:
        assert (checked(edge, case['token']) == 'valid') == (case['name'] == VECTORS['rotated']['passes']), case['name']


def test_tokens():
    for jwks in (SETS, {issuer: json.dumps(jwks) for issuer, jwks in SETS.items()}):
        edge = load(BUILD + '/odd.so', {'jwks': jwks})
        gc.collect()
        for case in VECTORS['cases']:
            test('a token: ' + case['name'], test_token, edge, case)
    test('a token, with keys in config.json', lambda: test_token(odd('keys', json.dumps({'jwks': SETS})), VECTORS['cases'][0]))
    test('a token, after the keys were replaced', test_rotated)
    for tables in (None, {}, {'kv': {}}):
        edge = load(BUILD + '/odd.so', tables)
        test('a token, without keys', lambda: raises(Exception, checked, edge, VECTORS['cases'][0]['token'], says='EDGEFN_E_ENVIRONMENT'))
    for one in VECTORS['unusable']:
        test('a JWKS without a usable key: ' + one['name'], lambda: raises(
            TypeError, load, BUILD + '/odd.so', {'jwks': {'https://id.example.com': one['text']}}, says='table "jwks": https://id.example.com: '))
    for bad in (None, 7, [], 'text', {'a': None}, {'a': 7}, {'a': []}, lambda key: '{}'):
        test('a table jwks: %r' % (bad,), raises, TypeError, load, BUILD + '/odd.so', {'jwks': bad})


def test_without_cryptography():
    hidden = {name: sys.modules.pop(name) for name in list(sys.modules) if name == 'edgefn_verify' or name.split('.')[0] == 'cryptography'}
    sys.modules['cryptography'] = None # an import of it fails
    try:
        raises(ImportError, load, BUILD + '/odd.so', {'jwks': SETS}, says='needs the package cryptography')
        load(BUILD + '/odd.so', {'kv': {}})
    finally:
        del sys.modules['cryptography']
        sys.modules.update(hidden)


if importlib.util.find_spec('cryptography'):
    test_tokens()
else:
    print('SKIP signatures in Python: the package cryptography is not installed')
test('without the package cryptography', test_without_cryptography)
test('lambda_function.py', test_function)
test('clock and draw of their own', test_clock)
test('a handler that writes to the log', test_log)
test('look-ups', test_lookups)
test('ten thousand look-ups', test_many_lookups)
test('a configuration without tables', lambda: (lookup(odd('hollow', '{}'), 'kv', '/a') == '(absent)') or 1 / 0)
test('without tables a look-up fails', lambda: raises(Exception, lookup, odd('bare'), 'kv', '/a', says='EDGEFN_E_ENVIRONMENT'))
for i, bad in enumerate(('', '[]', '{"kv": 1}', '{"kv": null}', '{"kv": {"a": 1}}', '{"kv": {"a": "b"}')):
    test('config.json: %s' % bad, raises, Exception, odd, 'bad%d' % i, bad)
test('a library of another abi', raises, ImportError, load, BUILD + '/other.so')
test('a library that is no handler', raises, ImportError, load, BUILD + '/empty.so')
test('a library older than edgehost_call.error is called once',
     lambda: raises(edgefn.EdgefnError, load(BUILD + '/older.so'), sample('viewer-request'), code=3, says='once (EDGEFN_E_OOM)'))
test('a library that is not there', raises, OSError, load, BUILD + '/none.so')


# ---- failures: an exception, and the next event is handled

def test_fails(handler, event, kind, code, says):
    fine = sample('viewer-request')
    expected = json.dumps(run(BUILD + '/odd.so', fine)[1])
    for _ in range(3):
        raises(kind, handler, event, code=code, says=says)
        assert json.dumps(handler(fine)) == expected


handler = load(BUILD + '/odd.so')
for how, says in (('false', 'EDGEFN_E_HANDLER'), ('uri', 'EDGEFN_E_URI'), ('forbidden', 'EDGEFN_E_CHECK'), ('eat', 'EDGEFN_E_OOM')):
    test('fails: ' + how, test_fails, handler, sample('viewer-request', x_test=how), edgefn.EdgefnError, 3, says)
for bad in (None, {}, [], 'text', {'Records': []}, {'Records': [{'cf': {'config': {'eventType': 'viewer-request'}}}]}):
    test('fails: %s' % bad, test_fails, handler, bad, edgefn.EdgefnError, 1, 'EDGEFN_E_')
test('fails: surrogate', test_fails, handler, dict(sample('viewer-request'), more='\ud800'), ValueError, None, '')
test('fails: not a number', test_fails, handler, dict(sample('viewer-request'), more=float('nan')), ValueError, None, '')
test('fails: no JSON', test_fails, handler, dict(sample('viewer-request'), more=b''), TypeError, None, '')


# ---- threads, and calls within a call

def test_threads():
    edge, wrong = load('build/handlers/pass.so'), []
    more = load(BUILD + '/odd.so', {'kv': {str(i): 'value %d' % i for i in range(8)}})
    interval = sys.getswitchinterval()

    def work(me):
        event = sample_of[me]
        for i in range(2000):
            value = more(event)['headers']['x-value'][0]['value']
            if value != 'value %d' % me or edge(event) is not event['Records'][0]['cf']['request']:
                wrong.append((me, value))

    sample_of = [sample('viewer-request', x_test='lookup', x_table='kv', x_key=str(i)) for i in range(8)]
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert not wrong, '%d of 16000 results belong to another event' % len(wrong)


def test_call_within():
    inner, outer = sample('viewer-request', x_test='lookup', x_table='kv', x_key='a'), sample('viewer-request', x_test='lookup', x_table='kv', x_key='b')
    depth = []

    def now():
        if not depth:
            depth.append(1)
            assert edge(inner)['headers']['x-value'][0]['value'] == 'one'
        return NOW

    edge = edgefn.Handler(BUILD + '/odd.so', HOST, {'kv': {'a': 'one', 'b': 'two'}}, now=now, draw=lambda: DRAW)
    assert edge(outer)['headers']['x-value'][0]['value'] == 'two'


# ---- tables that are functions, and services

class Confirming(http.server.BaseHTTPRequestHandler):
    """A service that knows the token "good"; the path says what is wrong with its answer."""

    asked = []

    def do_GET(self):
        token = self.headers['Authorization']
        self.asked.append((self.path, token, self.headers['Host']))
        status, value, more = (200, b'ana', {}) if token == 'Bearer good' else (404, b'', {})
        if self.path == '/error':
            status = 500
        if self.path == '/redirect':
            status, more = 302, {'Location': '/confirm'}
        if self.path == '/slow':
            time.sleep(0.6)
        if self.path == '/hostile':
            value = b'ana\r\nX-Role: admin'
        if self.path == '/long':
            value = b'a' * 20000
        if self.path == '/utf8':
            value = 'änne'.encode('latin-1')
        if self.path == '/nothing':
            value = b''
        if self.path == '/garbage':
            self.wfile.write(b'ana\r\n\r\n')
            return
        self.send_response(status)
        if self.path != '/no-length':
            self.send_header('Content-Length', str(len(value) + (5 if self.path == '/short' else 0)))
        for name in more:
            self.send_header(name, more[name])
        self.end_headers()
        if self.path == '/drip': # each byte in time, all together not
            for byte in value:
                time.sleep(0.25)
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
            return
        self.wfile.write(value)

    def log_message(self, form, *more):
        pass


class Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address): # a client that no longer waits
        pass


service = Quiet(('127.0.0.1', 0), Confirming)
threading.Thread(target=service.serve_forever, daemon=True).start()
SERVICE = 'http://127.0.0.1:%d' % service.server_address[1]


def members(authorization, uri='/members/a'):
    event = sample('viewer-request', x_user='root', **({'authorization': authorization} if authorization else {}))
    event['Records'][0]['cf']['request']['uri'] = uri
    return event


def members_only(table):
    return load('build/handlers/confirm_elsewhere.so', {'auth': table})


def test_confirmed(edge):
    Confirming.asked.clear()
    for _ in range(2):
        assert [h['value'] for h in edge(members('Bearer good'))['headers']['x-user']] == ['ana']
    assert Confirming.asked == [('/confirm?a=b', 'Bearer good', SERVICE[7:])] * 2
    assert 'x-user' not in edge(members('Bearer good', '/a'))['headers']
    for wrong in (None, 'Basic good', 'Bearer', 'Bearer bad', 'Bearer good x', 'Bearer gööd'):
        assert edge(members(wrong))['status'] == '401', wrong
    assert [token for _, token, _ in Confirming.asked] == ['Bearer good'] * 2 + ['Bearer bad']


def test_refused(url, **options):
    """Nobody comes in, and quickly."""
    edge, start, lines = members_only(edgefn_service.Service(url, 0.3, **options)), time.monotonic(), []
    log = logging.Handler()
    log.emit = lambda record: lines.append(record.getMessage())
    logging.getLogger('edgefn').addHandler(log)
    try:
        result = edge(members('Bearer good'))
    finally:
        logging.getLogger('edgefn').removeHandler(log)
    assert result['status'] == '401' and result['headers']['www-authenticate'][0]['value'] == 'Bearer', result
    assert time.monotonic() - start < 1
    assert 'good' not in str(lines) and 'ana' not in str(lines)
    assert url.endswith(('/hostile', '/nothing')) or [line.split(': ')[0] for line in lines] == [url], lines


def test_function_of_table():
    keys, values = [], {'a': 'one', 'b': None, 'c': '', 'ä': 'drei ☕', 'd': 1}

    def find(key):
        keys.append(key)
        return values[key]

    edge = load(BUILD + '/odd.so', {'kv': find, 'secret': {'a': 'hidden'}})
    for table, key, value in (('kv', 'a', 'one'), ('kv', 'b', '(absent)'), ('kv', 'c', ''), ('kv', 'ä', 'drei ☕'), ('secret', 'a', 'hidden'),
                              ('secret', 'b', '(absent)'), ('none', 'a', '(absent)')):
        assert lookup(edge, table, key) == value, (table, key)
    assert keys == ['a', 'b', 'c', 'ä']
    for _ in range(2): # it raises each time, and does not stay
        raises(KeyError, lookup, edge, 'kv', 'e')
        raises(TypeError, lookup, edge, 'kv', 'd', says='table "kv": the value is not a string')
        assert lookup(edge, 'kv', 'a') == 'one'
    keys.clear()
    big = load(BUILD + '/odd.so', {'kv': find})
    event = sample('viewer-request', x_test='big-lookup', x_table='kv', x_key='a')
    assert big(event)['headers']['x-value'][0]['value'] == 'one' and keys == ['a'], keys # though it was repeated with more memory
    inner = load(BUILD + '/odd.so', {'kv': lambda key: lookup(edge, 'kv', 'a') + key})
    assert lookup(inner, 'kv', 'x') == 'onex'


def test_asking_threads():
    edge, wrong = load(BUILD + '/odd.so', {'kv': lambda key: time.sleep(0.001) or 'value ' + key}), []
    events = [sample('viewer-request', x_test='lookup', x_table='kv', x_key=str(i)) for i in range(8)]

    def work(me):
        for _ in range(50):
            value = edge(events[me])['headers']['x-value'][0]['value']
            if value != 'value %d' % me:
                wrong.append((me, value))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong[:3]


test('a table that is a function', test_function_of_table)
test('eight threads that ask', test_asking_threads)
test('a service that confirms', lambda: test_confirmed(members_only(edgefn_service.Service(SERVICE + '/confirm?a=b'))))
for path in ('error', 'redirect', 'slow', 'drip', 'hostile', 'long', 'utf8', 'nothing', 'garbage', 'no-length', 'short'):
    test('a service: ' + path, test_refused, SERVICE + '/' + path)
closed = http.server.HTTPServer(('127.0.0.1', 0), Confirming)
closed.server_close()
test('no service', test_refused, 'http://127.0.0.1:%d/confirm' % closed.server_address[1])
test('no HTTPS', test_refused, SERVICE.replace('http', 'https') + '/confirm')
for bad in ('', 'localhost', 'ftp://localhost/', 'http:///a', 'http://user:secret@localhost/', 'http://localhost/a b', 'http://localhost/ä', 'http://localhost:x/'):
    test('not the URL of a service: %s' % bad, raises, ValueError, edgefn_service.Service, bad)


def confirming(name, config):
    """The function of the zip, with the recipe and this config.json."""
    to = os.path.join(BUILD, name)
    shutil.copytree(os.path.join(BUILD, 'function'), to)
    shutil.copy('build/handlers/confirm_elsewhere.so', os.path.join(to, 'handler.so'))
    with open(os.path.join(to, 'config.json'), 'w', encoding='utf-8') as f:
        json.dump(config, f)
    return imported(to)


test('the zip, with a service', lambda: test_confirmed(confirming('service', {'auth': SERVICE + '/confirm?a=b'})))
test('the zip, with a table', lambda: (confirming('rows', {'auth': {'good': 'ana'}})(members('Bearer good'))['headers']['x-user'][0]['value'] == 'ana') or 1 / 0)
test('the zip, with no URL', raises, ValueError, confirming, 'no_url', {'auth': 'confirm'})
test('eight threads', test_threads)
test('a call within a call', test_call_within)


# ---- test events

def test_lenient(cf, member, kind, **options):
    event, said = {'Records': [{'cf': cf}]}, io.StringIO()
    raises(edgefn.EdgefnError, load('build/handlers/pass.so'), event, code=1, says='.lenient')
    edge = edgefn.Handler('build/handlers/pass.so', HOST, lenient=True, **options)
    with contextlib.redirect_stderr(said):
        assert edge(event) is cf[member]
    assert said.getvalue() == ('edgefn: the event has no eventType: taken as %s\n' % kind if kind else '')


ORIGIN = {'s3': {'domainName': 'bucket.s3.amazonaws.com', 'path': None}}
test('test event: a request', test_lenient, {'config': {}, 'request': {'uri': '/'}}, 'request', 'viewer-request')
test('test event: an origin', test_lenient, {'request': {'uri': '/', 'origin': ORIGIN}}, 'request', 'origin-request')
test('test event: a response', test_lenient, {'config': None, 'response': {'status': '200'}}, 'response', 'viewer-response')
test('test event: a response and an origin', test_lenient, {'request': {'uri': '/', 'origin': ORIGIN}, 'response': {'status': '200'}}, 'response',
     'origin-response')
test('test event: a type', lambda: test_lenient({'request': {'uri': '/'}}, 'request', None, type='origin-request'))
test('a type that there is not', raises, ValueError, lambda: edgefn.Handler('build/handlers/pass.so', HOST, type='request'))


# ---- memory

def test_in_a_row():
    edge, given = load('build/handlers/index_pages.so'), [read(event) for event in EVENTS]
    expected = [json.dumps(edge(event)) for event in given]
    memory = edge.memory
    for i in range(1000):
        n = i * 7 % len(given) # long events after short ones, requests after responses
        assert json.dumps(edge(given[n])) == expected[n]
    assert edge.memory == memory


def test_eating():
    edge, event = load(BUILD + '/odd.so'), sample('viewer-request', x_test='eat')
    raises(edgefn.EdgefnError, edge, event)
    memory, peak = edge.memory, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(10):
        raises(edgefn.EdgefnError, edge, event)
    assert edge.memory == memory
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < peak + 65536 # in KiB: earlier blocks were freed


def test_untouched():
    for name in EVENTS:
        given = read(name)
        before = json.dumps(given)
        result = load('build/handlers/pass.so')(given)
        parts = given['Records'][0]['cf'] if 'Records' in given else given
        assert any(result is part for part in parts.values())
        assert json.dumps(given) == before


def test_body(encoding, data):
    given, edge = read('viewer-request-upload.json'), load('build/handlers/pass.so')
    expected = copy.deepcopy(edge(given))
    given['Records'][0]['cf']['config']['eventType'] = 'origin-request'
    given['Records'][0]['cf']['request']['body'].update(data=data, encoding=encoding)
    expected['body'].update(data=data, encoding=encoding)
    assert edge(given) == expected
    memory = edge.memory
    for _ in range(3):
        assert edge(given) == expected
    assert edge.memory == memory < 80e6


test('more room than at first', same, load(BUILD + '/odd.so'), BUILD + '/odd.so', sample('viewer-request', x_test='big'))
test('1,000 events in a row', test_in_a_row)
test('a failing handler takes no more at the next time', test_eating)
test('as it was received is the very object', test_untouched)
test('a body of 1 MB, base64', test_body, 'base64', 'QUJD' * 349525 + 'QQ==')
test('a body of 1 MB, text', test_body, 'text', 'ä☕"\\\n' * 150000)

print(*count)
sys.exit(count[1] != 0)
