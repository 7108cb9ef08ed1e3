#!/usr/bin/env python3
"""A stub of the Lambda Runtime API, which misbehaves, for a bootstrap with tests/hosts/lambda_handler.c.

    lambda_stub.py BOOTSTRAP [--few] [--bare] [--handler NAME] [--name TEXT] [COMMAND-BEFORE-IT...]

--few: a short run. --bare: it is built without a C library. --handler: the bootstrap has another handler, and must only return the same as
build/handlers/NAME.so.

Started by tests/test_host_lambda.sh in the top directory. Prints what failed, and at the end "N passed, N failed". The server has one
thread and does nothing on its own: each test determines what is read and sent, byte for byte. Complete answers (a POST of
/response or /error that was read to its end) are recorded; no request id may have two."""
import glob
import json
import os
import re
import resource
import select
import socket
import subprocess
import sys
import time

passed, failed = 0, 0
PATIENCE = 4 if os.environ.get('TEST_STOP') else 10  # seconds; tests/mutate_hosts.py needs to know only that something fails
ID = '8476a536-e9f4-11e8-9739-2dfe598c3fcd'
PREFIX = '/2018-06-01/runtime/'


def check(good, complaint):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print('FAILED: %s%s' % (name, complaint))
        if os.environ.get('TEST_STOP'):
            sys.exit(1)
    return good


class Gone(Exception):
    """The bootstrap does nothing, or nothing that makes sense."""


class Request:
    def __init__(self, text, prefix):
        head, _, self.rest = text.partition(b'\r\n\r\n')
        lines = head.decode('latin-1').split('\r\n')
        self.method, self.path, self.version = lines[0].split(' ')
        self.headers = {}
        for line in lines[1:]:
            k, v = line.split(': ', 1)
            assert k.lower() not in self.headers, k
            self.headers[k.lower()] = v
        self.length = int(self.headers.get('content-length', 0))
        self.body = self.rest
        self.target = self.path[len(prefix):] if self.path.startswith(prefix) else None


class Runtime:
    """A bootstrap, and the server for it; `with` ends both."""

    def __init__(self, env=None, api=None, ip='127.0.0.1', path='', **popen):
        self.prefix = path + PREFIX
        self.listener = socket.socket(socket.AF_INET6 if ':' in ip else socket.AF_INET)
        self.listener.bind((ip, 0))
        self.listener.listen(4)
        self.conn, self.dials, self.posts = None, 0, {}
        self.address = '127.0.0.1:%d' % self.listener.getsockname()[1] if api is None else api.replace('PORT', str(self.listener.getsockname()[1]))
        full = {'AWS_LAMBDA_RUNTIME_API': self.address, 'PATH': os.environ['PATH']}
        full.update(env or {})
        self.started = time.perf_counter()
        self.process = subprocess.Popen(command, env=full, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, **popen)

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.hang_up()
        self.listener.close()
        if self.process.poll() is None:
            self.process.kill()
        if not self.process.stderr.closed:
            self.process.communicate()
        return False

    def log(self):
        return self.process.communicate()[1].decode('utf-8', 'replace')

    def hang_up(self, reset=False):
        if self.conn:
            if reset:
                self.conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
            self.conn.close()
        self.conn = None

    def _wait(self, s, seconds=PATIENCE):
        if not select.select([s], [], [], seconds)[0]:
            raise Gone('nothing arrives')

    def request(self, body=True):
        """Returns the next request on any connection; with body=False only the part that arrived with its headers."""
        text = b''
        while b'\r\n\r\n' not in text:
            if self.conn is None:
                self._wait(self.listener)
                self.conn = self.listener.accept()[0]
                self.conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.conn.settimeout(PATIENCE)
                self.dials += 1
            self._wait(self.conn)
            try:
                more = self.conn.recv(65536)
            except ConnectionError:
                more = b''
            if not more:
                if text:
                    raise Gone('half a request')
                self.hang_up()
            text += more
        r = Request(text, self.prefix)
        pieces, have = [r.rest], len(r.rest)
        while body and have < r.length:
            self._wait(self.conn)
            more = self.conn.recv(1 << 20)
            if not more:
                raise Gone('half a body')
            pieces.append(more)
            have += len(more)
        if body:
            r.body = b''.join(pieces)
            assert len(r.body) == r.length, 'more than announced'
            if r.method == 'POST':
                self.posts.setdefault(r.target.rpartition('/')[0], []).append(r)
        return r

    def send(self, data):
        self.conn.sendall(data)

    def next(self):
        r = self.request()
        if (r.method, r.target) != ('GET', 'invocation/next'):
            raise Gone('%s %s instead of next' % (r.method, r.path))
        return r

    def post(self, to='response', ident=ID, status='202 Accepted'):
        """Reads a complete answer and acknowledges it."""
        r = self.request()
        if (r.method, r.target) != ('POST', 'invocation/%s/%s' % (ident, to)):
            raise Gone('%s %s instead of %s: %s' % (r.method, r.path, to, r.body[:200]))
        if status:
            self.send(('HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"status":"OK"}\n' % status).encode())
        return r

    def ends(self, code, seconds=5):
        try:
            return self.process.wait(seconds) == code
        except subprocess.TimeoutExpired:
            raise Gone('it does not exit')


