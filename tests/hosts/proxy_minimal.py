"""examples/hosts/minimal for tests/hosts/proxy.py, and tests of its own: what a stranger may send."""
import os
import random
import re
import signal
import socket
import subprocess
import time

import proxy
from proxy import OQ, OS, VQ, VS, Cut, Viewer, do, expect, expect_in, origin

PROGRAM = 'build/minimal/minimal'


class Proxy:
    lacks = {
        'raw_target': 'it leaves out the question mark before an empty query', 'tls': 'it has no TLS', 'h2': 'it has only HTTP/1.1', 'stored_head': 'it has no cache', 'cache_lock': 'it has no cache',
        'reload_under_load': 'a new handler takes a restart', 'file_limit': 'it writes no files',
    }
    store_s = 0
    skips = {name: 'it has no cache' for name in (
        'order_hit', 'order_revalidated', 'order_stale', 'order_cached', 'order_404_made_200', 'order_200_made_404', 'is_cached', 'order_generated_error_in_origin',
        'not_modified_for', 'cache_', 'is_not_cached', 'is_stored', 'on_a_hit', 'of_a_hit', 'triggers_for', 'no_triggers', 'response_body_replaced_by_functions', 'failure_with_conditions',
        'conditional_by', 'failure_of_a_handler: viewer-response')}
    skips.update({name: 'it adds only the headers of the viewer that every proxy knows, and to X-Forwarded-For the address' for name in (
        'cloudfront_headers_at', 'cloudfront_headers_functions', 'cloudfront_headers_of_an', 'known_headers_are_kept', 'known_header_set_and_removed: X-Forwarded-For',
        'cloudfront_headers_switched_off', 'viewer_header_without')})
    skips.update({'origin_in_events_s3': 'it has only custom origins', 'handler_with_memory': 'it calls handlers when the body has arrived, so the test would only wait'})

    def __init__(self, bench):
        self.bench, self.process, self.address, self.address6, self.address_h2 = bench, None, None, None, None
        self.program = os.path.abspath(os.environ.get('MINIMAL', PROGRAM))
        self.file = os.path.join(bench.build, 'minimal.log')

    @staticmethod
    def shows(data):
        """Returns received bytes as handlers see them."""
        try:
            data.decode()
            return data
        except UnicodeDecodeError:
            return data.decode('latin-1').encode()

    def options(self, config):
        kind, domain, port, protocol, path = config.origin
        words = ['--origin=%s:%d%s' % (domain, port, path), '--dns=127.0.0.1:%d' % self.bench.names.port]
        words += ['--%s=%s%s' % (e, file, ',functions' if dialect == 'functions' else '') for e, (file, dialect) in config.handlers.items()]
        words += [] if config.check else ['--no-check']
        words += ['--read-timeout=2'] + (['--show-reasons'] if config.check else [])
        words += ['--include-body'] if config.include_body else []
        return words + ['--table=%s:%s=%s' % row for row in config.tables] + (config.server.split() if config.server else [])

    def launch(self, config):
        """Returns None if it accepts connections, otherwise what it printed."""
        self.config = config
        with socket.socket() as s:
            s.bind(('127.0.0.1', 0))
            self.address = s.getsockname()
        with open(self.file, 'wb') as log:
            self.process = subprocess.Popen([self.program, '--listen=%s:%d' % self.address] + self.options(config), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        for _ in range(1000):
            if self.process.poll() is not None:
                return self.log()
            if 'http://' in self.log():
                return None
            time.sleep(0.01)
        return 'it does not start'

    def start(self, config):
        why = self.launch(config)
        if why is not None:
            raise RuntimeError(why)

    def reload(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
        self.start(self.config)

    def log(self):
        with open(self.file, encoding='latin-1') as f:
            return f.read()

    output = log

    def stop(self):
        if self.process is None:
            return []
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.process = None
        complaints = ['it ended with %s' % code] if code != 0 else []
        return complaints + re.findall('.*(?:Sanitizer|runtime error:).*', self.log())[:3]

    def refuse(self, config):
        why = self.launch(config)
        if why is None:
            self.stop()
        self.process = None
        return why


tests = []


def test(config, rows=None):
    return proxy.test(config, rows=rows, table=tests)


def raw(b, data, rest=True):
    """Sends bytes. Returns everything that comes until the connection is closed."""
    with Viewer(b.proxy.address) as v:
        v.send(data)
        return v.stream.rest() if rest else b''


SMUGGLED = b'GET /smuggled HTTP/1.1\r\nHost: a.test\r\nX-Test: %s\r\n\r\n'
BOTH = [
    ('length and chunked', b'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
    ('chunked and length', b'POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n'),
    ('two lengths', b'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n'),
    ('two equal lengths', b'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n'),
    ('a length with a sign', b'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: +0\r\n\r\n'),
    ('a list of lengths', b'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0, 0\r\n\r\n'),
    ('a length in hex', b'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0x0\r\n\r\n'),
    ('another coding', b'POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: xchunked\r\n\r\n'),
    ('a list of codings', b'POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: gzip, chunked\r\n\r\n'),
    ('two codings', b'POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n'),
    ('a space before the colon', b'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length : 100\r\n\r\n'),
    ('a tab before the colon', b'POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding\t: chunked\r\n\r\n'),
    ('a GET with a body', b'GET / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\n\r\n'),
    ('a GET in chunks', b'GET / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n'),
    ('a HEAD with a body', b'HEAD / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\n\r\n'),
    ('a DELETE with a body', b'DELETE / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\n\r\n'),
    ('no host', b'GET / HTTP/1.1\r\n\r\n'),
    ('two hosts', b'GET / HTTP/1.1\r\nHost: a.test\r\nHost: b.test\r\n\r\n'),
    ('a target that is not a path', b'GET a HTTP/1.1\r\nHost: a.test\r\n\r\n'),
    ('a target of another scheme', b'GET ftp://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n'),
    ('a header without a colon', b'GET / HTTP/1.1\r\nHost: a.test\r\nnothing\r\n\r\n'),
    ('a header without a name', b'GET / HTTP/1.1\r\nHost: a.test\r\n: x\r\n\r\n'),
    ('a control character', b'GET / HTTP/1.1\r\nHost: a.test\r\nX-A: a\x01b\r\n\r\n'),
    ('a carriage return', b'GET / HTTP/1.1\r\nHost: a.test\r\nX-A: a\rX-B: b\r\n\r\n'),
    ('CONNECT', b'CONNECT a.test:80 HTTP/1.1\r\nHost: a.test\r\n\r\n'),
    ('TRACE', b'TRACE / HTTP/1.1\r\nHost: a.test\r\n\r\n'),
    ('an unknown method', b'BREW / HTTP/1.1\r\nHost: a.test\r\n\r\n'),
]


@test('body', rows=BOTH)
def minimal_refuses(b, data):
    """It is refused and nothing of it or after it reaches the origin."""
    key = b.new_id().encode()
    got = raw(b, data + SMUGGLED % key)
    expect('one response', len(re.findall(rb'HTTP/1\.1 (?:4\d\d|501) ', got)), 1)
    expect('no other', len(re.findall(rb'HTTP/1\.1 ', got)), 1)
    expect('at the origin', b.one.seen(key.decode()), [])


@test('body')
def minimal_garbage(b):
    """Requests with a few bytes changed: whatever comes back, the server lives, and the next viewer is served."""
    draws = random.Random(int(os.environ.get('SEED') or 1))
    whole = b'POST /a?b=c HTTP/1.1\r\nHost: a.test\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nCookie: a=b; c=d\r\n\r\n5\r\nhello\r\n0\r\n\r\n'
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(draws.randrange(1, 6)):
            at = draws.randrange(len(data))
            data[at:at + draws.randrange(3)] = bytes(draws.choice(b'\0\t\r\n :;,/?#%\x7f\xff0f') for _ in range(draws.randrange(3)))
        with Viewer(b.proxy.address) as v:
            v.send(bytes(data))
            v.sock.shutdown(socket.SHUT_WR)
            v.sock.settimeout(0.02)
            try:
                v.sock.recv(10000)
            except OSError:
                pass
    expect('a later one', b.ask().status, 200)


@test('body')
def minimal_hop_by_hop(b):
    r = b.ask(('Connection', 'X-Hop, x-second'), ('Connection', 'X-Third'), ('Connection', '"close, X-Fourth'), ('X-Fourth', '4'), ('X-Hop', 'secret'), ('X-Second', '2'), ('X-Third', '3'), ('Expect', 'x'), ('Trailer', 'X-A'), ('Keep-Alive', 'timeout=5'), ('TE', 'trailers'), ('Upgrade', 'websocket'), ('Proxy-Connection', 'x'), ('X-Stays', '1'))
    names = r.seen[0].headers.names()
    for name in ('x-hop', 'x-second', 'x-third', 'x-fourth', 'keep-alive', 'te', 'upgrade', 'proxy-connection', 'expect', 'trailer'):
        expect(name, name in names, False)
    expect('another', 'x-stays' in names, True)
    expect('the address', r.seen[0].headers.get('x-forwarded-for'), b'127.0.0.1')


@test('body')
def minimal_limits(b):
    for name, target, more, want in (('url', '/' + 'a' * 8192, [], 414), ('head', '/', [('X-A', 'a' * 33000)], 494), ('lines', '/', [('X-%d' % i, 'a') for i in range(500)], 400),
                                     ('names in Connection', '/', [('Connection', 'a,' * 500)], 400)):
        with Viewer(b.proxy.address) as v:
            r = b.ask_on(v, *more, target=target)
            expect(name, r.status, want)
    got = raw(b, b'GET / HTTP/1.1\r\nHost: a.test\r\nX-A: ' + b'a' * 200000)
    expect('a head without end', re.findall(rb'HTTP/1\.1 (\d+) ', got) in ([], [b'400'], [b'413']), True)


@test('')
def minimal_limit_of_bodies(b):
    b.start(b.config(server='--max-body=1000'))
    expect('below', b.ask(method='POST', body=b'a' * 1000).status, 200)
    for chunks in (0, 100):
        try:
            r = b.ask(method='POST', body=b'a' * 1001, chunks=chunks)
            expect('above', r.status, 413)
        except (Cut, ConnectionError):
            pass  # it closes before everything was sent
    expect('after that', b.ask(method='POST', body=b'a' * 1000, chunks=100).status, 200)
    expect('complaints', b.proxy.stop(), [])


@test('body')
def minimal_viewer_that_leaves(b):
    """While the origin works: nobody waits for the response any more."""
    for words in ({'delay': 0.3}, {'delay': 0.3, 'size': 300000}):
        keys = [b.new_id() for _ in range(20)]
        for key in keys:
            with Viewer(b.proxy.address) as v:
                name, value = origin(**words)
                v.send(('GET /%s HTTP/1.1\r\nHost: a.test\r\nX-Test: %s\r\n%s: %s\r\n\r\n' % (key, key, name, value)).encode())
                time.sleep(0.01)
        time.sleep(0.6)
        expect('a later one', b.ask().status, 200)


@test('body')
def minimal_silent_viewers(b):
    """Viewers that send half a request hold nobody up."""
    viewers = [Viewer(b.proxy.address) for _ in range(50)]
    for i, v in enumerate(viewers):
        v.__enter__()
        v.send(b'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\n'[:5 + i])
    start = time.monotonic()
    expect('another', b.ask().status, 200)
    expect('at once', time.monotonic() - start < 2, True)
    for v in viewers:
        v.__exit__(None, None, None)


@test('')
def minimal_ends_while_it_works(b):
    """Nothing is lost when it is ended with requests in all states."""
    b.start(b.config())
    viewers = [Viewer(b.proxy.address) for _ in range(9)]
    for i, v in enumerate(viewers):
        v.__enter__()
        name, value = origin(delay=5)
        v.send(('GET / HTTP/1.1\r\nHost: a.test\r\n%s: %s\r\n\r\n' % (name, value)).encode()[:20 if i % 3 == 0 else None])
    time.sleep(0.3)
    expect('complaints', b.proxy.stop(), [])
    for v in viewers:
        v.__exit__(None, None, None)


@test('')
def minimal_refuses_options(b):
    for word in ('--origin=a', '--origin=:80', '--origin=a:0', '--table=a', '--table=a:b', '--nothing', '--listen=1', '--max-body=x', '--dns=nowhere', '--dns', '--origin', '--table', '--viewer-request', '--no-check=1', 'word'):
        expect_in(word, b.proxy.refuse(b.config(server=word)) or '', word)
