"""The peers of a proxy in tests/hosts/proxy.py: an origin controlled by the headers of requests, a name server, and a viewer on a raw
socket. Needs only Python 3 and its standard library."""
import gzip
import hashlib
import re
import socket
import ssl
import struct
import threading
import time
from urllib.parse import unquote_to_bytes

TIMEOUT = 60  # seconds; only a broken proxy takes as long, or a busy machine


def pattern(n):
    """Like pattern() in proxy_handler.c: returns n bytes that change if one is lost."""
    return (bytes(range(97, 120)) * (n // 23 + 1))[:n]


def heads(count, size, prefix='X-H'):
    """Returns headers that show when bytes of one end up in another."""
    return [('%s%d' % (prefix, i), ('%d.' % i * size)[:size]) for i in range(count)]


class Headers(list):
    """Pairs of bytes (name, value) in order."""

    def all(self, name):
        name = name.lower().encode()
        return [v for n, v in self if n.lower() == name]

    def get(self, name, default=None):
        """Returns the value; several values are joined by " + ", so that a test detects them."""
        return b' + '.join(self.all(name)) if self.all(name) else default

    def names(self):
        return [n.decode('latin-1').lower() for n, _ in self]


class Cut(Exception):
    """The peer closed the connection, or sent invalid HTTP."""


class Stream:
    """A socket with a buffer."""

    def __init__(self, sock):
        self.sock, self.buf = sock, b''

    def more(self):
        piece = self.sock.recv(1 << 18)
        if not piece:
            raise Cut('closed after %d bytes: %r' % (len(self.buf), self.buf[-60:]))
        self.buf += piece

    def until(self, end, limit=1 << 20):
        while end not in self.buf:
            if len(self.buf) > limit:
                raise Cut('no end within %d bytes' % limit)
            self.more()
        line, _, self.buf = self.buf.partition(end)
        return line

    def exactly(self, n):
        parts, have = [self.buf], len(self.buf)
        while have < n:
            piece = self.sock.recv(1 << 18)
            if not piece:
                raise Cut('closed after %d of %d bytes of body' % (have, n))
            parts.append(piece)
            have += len(piece)
        whole = b''.join(parts)
        self.buf = whole[n:]
        return whole[:n]

    def rest(self):
        parts = [self.buf]
        while True:
            piece = self.sock.recv(1 << 18)
            if not piece:
                self.buf = b''
                return b''.join(parts)
            parts.append(piece)

    def head(self):
        lines = self.until(b'\r\n\r\n').split(b'\r\n')
        headers = Headers()
        for line in lines[1:]:
            name, colon, value = line.partition(b':')
            if not colon or not re.fullmatch(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
                raise Cut('a line that is no header: %r' % line)
            headers.append((name, value.strip(b' \t')))
        return lines[0], headers

    def chunks(self):
        parts = []
        while True:
            size = self.until(b'\r\n').split(b';')[0]
            if not re.fullmatch(rb'[0-9a-fA-F]+', size):
                raise Cut('no chunk size: %r' % size[:60])
            n = int(size, 16)
            if n == 0:
                break
            parts.append(self.exactly(n))
            if self.exactly(2) != b'\r\n':
                raise Cut('no line end behind a chunk')
        while self.until(b'\r\n'):
            pass
        return b''.join(parts)


# ---- origin

class Record:
    """A received request. .line: method, target and version as bytes; .body: bytes; .whole: whether all of the body arrived."""

    def __init__(self, origin, line, headers):
        self.origin, self.headers = origin, headers
        self.method, self.target, self.version = (line.split(b' ', 1) + [b''])[0], line[line.find(b' ') + 1:line.rfind(b' ')], line[line.rfind(b' ') + 1:]
        self.body, self.whole = b'', False


class Server:
    """Accepts connections on a free port of 127.0.0.1; subclasses implement serve(stream). certificate: a PEM file with certificate and key; None: no TLS."""

    def __init__(self, name, certificate=None):
        self.name, self.tls = name, None
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(certificate)
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(('127.0.0.1', 0))
        self.socket.listen(512)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.connection, args=(sock,), daemon=True).start()

    def connection(self, sock):
        sock.settimeout(30)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            stream = Stream(self.tls.wrap_socket(sock, server_side=True) if self.tls else sock)
            while self.serve(stream):
                pass
        except (Cut, OSError):
            pass
        finally:
            sock.close()


class Origin(Server):
    """Keeps a Record of each request by the value of its header X-Test, and answers according to its headers X-Origin: "NAME" or "NAME=VALUE", with
    the value percent-encoded, several separated by spaces:

        status=404  reason=Gone         the status line
        cc=max-age%3D60                 Cache-Control; default: no-store
        h=Name:value                    an additional header
        heads=30x900                    headers X-H0, X-H1, ... made by heads()
        early                           the response is sent before the body is read; then the connection closes
        pieces=100                      the response is sent in pieces of this many bytes, 1 ms apart
        body=text  size=5000000         the body; default: "NAME of the origin, X-Test, number of requests with this X-Test"; size: pattern()
        gzip                            Content-Encoding: gzip, with the body compressed
        chunked                         Transfer-Encoding: chunked
        etag=x                          ETag "x", and 304 if If-None-Match has it
        delay=0.2                       seconds to wait
        half  garbage  close            half of the body, invalid HTTP, nothing; then the connection closes
        raw=HTTP/1.1%20200              only these bytes; then the connection closes
        digest                          the body is a digest() of the request, of which no Record is kept
    """

    def __init__(self, name, certificate=None):
        self.records, self.lock = {}, threading.Lock()
        super().__init__(name, certificate)

    def serve(self, stream):
        line, headers = stream.head()
        key = (headers.all('x-test') or [b''])[0].decode('latin-1')
        record = Record(self.name, line, headers)
        with self.lock:
            self.records.setdefault(key, []).append(record)
            count = len(self.records[key])
        say = [(n, unquote_to_bytes(v)) for n, _, v in (w.partition('=') for h in headers.all('x-origin') for w in h.decode('latin-1').split())]
        if ('early', b'') in say:
            self.answer(stream.sock, record, say, b'early')
            return False
        if headers.get('expect', b'').lower() == b'100-continue':
            stream.sock.sendall(b'HTTP/1.1 100 Continue\r\n\r\n')
        if b'chunked' in headers.get('transfer-encoding', b'').lower():
            record.body = stream.chunks()
        else:
            record.body = stream.exactly(int(headers.get('content-length', b'0')))
        record.whole = True
        if ('digest', b'') in say:
            with self.lock:
                self.records.pop(key, None)
            return self.answer(stream.sock, record, say, digest(record.method, record.target, headers, record.body))
        return self.answer(stream.sock, record, say, b'%s %s %d' % (self.name.encode(), key.encode('latin-1'), count))

    def answer(self, sock, record, say, body):
        options = dict(say)
        if 'delay' in options:
            time.sleep(float(options['delay']))
        if 'close' in options:
            return False
        if 'raw' in options:
            sock.sendall(options['raw'])
            return False
        if 'garbage' in options:
            sock.sendall(b'\x00\x01 this is no HTTP \xff\r\nnor: this\r\n\r\nfoo')
            return False
        status = options.get('status', b'200')
        body = pattern(int(options['size'])) if 'size' in options else options.get('body', body)
        head = Headers([(b'Server', self.name.encode()), (b'Content-Type', b'text/plain'), (b'Cache-Control', options.get('cc', b'no-store'))])
        if 'etag' in options:
            tag = b'"' + options['etag'] + b'"'
            head.append((b'ETag', tag))
            if tag in record.headers.get('if-none-match', b''):
                status, body = b'304', b''
        if 'gzip' in options:
            head.append((b'Content-Encoding', b'gzip'))
            body = gzip.compress(body, mtime=0)
        head += [tuple(v.split(b':', 1)) for n, v in say if n == 'h']
        if 'heads' in options:
            head += [(n.encode(), v.encode()) for n, v in heads(*map(int, options['heads'].split(b'x')))]
        none = status in (b'204', b'304') or record.method == b'HEAD'
        if 'chunked' in options:
            head.append((b'Transfer-Encoding', b'chunked'))
            cut = len(body) // 3 + 1
            pieces = [body[i:i + cut] for i in range(0, len(body), cut)]
            wire = b''.join(b'%x\r\n%s\r\n' % (len(p), p) for p in pieces) + b'0\r\n\r\n'
        else:
            if status not in (b'204', b'304'):
                head.append((b'Content-Length', b'%d' % len(body)))
            wire = body
        close = 'half' in options or b'close' in record.headers.get('connection', b'') or record.version == b'HTTP/1.0'
        if close:
            head.append((b'Connection', b'close'))
        reason = options.get('reason', {b'200': b'OK', b'404': b'Not Found'}.get(status, b'Some Reason'))
        wire = b'' if none else wire[:len(wire) // 2] if 'half' in options else wire
        wire = b'HTTP/1.1 %s %s\r\n%s\r\n' % (status, reason, b''.join(b'%s: %s\r\n' % h for h in head)) + wire
        step = int(options.get('pieces', len(wire)))
        for i in range(0, len(wire), step):
            sock.sendall(wire[i:i + step])
            if i + step < len(wire):
                time.sleep(0.001)
        return not close

    def seen(self, key):
        with self.lock:
            return list(self.records.get(key, []))


class Names:
    """A name server on UDP: every name below "test" is 127.0.0.1, others do not exist."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(('127.0.0.1', 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            query, client = self.socket.recvfrom(4096)
            at = 12
            labels = []
            while at < len(query) and query[at]:
                labels.append(query[at + 1:at + 1 + query[at]].lower())
                at += 1 + query[at]
            question = query[12:at + 5]
            known = labels[-1:] == [b'test']
            address = known and question[-4:-2] == b'\0\1'
            answer = b'\xc0\x0c\0\1\0\1' + struct.pack('>IH', 60, 4) + bytes([127, 0, 0, 1]) if address else b''
            self.socket.sendto(query[:2] + (b'\x81\x80' if known else b'\x81\x83') + struct.pack('>HHHH', 1, 1 if address else 0, 0, 0) + question + answer,
                               client)


# ---- viewer

class Response:
    """.status, .reason (text), .version, .headers (Headers), .body (bytes). get(name): the header as text, or None."""

    def __init__(self, line, headers):
        m = re.fullmatch(rb'(HTTP/1\.[01]) ([0-9]{3})(?: (.*))?', line)
        if not m:
            raise Cut('no status line: %r' % line[:100])
        self.version, self.status, self.reason, self.headers = m[1].decode(), int(m[2]), (m[3] or b'').decode('latin-1'), headers
        self.body, self.length = b'', None

    def get(self, name):
        value = self.headers.get(name)
        return None if value is None else value.decode('latin-1')

    def all(self, name):
        return [v.decode('latin-1') for v in self.headers.all(name)]

    @property
    def text(self):
        return self.body.decode('latin-1')


class Viewer:
    """A connection to the proxy. Responses are parsed strictly: one framing, a complete body, and nothing after it."""

    def __init__(self, address, source=None, tls=False):
        family = socket.AF_INET6 if ':' in address[0] else socket.AF_INET
        self.sock = socket.socket(family)
        self.sock.settimeout(TIMEOUT)
        if source:
            self.sock.bind((source, 0))
        self.sock.connect(address)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.name = self.sock.getsockname()
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self.sock = context.wrap_socket(self.sock)
        self.stream = Stream(self.sock)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def send(self, data):
        self.sock.sendall(data)

    def response(self, method='GET'):
        while True:
            line, headers = self.stream.head()
            r = Response(line, headers)
            if r.status >= 200:
                break
        lengths, coding = headers.all('content-length'), headers.all('transfer-encoding')
        if len(lengths) + len(coding) > 1:
            raise Cut('two framings: %r %r' % (lengths, coding))
        if lengths:
            r.length = int(lengths[0])
        if method == 'HEAD' or r.status in (204, 304):
            return r
        if coding:
            r.body = self.stream.chunks()
        elif lengths:
            r.body = self.stream.exactly(r.length)
        else:
            r.body = self.stream.rest()
        return r

    def end(self):
        """Closes the sending side, so that the proxy closes too; nothing more may arrive."""
        self.sock.shutdown(socket.SHUT_WR)
        return self.stream.rest()


def head(method, target, headers):
    lines = [b'%s %s HTTP/1.1' % (method.encode(), target if isinstance(target, bytes) else target.encode('latin-1'))]
    for name, value in headers:
        lines.append(b'%s: %s' % (name.encode('latin-1') if isinstance(name, str) else name, value.encode('latin-1') if isinstance(value, str) else value))
    return b'\r\n'.join(lines) + b'\r\n\r\n'


def chunked(body, size=1000):
    return b''.join(b'%x\r\n%s\r\n' % (len(body[i:i + size]), body[i:i + size]) for i in range(0, len(body), size)) + b'0\r\n\r\n'


def digest(method, target, headers, body):
    """Returns a digest of a request's method, target, body, and headers whose names begin with X-Q or X-New; all are bytes."""
    own = sorted((n.lower(), v) for n, v in headers if n.lower().startswith((b'x-q', b'x-new')))
    return hashlib.sha256(b'\n'.join([method, target, body] + [b'%s: %s' % h for h in own])).hexdigest().encode()


def sha256(data):
    return hashlib.sha256(data).hexdigest()