def head(length=None, more='', ident=ID, status='200 OK'):
    h = 'HTTP/1.1 %s\r\nContent-Type: application/json\r\n' % status
    if ident:
        h += 'Lambda-Runtime-Aws-Request-Id: %s\r\n' % ident
    h += 'Lambda-Runtime-Deadline-Ms: 1792000000000\r\nLambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:123456789012:function:edge\r\n'
    return (h + ('' if length is None else 'Content-Length: %d\r\n' % length) + more + '\r\n').encode()


def plain(event, more='', ident=ID):
    return head(len(event), more, ident) + event


def chunked(event, size, ident=ID, form='%x', trailer=b''):
    out = [head(None, 'Transfer-Encoding: chunked\r\n', ident)]
    for i in range(0, len(event), size):
        piece = event[i:i + size]
        out += [(form % len(piece)).encode(), b'\r\n', piece, b'\r\n']
    return b''.join(out) + b'0\r\n' + trailer + b'\r\n'


def event(uri='/a', pad=0, kind='viewer-request'):
    request = {'clientIp': '203.0.113.178', 'method': 'GET', 'uri': uri, 'querystring': '',
               'headers': {'host': [{'key': 'Host', 'value': 'd111111abcdef8.cloudfront.net'}]}}
    if pad:
        request['body'] = {'action': 'read-only', 'data': 'x' * pad, 'encoding': 'text', 'inputTruncated': False}
    cf = {'config': {'distributionDomainName': 'd111111abcdef8.cloudfront.net', 'distributionId': 'EDFDVBD6EXAMPLE', 'eventType': kind,
                     'requestId': 'id=='}, 'request': request}
    return json.dumps({'Records': [{'cf': cf}]}, separators=(',', ':')).encode()


def request_of(e):
    """Returns the result of an event that passes: its request, unchanged."""
    return e[e.index(b'"request":') + len('"request":'):-len('}}]}')]


class Only(Exception):
    """Skips a test in the short run."""


def only_long():
    if few:
        raise Only()


# ---- normal operation

def test_first():
    with Runtime() as r:
        q = r.next()
        check(q.version == 'HTTP/1.1' and q.headers['host'] == r.address, 'the first request: %s' % q.headers)
        check('content-length' not in q.headers and 'transfer-encoding' not in q.headers, 'a GET with a body')
        for i in range(20):
            e, ident = event('/%d' % i), 'id-%d' % i
            r.send(plain(e, ident=ident))
            q = r.post(ident=ident)
            check(q.body == request_of(e), 'event %d is returned changed' % i)
            check(q.headers['content-type'] == 'application/json', 'no content type')
            r.next()
        check(r.dials == 1, 'the connection was not kept: %d' % r.dials)
        check(all(len(p) == 1 for p in r.posts.values()) and len(r.posts) == 20, 'answers: %s' % r.posts.keys())


def test_samples():
    with Runtime() as r:
        for path in sorted(glob.glob('examples/events/*.json')):
            with open(path, 'rb') as f:
                e = f.read()
            r.next()
            r.send(chunked(e, 1000) if len(e) > 2048 else plain(e))
            want = subprocess.run(['build/edgefn', 'run', 'build/handlers/%s.so' % handler, path], stdout=subprocess.PIPE).stdout[:-1]
            check(r.post().body == want, '%s: differs from the result of build/edgefn' % path)


