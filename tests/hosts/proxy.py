"""One set of black-box tests for every proxy, against the running server, with an origin that records requests.

    python3 tests/hosts/proxy.py nginx BUILD [NAME...]      only the tests whose name contains one of NAME

BUILD has handler.so, handler2.so (tests/hosts/proxy_handler.c, the second with -DVERSION='"2"'), other_abi.so, no_handler.so, trace (an empty file);
another build of the handler is used if the environment variable PROXY_HANDLER names it. Prints what failed and "test_host_NAME: N passed, N failed".

A proxy is tests/hosts/proxy_NAME.py with a class Proxy:

    lacks = {'feature': 'why'}      tests that need the feature are not run; their names and the reason are printed
    store_s = 0.2                   how long after a response it is in the cache, for tests that request it again immediately
    Proxy(bench)                    bench.build (directory, absolute), bench.one, bench.two (origins: .port), bench.names (name server: .port)
    start(config)                   writes the configuration, starts the server, returns when it accepts connections
    address                         (host, port) to connect to, after start(); address6, address_h2: the same on ::1 and for HTTP/2 without TLS, or None
    reload()                        makes the server load the handlers again; returns when it uses the new ones
    stop()                          ends the server; returns a line for each thing that went wrong (signals, leaks)
    log()                           the text of the error log since start()
    output()                        that, and what the server printed
    refuse(config)                  what the server prints when it refuses to start with it; None if it starts (it is then stopped)
and the module may have a list `tests` with more tests for this proxy only, made by test(..., table=tests)

Config is a configuration independent of the proxy."""
import importlib
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from dataclasses import dataclass, field, replace
from typing import Dict, List, Tuple
from urllib.parse import parse_qsl, quote

sys.dont_write_bytecode = True
from proxy_origin import TIMEOUT, Cut, Names, Origin, Viewer, chunked, head, pattern, sha256

VQ, OQ, OS, VS = EVENTS = 'viewer-request', 'origin-request', 'origin-response', 'viewer-response'


@dataclass
class Config:
    handlers: Dict[str, Tuple[str, str]]  # event: (file, 'lambda' or 'functions')
    check: bool = True
    include_body: bool = False
    cloudfront_headers: bool = True
    viewer_headers: List[Tuple[str, str]] = field(default_factory=list)  # additional CloudFront-Viewer-* headers with fixed values
    tables: List[Tuple[str, str, str]] = field(default_factory=list)  # (table, key, value)
    origin: Tuple[str, str, int, str, str] = None  # (kind, domain, port, protocol, path)
    distribution: Tuple[str, str] = ('d111111abcdef8.cloudfront.net', 'EDFDVBD6EXAMPLE')
    cache: bool = True
    file_limit: int = 0  # maximum size of a file of the server in bytes (RLIMIT_FSIZE); 0: no limit
    server: str = ''  # for tests of one proxy: text for its configuration file
    cache_more: str = ''  # the same, for the configuration of its cache


class Failed(Exception):
    pass


def expect(what, got, want):
    if got != want:
        raise Failed('%s\n    expected: %s\n    got:      %s' % (what, short(want), short(got)))


def expect_in(what, got, part):
    if part not in got:
        raise Failed('%s\n    expected in it: %s\n    got:            %s' % (what, short(part), short(got)))


def short(value):
    text = repr(value)
    return text if len(text) <= 1500 else text[:700] + ' ... ' + text[-700:] + ' (%d characters)' % len(text)


class Event:
    """An event as the handler saw it: members as text, None if absent. request, response, origin, cookies: pairs (name, value) in order."""

    def __init__(self, line):
        pairs = parse_qsl(line, keep_blank_values=True, encoding='latin-1')
        self.members = {n: v for n, v in pairs if ':' not in n}
        self.type, self.id = self.members['event'], self.members.get('request-id')
        self.request, self.response, self.origin, self.cookies = (
            [(n[len(p):], v) for n, v in pairs if n.startswith(p)] for p in ('request:', 'response:', 'origin:', 'cookie:'))

    def __getitem__(self, name):
        return self.members.get(name)

    def header(self, name, of='request'):
        """Returns the value of a header; several values are joined by " + "."""
        values = [v for n, v in getattr(self, of) if n.lower() == name.lower()]
        return ' + '.join(values) if values else None


def do(event, verb, *words):
    """Returns a header X-Do, see proxy_handler.c."""
    return ('X-Do', ' '.join([event, verb] + [quote(w if isinstance(w, (bytes, str)) else str(w), safe='/:;=,.()<>"') for w in words]))


def origin(*words, **options):
    """Returns a header X-Origin, see proxy_origin.py."""
    return ('X-Origin', ' '.join(list(words) + ['%s=%s' % (n, quote(str(v) if not isinstance(v, bytes) else v, safe='/:;,.')) for n, v in options.items()]))