def test_sizes():
    with Runtime({'AWS_LAMBDA_FUNCTION_MEMORY_SIZE': '512'}) as r:
        for pad in (1, 1400, 3000, 70000, 300000, 900000, 6000000) if not few else (3000, 900000):
            e = event(pad=pad)
            for text in (plain(e), chunked(e, 65536), chunked(e, 997)):
                r.next()
                r.send(text)
                check(r.post().body == request_of(e), 'an event of %d bytes' % len(e))
        check(r.dials == 1, 'dials: %d' % r.dials)


def test_chunks():
    with Runtime() as r:
        e = event()
        forms = [(1, '%x', b''), (17, '%X', b''), (3, '%05x', b'X-Trailer: 1\r\nAnother: 2\r\n'), (10, '%x;name="value"', b''), (200, '%x ', b'')]
        for size, form, trailer in forms:
            r.next()
            r.send(chunked(e, size, form=form, trailer=trailer))
            check(r.post().body == request_of(e), 'chunks of %d as %s' % (size, form))
        check(r.dials == 1, 'dials: %d' % r.dials)


def test_splits():
    e = event()
    with Runtime() as r:
        for text in (plain(e), chunked(e, 100, trailer=b'T: 1\r\n')):
            for i in range(1, len(text), 1 if not few else 29):
                r.next()
                r.send(text[:i])
                time.sleep(0.0004)
                r.send(text[i:])
                if not check(r.post().body == request_of(e), 'split after %d bytes' % i):
                    break
            r.next()
            for i in range(len(text)):
                r.send(text[i:i + 1])
            check(r.post().body == request_of(e), 'byte by byte')
        r.next()  # the acknowledgement in pieces, after a 100 Continue
        for ack in (b'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n',
                    b'HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{"status":"OK"}\n\r\n0\r\n\r\n',
                    b'HTTP/1.1 204 No Content\r\n\r\n'):
            for i in range(1, len(ack), 7):
                r.send(plain(e))
                r.post(status=None)
                r.send(ack[:i])
                time.sleep(0.0004)
                r.send(ack[i:])
                r.next()
        check(r.dials == 1, 'dials: %d' % r.dials)


def test_long_poll():
    with Runtime() as r:
        r.next()
        time.sleep(1.2)
        r.send(plain(event()))
        r.post()
        check(r.next() is not None and r.process.poll() is None, 'it did not wait')


# ---- connections that end

def test_closing():
    e, close = event(), 'Connection: close\r\n'
    with Runtime() as r:
        for text in (plain(e, close), head(None, close) + e, b'HTTP/1.0' + plain(e)[8:]):  # Connection: close with a length, without a length, HTTP/1.0
            for i in range(2):
                r.next()
                r.send(text)
                r.conn.shutdown(socket.SHUT_WR)
                check(r.post().body == request_of(e), 'after a closed connection')
        dials = r.dials
        r.next()
        r.conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)  # not announced, but closed together with the last byte
        r.send(plain(e))
        r.hang_up()
        check(r.post().body == request_of(e) and r.dials == dials + 1, 'closed after the event')
        r.hang_up()  # closed between the answer and the next poll
        r.next()
        r.send(plain(e))
        check(r.post().body == request_of(e), 'closed after the answer')
        check(len(r.posts['invocation/' + ID]) == 8, 'answers: %d' % len(r.posts['invocation/' + ID]))


def test_truncated():
    e = event()
    for text in (plain(e), chunked(e, 50)):
        at = text.index(b'\r\n\r\n') + 4
        for cut in (at, at + 1, at + 70, len(text) - 1):
            for reset in (False, True):
                with Runtime() as r:
                    r.next()
                    r.send(text[:cut])
                    time.sleep(0.01)
                    r.hang_up(reset)
                    q = r.post('error')
                    check(json.loads(q.body)['errorType'] == 'Runtime.TruncatedEvent', 'cut at %d: %s' % (cut, q.body))
                    r.next()
                    check(len(r.posts) == 1 and r.process.poll() is None, 'cut at %d: %s' % (cut, r.posts))
    with Runtime() as r:  # without a length, the event ends with an orderly close; a reset is an error
        r.next()
        r.send(head() + e)
        time.sleep(0.01)
        r.hang_up(True)
        check(json.loads(r.post('error').body)['errorType'] == 'Runtime.TruncatedEvent', 'reset, without a length')
    text = plain(e)
    with Runtime() as r:  # there is no request id to answer: the bootstrap polls again, and a valid event resets its count of failures
        for cut in (0, 1, 12, text.index(b'\r\n\r\n') + 3):
            for i in range(2):
                r.next()
                r.send(text[:cut])
                r.hang_up()
            r.next()
            r.send(text)
            r.post()
    with Runtime() as r:
        for i in range(3):
            r.next()
            r.hang_up()
        check(r.ends(1), 'no event in three polls')


def test_garbage():
    e = event()
    for what, text in (('no HTTP', b'SSH-2.0-x\r\n\r\n'), ('no status', b'HTTP/1.1 abc\r\n\r\n'), ('short', b'HTTP/1.\r\n\r\n'),
                       ('no id', head(len(e), ident=None) + e), ('a path as id', plain(e, ident='../next')),
                       ('blank id', plain(e, ident='a b')), ('long id', plain(e, ident='a' * 200)), ('empty id', plain(e, ident=' ')),
                       ('403', head(2, status='403 Forbidden') + b'{}'), ('204', head(None, status='204 No Content')),
                       ('long head', head(2, 'X: y\r\n' * 20000) + b'{}')):
        with Runtime() as r:
            try:
                for i in range(3):
                    r.next()
                    r.send(text)
                    if what in ('no HTTP', 'no status', 'short', 'long head'):
                        r.hang_up()
                check(r.ends(1), '%s: does not exit' % what)
            except (Gone, ConnectionError) as x:
                check(False, '%s: %r' % (what, x))
            check(not r.posts, '%s: posted %s' % (what, r.posts))
    for what, text in (('bad chunk', b'z\r\n'), ('no size', b'\r\n'), ('wrong end', b'3\r\n{}xyz'), ('vast chunk', b'ffffffff\r\n'),
                       ('long size', b'1111111111\r\n'), ('endless line', b'1' + b' ' * 5000)):
        with Runtime() as r:
            r.next()
            r.send(head(None, 'Transfer-Encoding: chunked\r\n') + text)
            q = r.post('error')
            check(q.headers['lambda-runtime-function-error-type'] in ('Runtime.TruncatedEvent', 'Runtime.OutOfMemory'), '%s: %s' % (what, q.body))
            check(r.dials == 2, '%s: the connection is still used' % what)
            r.next()
    for what, more in (('length', 'Content-Length: 1x\r\n'), ('coding', 'Transfer-Encoding: gzip\r\n'), ('size', 'Content-Length: 99999999999\r\n')):
        with Runtime() as r:
            r.next()
            r.send(head(None, more) + e)
            q = r.post('error')
            check(q.headers['lambda-runtime-function-error-type'] == 'Runtime.' + ('OutOfMemory' if what == 'size' else 'TruncatedEvent'),
                  '%s: %s' % (what, q.body))
            r.next()


# ---- acknowledgements

def test_refusals():
    for status in ('413 Payload Too Large', '400 Bad Request'):
        with Runtime() as r:
            r.next()
            r.send(plain(event()))
            r.post(status=status)
            q = r.post('error')
            want = 'Function.ResponseSizeTooLarge' if status[0:3] == '413' else 'Runtime.ResponseRefused'
            check(json.loads(q.body)['errorType'] == want and q.headers['lambda-runtime-function-error-type'] == want, '%s: %s' % (status, q.body))
            r.next()
    with Runtime() as r:
        r.next()
        r.send(plain(event()))
        r.post(status='403 Forbidden')
        r.next()
        r.send(plain(event('/fail')))
        for status in ('400 Bad Request',):
            r.post('error', status=status)
        r.next()
        check(r.process.poll() is None, 'it does not keep running')
    for uri, to in (('/a', 'response'), ('/fail', 'error')):
        for status in ('500 Internal Server Error', '503 Service Unavailable'):
            with Runtime() as r:
                r.next()
                r.send(plain(event(uri)))
                r.post(to, status=status)
                check(r.ends(1), '%s: does not exit' % status)
    with Runtime() as r:
        r.next()
        r.send(head(2, status='500 Internal Server Error') + b'{}')
        check(r.ends(1), '500 for next')