class Bench:
    """The origins, the running proxy, and the trace of events that handlers received."""

    def __init__(self, name, build):
        self.build = os.path.abspath(build)
        self.certificate = self.make_certificate()
        self.one, self.two, self.names = Origin('one'), Origin('two'), Names()
        self.tls = Origin('tls', self.certificate) if self.certificate else None
        self.handler = os.path.abspath(os.environ.get('PROXY_HANDLER', os.path.join(self.build, 'handler.so')))
        self.keys = tempfile.TemporaryDirectory(prefix='edgefn-')  # a short name
        os.chmod(self.keys.name, 0o755)
        with open('tests/data/jwt/tokens.json', encoding='utf-8') as f:
            self.tokens = json.load(f)
        self.counter, self.lock, self.name = 0, threading.Lock(), name
        self.trace_at, self.events = 0, {}
        self.proxy = importlib.import_module('proxy_' + name).Proxy(self)

    def make_certificate(self):
        """Makes a file with key and certificate for *.test; returns None without openssl."""
        file = os.path.join(self.build, 'tls.pem')
        make = 'openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=*.test -keyout'.split() + [file + '.key', '-out', file + '.crt']
        if not shutil.which('openssl') or subprocess.run(make, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
            return None
        with open(file, 'w') as f:
            f.write(open(file + '.key').read() + open(file + '.crt').read())
        return file

    def jwks(self, name, keys):
        """Writes a JWKS. Returns the name of its file."""
        file = os.path.join(self.keys.name, name)
        with open(file + '.new', 'w') as f:
            json.dump(keys, f)
        os.chmod(file + '.new', 0o644)
        os.replace(file + '.new', file)
        return file

    @property
    def closed_port(self):
        """Returns a port of 127.0.0.1 on which no server listens."""
        with socket.socket() as s:
            s.bind(('127.0.0.1', 0))
            return s.getsockname()[1]

    def start(self, config):
        self.proxy.stop()
        self.current = config
        self.proxy.start(config)

    def curl(self, *words):
        done = subprocess.run(['curl', '-sS', '--max-time', '10'] + list(words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.stdout.decode('latin-1').replace('\r', '')

    @property
    def curl_h2(self):
        return shutil.which('curl') is not None and 'HTTP2' in self.curl('--version')

    def config(self, dialect='lambda', events=EVENTS, **more):
        handlers = {e: (self.handler, dialect if e in (VQ, VS) else 'lambda') for e in events}
        more.setdefault('origin', ('custom', 'one.test', self.one.port, 'http', ''))
        return Config(handlers=handlers, **more)

    def new_id(self):
        with self.lock:
            self.counter += 1
            return 't%d-%08x' % (self.counter, random.getrandbits(32))

    def trace(self, key):
        """Returns the events of the request with X-Test: key, in the order in which handlers were called."""
        with self.lock:
            with open(os.path.join(self.build, 'trace'), 'rb') as f:
                f.seek(self.trace_at)
                text = f.read()
            text = text[:text.rfind(b'\n') + 1]
            self.trace_at += len(text)
            for line in text.splitlines():
                event = Event(line.decode())
                self.events.setdefault(event.header('x-test'), []).append(event)
            return list(self.events.get(key, []))

    def forget(self):
        """Empties the trace."""
        with self.lock:
            open(os.path.join(self.build, 'trace'), 'r+').truncate(0)
            self.trace_at, self.events = 0, {}

    def ask(self, *more, **options):
        """Sends one request on a new connection. Returns a Response with .id (X-Test), .seen (Records of it at the origins), .trace (Events)."""
        with Viewer(options.pop('address', None) or self.proxy.address, options.pop('source', None), options.pop('tls', False)) as viewer:
            return self.ask_on(viewer, *more, **options)

    def ask_on(self, viewer, *more, target=None, method='GET', body=None, chunks=0, key=None, host='www.example.test', close=False):
        key = key or self.new_id()
        headers = [('Host', host), ('X-Test', key)] + list(more) + ([('Connection', 'close')] if close else [])
        if chunks:
            headers.append(('Transfer-Encoding', 'chunked'))
        elif body is not None:
            headers.append(('Content-Length', str(len(body))))
        viewer.send(head(method, '/' + key if target is None else target, headers) + (chunked(body, chunks) if chunks else body or b''))
        r = viewer.response(method)
        if close:
            expect('nothing behind the response', viewer.stream.rest(), b'')
        r.id, r.name = key, viewer.name
        r.seen = self.one.seen(key) + self.two.seen(key) + (self.tls.seen(key) if self.tls else [])
        r.trace = self.trace(key)
        return r


# ---- the table of tests

@dataclass
class Test:
    name: str
    config: str  # a name of configurations(); '': the test starts servers itself
    body: callable
    needs: str
    rows: tuple


def test(config, needs=None, rows=None, table=None):
    """Makes a test of a function(bench), or, with rows ((name, value...), ...), a test for each row of a function(bench, value...)."""

    def wrap(body):
        made = Test(body.__name__, config, body, needs, rows)
        if table is not None:
            table.append(made)
        return made

    return wrap


def configurations(bench):
    two = [('CloudFront-Viewer-Country', 'DE'), ('CloudFront-Viewer-City', 'Berlin')]
    keys = [('jwks', one['issuer'], bench.jwks('%d.json' % i, one['jwks'])) for i, one in enumerate(bench.tokens['sets'])]
    kv = [('kv', 'color', 'blue'), ('secret', 'key', 's3cret'), ('kv', 'animal', 'a "quoted" cat; $x')]
    return {
        'lambda': bench.config(viewer_headers=two, tables=kv),
        'body': bench.config(include_body=True),
        'unchecked': bench.config(check=False, include_body=True),
        'chain': bench.config('functions', viewer_headers=two, tables=kv),
        'request-only': bench.config(events=(VQ, OQ)),
        'viewer-only': bench.config(events=(VQ, VS)),
        'none': bench.config(events=()),
        'path': bench.config(origin=('custom', 'one.test', bench.one.port, 'http', '/base')),
        's3': bench.config(origin=('s3', 'bucket.test', 80, 'http', '')),
        'plain': bench.config(cloudfront_headers=False),
        'tokens': bench.config(tables=[row for row in keys if re.search('cognito|id[.]|odd', row[1])]), # a line of plugin.config has at most 1,024 bytes
        'uncached': bench.config(cache=False, include_body=True),
    }


class Runner:
    def __init__(self, bench, only):
        self.bench, self.only, self.passed, self.failed, self.reported, self.skipped = bench, only, 0, 0, False, {}

    def one(self, name, body, *args):
        try:
            body(*args)
            self.passed += 1
            return
        except Failed as e:
            text = str(e)
        except Cut as e:
            text = 'the connection: %s' % e
        except Exception:
            text = '\n    '.join(traceback.format_exc().splitlines()[-7:])
        self.failed += 1
        print('FAILED: %s: %s' % (name, text), flush=True)
        report = re.search('(.*Sanitizer: |.*runtime error: )(.*\\n?){1,30}', self.bench.proxy.output())
        if report and not self.reported:
            self.reported = True
            print('%s\nno test is run after that' % report[0])

    def wanted(self, name):
        return not self.only or any(part in name for part in self.only)

    def cases(self, t):
        for row in t.rows or (('',),):
            name = t.name + (': ' + row[0] if row[0] else '') + (' (%s)' % t.config if t.config else '')
            if self.wanted(name):
                yield name, row[1:]

    def group(self, config, tests):
        """Runs the tests of one configuration, with one server."""
        cases = [(t, name, args) for t in tests for name, args in self.cases(t)]
        if not cases or self.reported:  # restarting a server that a sanitizer ends every time takes minutes
            return
        proxy = self.bench.proxy
        if config is not None:
            try:
                config() if callable(config) else self.bench.start(config)
            except Exception as e:
                self.failed += len(cases)
                print('FAILED: the server does not start: %s' % e, flush=True)
                return
        for t, name, args in cases:
            skipped = [why for part, why in getattr(proxy, 'skips', {}).items() if part in name]
            if skipped:
                self.skipped[skipped[0]] = self.skipped.get(skipped[0], 0) + 1
            elif t.needs in proxy.lacks:
                print('%s does not run with %s: %s' % (name, self.bench.name, proxy.lacks[t.needs]))
            elif not self.reported:
                start = time.monotonic()
                self.one(name, t.body, self.bench, *args)
                if 'PROXY_TIMES' in os.environ and time.monotonic() - start > 0.5:
                    print('%.1f s: %s' % (time.monotonic() - start, name))
        if config is not None:
            complaints = proxy.stop()
            self.one('the life of the server', lambda: expect('complaints in its log', complaints, []))


def main():
    import proxy_tests

    name, build, only = sys.argv[1], sys.argv[2], sys.argv[3:]
    bench = Bench(name, build)
    runner = Runner(bench, only)
    tests = proxy_tests.tests + getattr(importlib.import_module('proxy_' + name), 'tests', [])
    try:
        for config_name, config in configurations(bench).items():
            runner.group(config, [t for t in tests if t.config == config_name])
        for config_name in sorted({t.config for t in tests} - set(configurations(bench)) - {''}):  # a function of the proxy's module starts the server
            runner.group(lambda: getattr(sys.modules['proxy_' + name], config_name)(bench), [t for t in tests if t.config == config_name])
        runner.group(None, [t for t in tests if t.config == ''])
    finally:
        bench.proxy.stop()
        bench.keys.cleanup()
    for why, number in runner.skipped.items():
        print('%d tests do not run with %s: %s' % (number, name, why))
    print('test_host_%s: %d passed, %d failed' % (name, runner.passed, runner.failed))
    sys.stdout.flush()
    os._exit(runner.failed != 0)  # the threads of the origins are still running


if __name__ == '__main__':
    sys.modules['proxy'] = sys.modules['__main__']
    main()