def test_early():
    only_long()
    e = event(pad=16000000)
    for close in (False, True):
        with Runtime({'AWS_LAMBDA_FUNCTION_MEMORY_SIZE': '1024'}) as r:  # 413 before the whole answer was sent
            r.next()
            r.send(plain(e))
            q = r.request(body=False)
            r.send(b'HTTP/1.1 413 Payload Too Large\r\nContent-Length: 0\r\n\r\n')
            time.sleep(0.05)
            want = ['Function.ResponseSizeTooLarge']
            if close:
                want += ['Runtime.ResponseNotSent']  # the 413 may be lost when the connection is closed
            else:
                have = len(q.body)
                while True:
                    more = r.conn.recv(1 << 20)
                    have += len(more)
                    if not more:
                        break
                check(have < q.length, 'it keeps sending')
            r.hang_up()
            while True:
                q = r.request(body=False)
                if q.target.endswith('/error'):
                    break
                r.hang_up()
            check(json.loads(q.body)['errorType'] in want, '413: %s' % q.body)
            r.send(b'HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n')
            r.next()
            check(not r.posts, 'answers: %s' % r.posts)
    with Runtime({'AWS_LAMBDA_FUNCTION_MEMORY_SIZE': '1024'}) as r:  # half of the answer was read: it is sent again
        r.next()
        r.send(plain(e))
        r.request(body=False)
        r.hang_up(True)
        check(r.post().body == request_of(e), 'not sent again')
        r.next()
        check(len(r.posts['invocation/' + ID]) == 1, 'answers: %s' % r.posts)
    with Runtime({'AWS_LAMBDA_FUNCTION_MEMORY_SIZE': '1024'}) as r:  # after three failures it is an error
        r.next()
        r.send(plain(e))
        for i in range(4):
            r.request(body=False)
            r.hang_up(True)
        q = r.post('error')
        check(json.loads(q.body)['errorType'] == 'Runtime.ResponseNotSent', 'never sent: %s' % q.body)
        r.next()


def test_no_acknowledgement():
    for uri, to in (('/a', 'response'), ('/fail', 'error')):
        for sent in (b'', b'HTTP/1.1 20', b'nonsense\r\n\r\n'):
            for reset in (False, True):
                with Runtime() as r:
                    r.next()
                    r.send(plain(event(uri)))
                    r.post(to, status=None)
                    r.send(sent)
                    r.hang_up(reset)
                    check(r.ends(1), 'it keeps running although the answer may be lost')
                    check(not select.select([r.listener], [], [], 0)[0] and len(r.posts['invocation/' + ID]) == 1, 'it connected again')
    with Runtime() as r:  # a status without its text is an acknowledgement
        r.next()
        r.send(plain(event()))
        r.post(status=None)
        r.send(b'HTTP/1.1 202 Accepted\r\nContent-Length: 16\r\n\r\n{"sta')
        r.hang_up()
        r.next()
        check(len(r.posts['invocation/' + ID]) == 1, 'answered twice')


# ---- failures of the function

def test_failures():
    with Runtime() as r:
        for what, e, category, kind, says in (
                ('handler', event('/fail'), 'HandlerFailed', 'HANDLER', 'edgefn_handler'),
                ('reason', event('/reason'), 'HandlerFailed', 'HANDLER', "a 'reason'"),
                ('policy', event('/policy'), 'HandlerFailed', 'CHECK', 'connection'),
                ('memory', event('/all'), 'HandlerFailed', 'OOM', 'memory'),
                ('cut JSON', event()[:-1], 'EventRefused', 'JSON_EOF', 'event:1:'),
                ('no JSON', b'\x80\xff', 'EventRefused', 'JSON_SYNTAX', 'event:1:1'),
                ('empty', b'', 'EventRefused', 'JSON_EOF', 'event:1:1'),
                ('other event', b'{"Records":[{"eventSource":"aws:s3"}]}', 'EventRefused', '', 'event:'),
                ('broken text', event().replace(b'/a', b'/\xff'), 'EventRefused', 'JSON_UTF8', 'event:1:')):
            r.next()
            r.send(plain(e, 'Lambda-Runtime-Invocation-Id: attempt-%s\r\n' % what.replace(' ', '')))
            q = r.post('error')
            body = json.loads(q.body)
            check(set(body) == {'errorMessage', 'errorType', 'stackTrace'} and body['stackTrace'] == [], '%s: %s' % (what, body))
            check(q.headers['lambda-runtime-function-error-type'] == 'Function.' + category, '%s: %s' % (what, q.headers))
            check(body['errorType'].startswith('EDGEFN_E_' + kind) and says in body['errorMessage'], '%s: %s' % (what, body))
            check(q.headers['lambda-runtime-invocation-id'] == 'attempt-' + what.replace(' ', ''), '%s: attempt' % what)
        r.next()
        r.send(plain(event()))
        check(r.post().body == request_of(event()), 'after failures')
        r.next()
        r.send(plain(event('/log')))
        check(r.post().body == request_of(event('/log')), 'a handler that writes to the log')
        r.next()
        r.process.kill()
        log = r.log()
        check(log.count('\n') == 10 and log.count('edgefn: %s: ' % ID) == 10 and log.endswith(': log: one?two?[1m\n'), 'the log:\n' + log)


def test_memory():
    with Runtime({'AWS_LAMBDA_FUNCTION_MEMORY_SIZE': '512'}) as r:
        def rss():
            with open('/proc/%d/status' % r.process.pid) as f:
                return int(re.search(r'VmRSS:\s+(\d+)', f.read()).group(1))
        r.next()
        sizes = []
        for i in range(6):
            for e in (event('/much'), event(pad=2000000), event()):
                r.send(plain(e))
                r.post()
                r.next()
            sizes.append(rss())
        check(few or sizes[5] <= sizes[1] + 64, 'memory grows: %s kB' % sizes)
    with Runtime({'AWS_LAMBDA_FUNCTION_MEMORY_SIZE': '16'}) as r:  # too large for this function: one event fails
        r.next()
        try:
            r.send(plain(event(pad=6000000)))
        except ConnectionError:
            pass
        r.hang_up()
        check(json.loads(r.post('error').body)['errorType'] == 'Runtime.OutOfMemory', 'a large event')
        r.next()
        r.send(plain(event()))
        r.post()


def test_no_memory():
    """If memory cannot be allocated, the event fails with an error; the block that the bootstrap has is kept."""
    if len(command) > 1:
        return
    for mb in (1, 3, 4, 5, 6, 8, 10, 12, 16):
        with Runtime({'AWS_LAMBDA_FUNCTION_MEMORY_SIZE': '512'}) as r:
            r.next()
            with open('/proc/%d/status' % r.process.pid) as f:
                there = int(re.search(r'VmSize:\s+(\d+)', f.read()).group(1)) * 1024
            limit = there + mb * 1024 * 1024
            resource.prlimit(r.process.pid, resource.RLIMIT_AS, (limit, limit))
            e = event(pad=2000000)
            try:
                r.send(plain(e))
            except ConnectionError:
                pass  # the bootstrap did not read it because it is too large
            r.conn.settimeout(0.2)
            try:
                q = r.request()
            except (Gone, ConnectionError):
                r.hang_up()
                q = r.request()
            if q.target.endswith('/response'):
                check(q.body == request_of(e) and mb > 1, '%d MB: %s' % (mb, q.body[:200]))
            else:
                error = q.headers['lambda-runtime-function-error-type']
                check(q.target.endswith('/error') and error == 'Runtime.OutOfMemory' and mb < 16, '%d MB: %s' % (mb, q.body))
            r.send(b'HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n')
            r.next()
            r.send(plain(event()))
            check(r.post().body == request_of(event()), '%d MB: the next event' % mb)
            r.next()


def test_endless_length():
    for length in (1 << 63) + 1, (1 << 64) - 1:
        with Runtime() as r:
            r.next()
            r.send(head(None, 'Content-Length: %d\r\n' % length) + b'{')
            error = r.post('error').headers['lambda-runtime-function-error-type']
            check(error == 'Runtime.OutOfMemory', 'a length of %d: %s' % (length, error))
            r.next()


def test_no_poll():
    """If no file descriptors are left the kernel refuses poll(); the answer must still be sent."""
    if len(command) > 1:
        return
    with Runtime({'AWS_LAMBDA_FUNCTION_MEMORY_SIZE': '1024'}) as r:
        e = event(pad=16000000)
        r.next()
        r.send(plain(e))
        r.request(body=False)  # the bootstrap has read the event
        r.hang_up(True)
        q = r.request(body=False)
        resource.prlimit(r.process.pid, resource.RLIMIT_NOFILE, (0, 0))
        time.sleep(0.2)
        with open('/proc/%d/stat' % r.process.pid) as f:
            before = f.read().rpartition(') ')[2].split()
        time.sleep(0.5)
        with open('/proc/%d/stat' % r.process.pid) as f:
            after = f.read().rpartition(') ')[2].split()
        check(sum(map(int, after[11:13])) - sum(map(int, before[11:13])) < 20, 'it spins while the server reads nothing')


# ---- what the handler receives

def test_environment():
    env = {'EDGEFN_SECRET_cookie_key': 'with underscore', 'EDGEFN_SECRET_cookie__2Dkey': 'with hyphen', 'EDGEFN_KV___2Fold__20page': 'to',
           'EDGEFN_KV_a___5Fb': 'two', 'EDGEFN_KV_a_b': 'not this'}
    with Runtime(env) as r:
        draws, bits = set(), set()
        for i, trace in enumerate(('Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1', None, 'Root=2')):
            r.next()
            more = 'Lambda-Runtime-Client-Context: {"a":1}\r\nlambda-runtime-invocation-id:   try-%d  \r\n' % i
            r.send(plain(event('/tell'), more + ('' if trace is None else 'Lambda-Runtime-Trace-Id: %s\r\n' % trace)))
            q = r.post()
            check(q.headers.get('lambda-runtime-invocation-id') == 'try-%d' % i, 'the attempt: %s' % q.headers)
            check('lambda-runtime-function-error-type' not in q.headers, 'an error type with a success')
            told = json.loads(q.body)['body'].split('\n')
            want = [ID, '1792000000000', trace or 'none', 'arn:aws:lambda:us-east-1:123456789012:function:edge', '{"a":1}', trace or '',
                    'with underscore', 'with hyphen', 'none', 'to', 'two', 'none']
            check(told[:12] == want, 'told %s' % told)
            check(abs(int(told[12]) - time.time()) < 60, 'the time: %s' % told[12])
            draws.add(told[13])
            bits.add(told[14])
        check(len(draws) == 3 and 'none' not in draws, 'draws: %s' % draws)
        check(len(bits) == 3 and {len(b) for b in bits} == {43}, 'random bytes: %s' % bits)
        r.next()
        r.send(plain(event()))
        check('lambda-runtime-invocation-id' not in r.post().headers, 'an attempt id that was not sent')


# ---- signatures by public keys: tests/data/jwt/tokens.json

def variable(issuer):
    return 'EDGEFN_JWKS_' + ''.join(c if c.isalnum() or c == '_' else '__%02X' % ord(c) for c in issuer)


def ends_with(env, says):
    with Runtime(env) as r:
        q = r.request()
        check((q.method, q.target) == ('POST', 'init/error'), 'init error: %s %s' % (q.method, q.target))
        check(says in json.loads(q.body)['errorMessage'], 'init error: %s' % q.body)
        r.send(b'HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n')
        check(r.ends(1), 'init error: does not exit')


def test_tokens():
    with open('tests/data/jwt/tokens.json', encoding='utf-8') as f:
        vectors = json.load(f)
    issuer = 'https://id.example.com'
    if not openssl:
        ends_with({variable(issuer): '{}'}, 'built without OpenSSL')
        with Runtime() as r:
            r.next()
            r.send(plain(event('/token/' + vectors['cases'][0]['token'])))
            check(b'EDGEFN_E_ENVIRONMENT' in r.post('error').body, 'a token without keys')
        return
    env = {variable(one['issuer']): json.dumps(one['jwks']) for one in vectors['sets']}
    env.update({variable(issuer): 'jwks.json', 'LAMBDA_TASK_ROOT': os.path.abspath('tests/data/jwt')})
    with Runtime(env) as r:
        for case in vectors['cases']:
            r.next()
            r.send(plain(event('/token/' + case['token'])))
            got = json.loads(r.post().body)['body']
            check(got == ('valid' if case['ok'] else case['why']), '%s: %s' % (case['name'], got))
    for one in vectors['unusable']:
        if '\0' not in one['text']:
            ends_with({variable(issuer): one['text']}, issuer if one['text'].startswith('{') else 'No such file')


# ---- start and exit

def test_start():
    for api in ('', 'no-such-host:80', '127.0.0.1:', '127.0.0.1:0', '127.0.0.1:65536', '127.0.0:1', '1.2.3.4.5:1', '256.0.0.1:1',
                '[::1:80', '[::1]80', '[127.0.0.1]:80', '[::g]:80', '::1:80', ':80', '/a', '127.0.0.1:80/a b', '127.0.0.1:80/a?b'):
        with Runtime(api=api) as r:
            check(r.ends(2, 25 if api[0:2] == 'no' else 5) and 'AWS_LAMBDA_RUNTIME_API' in r.log(), 'AWS_LAMBDA_RUNTIME_API=%s' % api)
    with Runtime(api='localhost:PORT') as r:
        check(r.next().headers['host'] == r.address, 'localhost')
    for path in '/', '/fn', '/a/b//':
        with Runtime(api='127.0.0.1:PORT' + path, path=path.rstrip('/')) as r:
            for method, target in ('GET', 'invocation/next'), ('POST', 'invocation/%s/response' % ID):
                q = r.request()
                check((q.method, q.path) == (method, path.rstrip('/') + PREFIX + target), '%s: %s %s' % (path, q.method, q.path))
                check(q.headers['host'] == r.address[:-len(path)], '%s: %s' % (path, q.headers['host']))
                r.send(plain(event()))
    try:
        with Runtime(api='[::1]:PORT', ip='::1') as r:
            check(r.next().headers['host'] == r.address, 'IPv6')
    except OSError:
        print('SKIP AWS_LAMBDA_RUNTIME_API=[::1]: no IPv6')
    with open('/etc/hosts') as f:
        names = [n for line in f if line.startswith('127.0.0.1') for n in line.split('#')[0].split()[1:] if n != 'localhost']
    if '--bare' in options:
        with Runtime(api='localhost.example:PORT') as r:
            check(r.ends(2) and 'resolves no names' in r.log(), 'a name without a C library')
    elif names:
        with Runtime(api=names[0] + ':PORT') as r:
            check(r.next().headers['host'] == r.address, 'a name')
    else:
        print('SKIP AWS_LAMBDA_RUNTIME_API as a name: /etc/hosts has no name for 127.0.0.1 besides localhost')
    with Runtime(api='127.0.0.1:1') as r:  # no server listens there
        check(r.ends(1) and 'no event' in r.log(), 'no server')
    if len(command) == 1:
        little = lambda: resource.setrlimit(resource.RLIMIT_AS, (400 * 1024, 400 * 1024))
        with Runtime(preexec_fn=little) as r:  # no memory at the start
            q = r.request()
            check((q.method, q.target) == ('POST', 'init/error'), 'init error: %s %s' % (q.method, q.target))
            check(json.loads(q.body)['errorType'] == 'Runtime.OutOfMemory', 'init error: %s' % q.body)
            r.send(b'HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n')
            check(r.ends(1), 'init error: does not exit')


def test_speed():
    only_long()
    times = []
    for i in range(15):
        with Runtime() as r:
            r.next()
            times.append(time.perf_counter() - r.started)
    calls, e = 1000, event(pad=1000)
    with Runtime() as r:
        start = time.perf_counter()
        for i in range(calls):
            r.next()
            r.send(plain(e))
            r.post()
        wall = time.perf_counter() - start
        with open('/proc/%d/schedstat' % r.process.pid) as f:
            used = int(f.read().split()[0])
    print('%sstart to first /next %.2f ms (median of 15); an event of %d bytes: %.0f us here, with this server, of which the bootstrap %.0f us'
          % (name, sorted(times)[7] * 1000, len(e), wall / calls * 1e6, used / calls / 1000))
    check(sorted(times)[7] < 0.1, 'start: %s' % times)


def option(flag, default):
    if flag not in arguments:
        return default
    at = arguments.index(flag)
    value = arguments[at + 1]
    del arguments[at:at + 2]
    return value


arguments = sys.argv[1:]
options = [a for a in arguments if a in ('--few', '--bare', '--openssl')]
arguments = [a for a in arguments if a not in options]
few, openssl = '--few' in options, '--openssl' in options
name = option('--name', '')
name += ': ' if name else ''
handler = option('--handler', 'pass')
command = arguments[1:] + [os.path.abspath(arguments[0])]
for n, test in list(globals().items()):
    if n.startswith('test_') and (handler == 'pass' or n == 'test_samples') and (not openssl or n == 'test_tokens'):
        try:
            test()
        except Only:
            pass
        except (Gone, OSError, AssertionError, ValueError, KeyError) as x:
            check(False, '%s: %s: %s' % (n, type(x).__name__, x))
            if isinstance(x, (Gone, OSError)) and failed > 2:
                break  # each failure waits for ten seconds
print('%d passed, %d failed' % (passed, failed))
sys.exit(failed != 0)
