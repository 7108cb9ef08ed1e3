"""Apache Traffic Server with edgefn.so (examples/hosts/trafficserver) for tests/hosts/proxy.py. If started as root it runs as the user "trafficserver"."""
import os
import pwd
import re
import resource
import shutil
import signal
import subprocess
import threading
import time
from urllib.parse import quote

import proxy
import proxy_tests
from proxy import EVENTS, OQ, OS, VQ, VS, Cut, Viewer, do, expect, expect_in, head, origin, pattern, sha256
from proxy_nginx import desk, desk_in_a_deep_place, dies_with_parent, free_port, has_ipv6
from proxy_origin import heads

SERVER = os.environ.get('TRAFFIC_SERVER', 'traffic_server')
MANAGER, CTL = 'traffic_manager', 'traffic_ctl'  # only a server that has a manager can reload
PLUGIN = 'build/trafficserver/edgefn.so'
DEEP = os.environ.get('DEEP') == '1'  # more repetitions

# AddressSanitizer also checks the server's memory if it is allocated by malloc(): -f and -F disable the server's own allocators.
ASAN_PLUGIN = 'build/trafficserver/asan/edgefn.so'
ASAN_OPTIONS = 'detect_leaks=0:handle_segv=0:use_sigaltstack=0:exitcode=77'

RECORDS = '''
http.server_ports STRING {ports}
exec_thread.autoconfig INT 0
exec_thread.limit INT 2
task_threads INT 1
cache.threads_per_disk INT 2
cache.ram_cache.size INT 4194304
http.cache.http INT {cache}
http.insert_request_via_str INT 0
http.insert_client_ip INT 0
http.insert_squid_x_forwarded_for INT 0
http.strict_uri_parsing INT 0
http.send_100_continue_response INT 1
http.post_copy_size INT 67108864
http.connect_attempts_timeout INT 2
http.transaction_no_activity_timeout_in INT 3
http.transaction_no_activity_timeout_out INT 2
http.connect_attempts_max_retries INT 1
http.request_header_max_size INT 40960
http.response_header_max_size INT 131072
http.negative_caching_enabled INT 0
hostdb.ip_resolve STRING ipv4
hostdb.host_file.path STRING NULL
dns.resolv_conf STRING NULL
dns.nameservers STRING 127.0.0.1:{dns}
dns.search_default_domains INT 0
url_remap.remap_required INT 1
ssl.client.verify.server.policy STRING DISABLED
diags.show_location INT 0
log.logging_enabled INT 0
'''


def libasan():
    """Returns the path of gcc's AddressSanitizer, or None if it is not installed."""
    gcc = os.environ.get('GCC', 'gcc')
    if not shutil.which(gcc):
        return None
    done = subprocess.run([gcc, '-print-file-name=libasan.so'], stdout=subprocess.PIPE, text=True)
    path = done.stdout.strip()
    return path if os.path.isabs(path) and os.path.exists(path) else None


class Proxy:
    store_s = 0.2  # a response is in the cache some time after the viewer has received it
    lacks = {
        'raw_target': 'it parses the target, and leaves out further slashes at the begin and the question mark before an empty query',
        'stored_head': 'it stores nothing of an answer to HEAD',
        'reload_under_load': 'global plugins are read when it starts: a new handler takes a restart',
        'file_limit': 'its cache is one file that is as long as it will be from the start; see cache_file_is_full',
        'h2': 'HTTP/2 only with TLS',
    }

    def __init__(self, bench):
        self.bench, self.process, self.lives = bench, None, 0
        self.dir = os.path.join(bench.build, 'run')
        self.plugin = os.path.abspath(os.environ.get('ATS_PLUGIN', PLUGIN))
        self.ipv6 = has_ipv6()
        self.address = self.address6 = self.address_h2 = None
        self.tests, self.more, self.asan, self.managed = tests, '', False, False

    @staticmethod
    def shows(data):
        """Returns received bytes as functions see them."""
        try:
            data.decode()
            return data
        except UnicodeDecodeError:
            return data.decode('latin-1').encode()

    # ---- configuration

    def options(self, config, port):
        """Returns the plugin's arguments in plugin.config."""
        kind, domain, origin_port, protocol, path = config.origin
        words = ['--origins-port=%d' % port, '--distribution=%s,%s' % config.distribution]
        words.append('--origin=%s,%s,port=%d,protocol=%s%s' % (kind, domain, origin_port, protocol, ',path=' + path if path else ''))
        words += ['--%s=%s%s' % (e, file, ',functions' if dialect == 'functions' else '') for e, (file, dialect) in config.handlers.items()]
        words += [] if config.check else ['--no-check']
        words += ['--include-body'] if config.include_body else []
        words += [] if config.cloudfront_headers else ['--no-cloudfront-headers']
        words += ['--viewer-header=%s:%s' % (n, quote(v, safe='')) for n, v in config.viewer_headers]
        words += [self.more] if self.more else []
        words += ['--table=%s:%s=%s' % (t, quote(k, safe='/:'), quote(v, safe='/:')) for t, k, v in config.tables]
        return ' '.join(words)

    def file(self, name, text):
        with open(os.path.join(self.dir, name), 'w', encoding='latin-1') as f:
            f.write(text)

    def write(self, config):
        shutil.rmtree(self.dir, ignore_errors=True)
        for name in ('etc', 'var', 'log', 'run', 'cache', 'plugins'):
            os.makedirs(os.path.join(self.dir, name))
        self.address, self.address_h2, self.origins = ('127.0.0.1', free_port()), None, free_port()
        self.address6 = ('::1', free_port('::1')) if self.ipv6 else None
        ports = '%d:ip-in=127.0.0.1 %d:ip-in=127.0.0.1' % (self.address[1], self.origins)
        if self.ipv6:
            ports += ' %d:ip-in=[::1]:ipv6' % self.address6[1]
        records = RECORDS.format(ports=ports, cache=int(config.cache), dns=self.bench.names.port)
        records = ''.join('CONFIG proxy.config.%s\n' % line for line in records.split('\n') if line)
        if os.getuid() == 0:
            records += 'CONFIG proxy.config.admin.user_id STRING trafficserver\n'
        if self.managed and self.asan:
            self.file('server', '#!/bin/sh\n# the manager does not hand down LD_PRELOAD\nLD_PRELOAD=%s ASAN_OPTIONS=%s exec %s -f -F "$@"\n' %
                      (libasan(), ASAN_OPTIONS, shutil.which(SERVER)))
            os.chmod(os.path.join(self.dir, 'server'), 0o755)
            records += 'CONFIG proxy.config.proxy_binary STRING %s/server\n' % self.dir
        self.file('etc/records.config', records + config.server)
        self.file('etc/storage.config', '%s/cache 32M\n' % self.dir)
        self.file('etc/ip_allow.yaml', ''.join('  - { apply: in, ip_addrs: %s, action: allow, methods: ALL }\n' % a if i else 'ip_allow:\n'
                                               for i, a in enumerate(['', '127.0.0.0/8', '::1'])))
        self.file('etc/remap.config', '')
        plugin = os.path.abspath(os.environ.get('ATS_ASAN_PLUGIN', ASAN_PLUGIN)) if self.asan else self.plugin
        self.file('etc/plugin.config', '%s %s\n' % (plugin, self.options(config, self.origins)))
        dirs = dict(prefix='', exec_prefix='', sysconfdir='etc', datadir='cache', libexecdir='plugins', localstatedir='var', runtimedir='run', logdir='log', cachedir='cache')
        self.file('runroot.yaml', ''.join('%s: %s\n' % (n, os.path.join(self.dir, d).rstrip('/')) for n, d in dirs.items()) +
                  'bindir: /usr/bin\nsbindir: /usr/bin\nincludedir: /usr/include\nlibdir: /usr/lib/trafficserver\nmandir: /usr/share/man\ninfodir: /usr/share/info\n')
        if os.getuid() == 0:
            user = pwd.getpwnam('trafficserver')
            for root, names, files in os.walk(self.dir):
                for name in [root] + [os.path.join(root, f) for f in files]:
                    os.chown(name, user.pw_uid, user.pw_gid)

    # ---- start, reload and stop

    def launch(self, config):
        def prepare():
            dies_with_parent()
            if config.file_limit:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (config.file_limit, config.file_limit))

        out = open(os.path.join(self.dir, 'out'), 'w+')
        wrap = os.environ.get('ATS_WRAP', '').split()
        more, env = [], dict(os.environ)
        if self.asan and not self.managed:
            more = ['-f', '-F']
            env.update(LD_PRELOAD=libasan(), ASAN_OPTIONS=ASAN_OPTIONS)
        self.process = subprocess.Popen(wrap + [MANAGER if self.managed else SERVER, '--run-root=%s/runroot.yaml' % self.dir] + more, stdin=subprocess.DEVNULL, stdout=out,
                                        stderr=out, preexec_fn=prepare, start_new_session=True, env=env)
        end = time.monotonic() + float(os.environ.get('ATS_WAIT', 10))
        while time.monotonic() < end:
            if self.process.poll() is not None:
                self.process = None
                return self.output()
            if 'Traffic Server is fully initialized' in self.log():
                return None
            time.sleep(0.02)
        self.stop()
        return 'it does not start in time: ' + self.output()

    def start(self, config):
        self.config = config
        self.write(config)
        why = self.launch(config)
        if why is not None:
            raise RuntimeError(why[-1500:])

    def reload(self):
        """Restarts the server, which loads global plugins only at its start."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
        os.unlink(os.path.join(self.dir, 'log/diags.log'))
        why = self.launch(self.config)
        if why is not None:
            raise RuntimeError(why[-1500:])

    def reload_tables(self):
        """`traffic_ctl config reload`. Returns the plugin's line in the log, when it is there."""
        before = self.log().count('[edgefn] the tables ')
        done = subprocess.run([CTL, '--run-root=%s/runroot.yaml' % self.dir, 'config', 'reload'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        expect('traffic_ctl config reload', (done.returncode, done.stdout[:300] if done.returncode else ''), (0, ''))
        end = time.monotonic() + 20
        while self.log().count('[edgefn] the tables ') == before:
            expect('it reloads in time', time.monotonic() < end, True)
            time.sleep(0.02)
        return re.findall(r'\[edgefn\] (the tables .*)', self.log())[before]

    def read(self, name):
        try:
            with open(os.path.join(self.dir, name), encoding='latin-1') as f:
                return f.read()
        except FileNotFoundError:
            return ''

    def log(self):
        return self.read('log/diags.log')

    def output(self):
        return self.read('out') + self.read('log/traffic.out') + self.log()

    def stop(self):
        if self.process is None:
            return []
        complaints = []
        if self.process.poll() is not None:
            complaints.append('the server is gone: %s' % self.process.returncode)
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(float(os.environ.get('ATS_WAIT', 10)))
        except subprocess.TimeoutExpired:
            complaints.append('it does not end in time')
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        if self.process.returncode not in (0, -signal.SIGTERM):
            complaints.append('it ended with %s' % self.process.returncode)
        self.process, self.asan, self.managed = None, False, False
        self.lives += 1
        for line in self.output().splitlines():
            if re.search(r'\b(FATAL|ALERT|EMERGENCY)\b|Sanitizer|runtime error:|double free|corrupt|signal was received|assert', line):
                complaints.append(line)
        with open(os.path.join(self.bench.build, 'log%d' % self.lives), 'w') as f:
            f.write(self.output())
        return complaints[:5]

    def refuse(self, config):
        self.write(config)
        why = self.launch(config)
        self.stop()
        return why


# ---- tests only for Traffic Server

tests = []


def test(config, rows=None):
    def wrap(body):
        for name in config.split() or ['']:
            proxy.test(name, None, rows, tests)(body)
        return body

    return wrap


BAD = ['--viewer-request', '--viewer-request=', '--viewer-request=@HANDLER@,python', '--origin-request=@HANDLER@,functions', '--origin-response=@HANDLER@,functions',
       '--viewer-request=@HANDLER@ --viewer-request=@HANDLER@', '--viewer-request=@HANDLER@,functions --viewer-response=@HANDLER@', '--viewer-request=@BUILD@/nothing.so',
       '--viewer-response=@BUILD@/other_abi.so', '--viewer-request=@BUILD@/no_handler.so', '--origin=ftp,a.test', '--origin=custom', '--origin=custom,',
       '--origin=custom,a.test,port=0', '--origin=custom,a.test,port=65536', '--origin=custom,a.test,protocol=ftp', '--origin=custom,a.test,path=x',
       '--origin=custom,a.test,path=/x/', '--origin=custom,a.test,nothing=x', '--table=kv', '--table=kv:a', '--table=kv:a=1 --table=kv:a=2', '--viewer-header=X',
       '--origins-port=0', '--origins-port=x', '--check=on', 'something']


@test('', rows=[(d, d) for d in BAD])
def trafficserver_refuses(b, options):
    b.proxy.more = options.replace('@HANDLER@', b.handler).replace('@BUILD@', b.build)
    try:
        text = b.proxy.refuse(b.config(events=()))
    finally:
        b.proxy.more = ''
    expect_in('what it says', text or 'nothing: it starts', '[edgefn] plugin.config: ')


def passes(b):
    """Tests what must also work without a cache."""
    for _ in range(2):
        r = b.ask(proxy.origin(size=3000000, cc='max-age=100'), do(VQ, 'set', 'X-A', '1'))
        expect('status, body', (r.status, sha256(r.body)), (200, sha256(pattern(3000000))))
        expect('header at the origin', r.seen[0].headers.get('x-a'), b'1')
        expect('triggers', len(r.trace), 4)
    expect('body', b.ask(do(VQ, 'respond', 200, 'x')).text, 'x')
    expect('body', b.ask(proxy.origin(cc='max-age=100'), do(OS, 'body', 'y')).text, 'y')
    expect('status', b.ask(proxy.origin(cc='max-age=100'), do(VS, 'fail')).status, 503)


@test('')
def cache_file_cannot_be_had(b):
    b.forget()  # the limit also applies to the trace
    b.start(b.config(file_limit=2000000))
    passes(b)
    expect_in('the log', b.proxy.log(), 'Cache Disabled')
    expect('complaints', b.proxy.stop(), [])


FULL = r"""
#include "edgefn.h"
#include <signal.h>
#include <sys/resource.h>
bool edgefn_handler(edgefn_event *ev)
{
    struct rlimit little = { 500000, 500000 };
    (void)ev;
    return signal(SIGXFSZ, SIG_IGN) != SIG_ERR && setrlimit(RLIMIT_FSIZE, &little) == 0;
}
"""


@test('')
def cache_file_is_full(b):
    """The handler of the first origin event limits files to 500,000 bytes, from within the server process."""
    b.forget()
    with open(b.build + '/full.c', 'w') as f:
        f.write(FULL)
    subprocess.run([os.environ.get('CC', 'cc'), '-shared', '-fPIC', '-fvisibility=hidden', '-D_DEFAULT_SOURCE', '-I.', '-o', b.build + '/full.so', b.build + '/full.c',
                    'build/obj/edgefn_host.o'], check=True)
    config = b.config(events=(VQ, OQ, VS))
    config.handlers[OS] = (b.build + '/full.so', 'lambda')
    b.start(config)
    for _ in range(20):
        try:
            r = b.ask(proxy.origin(size=3000000, cc='max-age=100'), do(VS, 'set', 'X-A', '1'))
        except Cut:
            continue  # happens once in a hundred runs: what cannot be stored may be truncated, if the viewer can detect that
        expect('status, header, body', (r.status, r.get('x-a'), sha256(r.body)), (200, '1', sha256(pattern(3000000))))
        again = b.ask(target='/' + r.id)
        expect('status, body', (again.status, again.body[:100] in (r.body[:100], b'one %s 1' % again.id.encode())), (200, True))
    expect_in('the log', b.proxy.log(), 'cache disk')
    expect('complaints', b.proxy.stop(), [])


@test('lambda')
def port_of_the_origins_side_is_closed_to_others(b):
    with Viewer(('127.0.0.1', b.proxy.origins)) as v:
        for headers in ([], [('X-Amz-Cf-Id', 'x' * 54 + '==')], [('X-Edge-Key', '0' * 32), ('X-Amz-Cf-Id', 'x' * 54 + '==')]):
            v.send(head('GET', '/', [('Host', 'one.test'), ('X-Test', 'stranger')] + headers))
            expect('status', v.response().status, 503)
    expect('requests at the origin', b.one.seen('stranger'), [])


@test('lambda')
def more_than_500_headers(b):
    expect('status of 500', b.ask(*[('X-%d' % i, 'v') for i in range(490)]).status, 200)
    expect('status of 700', b.ask(*[('X-%d' % i, 'v') for i in range(700)]).status, 431)


@test('lambda chain')
def failure_of_a_part(b):
    """The body of a partial response cannot be replaced, because Traffic Server makes the part later. A failure of the function still counts."""
    first = b.ask(proxy.origin(size=3000, cc='max-age=100', h='Accept-Ranges: bytes'))
    r = b.ask(('Range', 'bytes=100-199'), do(VS, 'fail'), target='/' + first.id)
    expect('status', r.status, 503)
    expect('nothing of the body is in it', b'lmnopq' in r.body, False)


# ---- large heads, under AddressSanitizer, which reports views of the server's memory that are read after the server has edited it

HEADS = heads(30, 900, 'X-Q')
ANSWERED = origin(heads='30x900')


def sanitized(b, dialect='lambda', **more):
    b.proxy.stop()
    b.proxy.asan = libasan() is not None and os.path.exists(ASAN_PLUGIN)
    if not b.proxy.asan:
        print('SKIP AddressSanitizer with Traffic Server: the compiler has no shared library of it')
    config = b.config(dialect, include_body=True, **more)
    if b.proxy.asan:
        file = os.path.join(b.build, 'asan_handler.so')
        config.handlers = {e: (file, d) for e, (_, d) in config.handlers.items()}
    b.start(config)


@test('')
def tables_replaced_under_load(b):
    """Keys of an issuer and a secret are replaced by `traffic_ctl config reload` while requests run: each is answered, and what begins after the reload
    sees only the new ones. Tables that are not valid change nothing."""
    if not (shutil.which(MANAGER) and shutil.which(CTL)):
        print('SKIP tables_replaced_under_load: no %s or %s' % (MANAGER, CTL))
        return
    rotated = b.tokens['rotated']
    sets = [[one['jwks'] for one in b.tokens['sets'] if one['issuer'] == rotated['issuer']][0], rotated['jwks']]
    tokens = [[c['token'] for c in b.tokens['cases'] if c['name'] == name][0] for name in ('RS256, a key of 3072 bits', rotated['passes'])]
    file = os.path.join(b.keys.name, 'tables')
    valid, wrong, problems, counts = 'valid', 'the signature is wrong', [], [0, 0]
    truth = [0]  # the number of reloads; None: the server is being told

    def put(state, more=''):
        b.jwks('rotated.json', sets[state])
        with open(file + '.new', 'w') as f:
            f.write('# made by a test\n\nsecret  the-key\tsecret number %d\njwks %s %s\n%s' % (state, rotated['issuer'], os.path.join(b.keys.name, 'rotated.json'), more))
        os.chmod(file + '.new', 0o644)
        os.replace(file + '.new', file)

    def run(n):
        try:
            while truth[0] != 'end':
                before, token = truth[0], n % 2
                r = b.ask(do(VQ, 'token'), do(OQ, 'lookup', 'secret', 'the-key', 'X-Secret'), ('X-Token', tokens[token]), close=True)
                at = proxy_tests.arrived(r).headers
                got = (r.status, at.get('x-value').decode(), at.get('x-secret').decode())
                expected = [(200, valid if state == token else wrong, 'secret number %d' % state) for state in (0, 1)]
                if before is not None and before == truth[0]:
                    expect('after reload %s' % before, got, expected[before % 2])
                    counts[before % 2] += 1
                expect('an answer', (got[0], got[1] in (valid, wrong), got[2] in [e[2] for e in expected]), (200, True, True))
                big = b.ask(origin(size=300000, delay=0.05), do(VS, 'lookup', 'secret', 'the-key', 'X-Secret'), close=True)
                expect('body', (big.status, sha256(big.body), big.get('x-secret')[:14]), (200, sha256(pattern(300000)), 'secret number '))
        except Exception as e:
            problems.append('%s: %s' % (type(e).__name__, e))

    b.proxy.stop()
    put(0)
    b.proxy.managed, b.proxy.more = True, '--tables=' + file
    try:
        sanitized(b, server='CONFIG proxy.config.exec_thread.limit INT 4\n')
    finally:
        b.proxy.more = ''
    threads = [threading.Thread(target=run, args=(n,)) for n in range(8)]
    for t in threads:
        t.start()
    for i in range(1, 21 if DEEP else 4):
        time.sleep(0.3)
        truth[0] = None
        put(i % 2)
        expect('what it says', b.proxy.reload_tables(), 'the tables were read again')
        truth[0] = i
    last = truth[0] % 2
    for more, why in (('kv a\n', 'tables:5: a row must be TABLE KEY VALUE'), ('secret the-key other\n', 'secret:the-key occurs twice'),
                      ('jwks https://other nowhere.json\n', 'nowhere.json: No such file')):
        put(1 - last, more)
        expect_in('what it says', b.proxy.reload_tables(), 'the tables stay as they are: ')
        expect_in('what it says', b.proxy.log(), why)
    time.sleep(0.3)
    truth[0] = 'end'
    for t in threads:
        t.join()
    expect('problems', problems[:3], [])
    expect('requests with the old and the new tables', min(counts) > 10, True)
    expect('complaints', b.proxy.stop(), [])


def sanitized_chain(b):
    sanitized(b, 'functions')


def whole(r, answered=True, sent=True, edited=()):
    """Checks that every large header arrived unchanged, except those edited."""
    if sent:
        at = {n: v for n, v in proxy_tests.own(proxy_tests.arrived(r).headers, 'x-q') if n not in edited}
        expect('headers at the origin', at, {n: v for n, v in HEADS if n not in edited})
    if answered:
        back = {n: v for n, v in proxy_tests.own(r.headers, 'x-h') if n not in edited}
        expect('headers for the viewer', back, {n: v for n, v in heads(30, 900) if n not in edited})


HEAD_EDITS = [  # name, triggers, edits, names of the headers that change
    ('one set', EVENTS, [('set', 'X-New', 'n')], []), ('one long', EVENTS, [('fill', 'X-New', 3000)], []),
    ('one removed', EVENTS, [('remove', '@7')], ['@7']), ('all kinds', EVENTS, [('set', '@3', 'x'), ('add', '@4', 'y'), ('remove', '@29')], ['@3', '@4', '@29']),
    ('uri', (VQ, OQ), [('uri', '/an/other/' + 'p' * 500)], []), ('query', (VQ, OQ), [('query', 'q=' + 'r' * 500)], []),
    ('uri, query and a header', (VQ, OQ), [('uri', '/other'), ('query', 'a=b'), ('set', 'X-New', 'n')], []),
    ('status', (OS,), [('status', 404), ('set', 'X-New', 'n')], []), ('a cookie', EVENTS, [('set-cookie', 'a', '1')], []),
]


@test('sanitized sanitized_chain', rows=[('%s in %s' % (n, e), e, o, x) for n, events, o, x in HEAD_EDITS for e in events])
def large_heads(b, where, orders, edited):
    if orders[0][0] == 'set-cookie' and where in (VQ, OQ):
        orders = [('set', 'Cookie', 'z=1')] if where == OQ or b.current.handlers[where][1] == 'lambda' else [('cookie', 'a', '2')]
    prefix = 'X-Q' if where in (VQ, OQ) else 'X-H'
    orders = [tuple(w.replace('@', prefix) if isinstance(w, str) else w for w in o) for o in orders]
    names = [x.replace('@', prefix) for x in edited]
    with Viewer(b.proxy.address) as v:
        for i in range(40 if DEEP else 2):
            r = b.ask_on(v, *HEADS, ('Cookie', 'a=1; b=2'), ANSWERED, *[do(where, *o) for o in orders], target='/t%d?x=%d' % (i, i))
            expect('status', r.status, orders[0][1] if orders[0][0] == 'status' else 200)
            whole(r, edited=names)
            expect('triggers', len(r.trace), 4)
            target = b'/t%d?x=%d' % (i, i)
            for verb, text in [(o[0], o[1].encode()) for o in orders if o[0] in ('uri', 'query')]:
                target = text + b'?' + target.split(b'?')[1] if verb == 'uri' else target.split(b'?')[0] + b'?' + text
            expect('target', proxy_tests.arrived(r).target, target)
            expect('body', r.text, 'one %s 1' % r.id)


BODIES = [('none', None, 0), ('small', 10, 0), ('large', 50000, 0), ('chunked', 50000, 999), ('beyond what is shown', 1500000, 0),
          ('beyond, chunked', 1500000, 30000)]
BODY_EDITS = [('passed', [], None), ('header edited', [(VQ, 'set', 'X-New', 'n'), (OQ, 'set', 'X-N2', 'n')], None),
              ('replaced by viewer-request', [(VQ, 'body', 'new')], b'new'), ('replaced by origin-request', [(OQ, 'body-fill', 90000)], pattern(90000)),
              ('dropped', [(VQ, 'body-drop')], b''), ('uri and body', [(VQ, 'uri', '/n'), (VQ, 'body', 'a'), (OQ, 'body', 'b')], b'b')]


@test('sanitized', rows=[('%s, %s' % (n, en), s, c, o, w) for n, s, c in BODIES for en, o, w in BODY_EDITS])
def large_heads_and_bodies(b, size, chunks, orders, want):
    with Viewer(b.proxy.address) as v:
        for _ in range(10 if DEEP else 1):
            body = pattern(size) if size is not None else None
            r = b.ask_on(v, *HEADS, ANSWERED, *[do(*o) for o in orders], method='GET' if body is None and not orders else 'POST',
                         body=b'' if body is None and orders else body, chunks=chunks)
            expect('status', r.status, 200)
            whole(r)
            got, want_now = proxy_tests.arrived(r).body, (body or b'') if want is None else want
            expect('body at the origin', (len(got), sha256(got)), (len(want_now), sha256(want_now)))
            expect('triggers', len(r.trace), 4)


@test('sanitized sanitized_chain', rows=[('%s, %s' % (e, n), e, s, c) for e in (VQ, OQ) for n, s, c in (BODIES[0], BODIES[2], BODIES[3])])
def large_heads_and_answers(b, where, size, chunks):
    with Viewer(b.proxy.address) as v:
        for _ in range(3):
            body = None if size is None else pattern(size)
            orders = [do(where, 'respond', 200, 'made here'), *[do(where, 'fill', 'X-H%d' % i, 700) for i in range(12)]]
            r = b.ask_on(v, *HEADS[:20], *orders, method='POST' if body else 'GET', body=body, chunks=chunks)
            expect('status, body', (r.status, r.text), (200, 'made here'))
            expect('headers', [r.get('x-h%d' % i) for i in range(12)], [pattern(700).decode()] * 12)
            fails = b.ask_on(v, *HEADS, do(where, 'fail'), method='POST' if body else 'GET', body=body, chunks=chunks)
            expect('status', fails.status, 503)


@test('sanitized sanitized_chain')
def large_heads_of_what_is_cached(b):
    with Viewer(b.proxy.address) as v:
        first = b.ask_on(v, *HEADS, origin(heads='30x900', etag='e', cc='max-age=1000'), do(OS, 'set', 'X-OS', '1'))
        for more, status in (([], 200), ([('If-None-Match', '"e"')], 304), ([('Range', 'bytes=0-3')], 206)):
            for _ in range(3):
                r = b.ask_on(v, *HEADS, *more, do(VS, 'set', 'X-VS', '1'), target='/' + first.id)
                expect('status, headers', (r.status, r.get('x-vs')), (status, '1'))
                if status != 304:
                    whole(r, sent=False)
        r = b.ask_on(v, *HEADS, do(VS, 'fail'), target='/' + first.id)
        expect('status', r.status, 503)
        r = b.ask_on(v, *HEADS, ('X-H0', 'viewer'), method='HEAD', target='/' + first.id)
        whole(r, sent=False)


@test('sanitized sanitized_chain')
def large_heads_of_many_at_once(b):
    """Keep-alive and pipelining: six requests in parallel on each of eight connections."""
    orders = [[], [do(VQ, 'set', 'X-New', '1')], [do(OQ, 'set', 'X-New', '1')], [do(OS, 'set', 'X-New', '1')], [do(VS, 'set', 'X-New', '1')],
              [do(e, 'set', 'X-New', e) for e in EVENTS]]

    def body(v, n, problems):
        keys = [b.new_id() for _ in orders]
        v.send(b''.join(head('POST' if i % 2 else 'GET', '/' + k, [('Host', 'a.test'), ('X-Test', k), ANSWERED] + HEADS + orders[i] +
                             ([('Content-Length', '3000')] if i % 2 else [])) + (pattern(3000) if i % 2 else b'') for i, k in enumerate(keys)))
        for i, k in enumerate(keys):
            r = v.response()
            r.seen = b.one.seen(k)
            expect('status, body', (r.status, r.text), (200, 'one %s 1' % k))
            whole(r)
            expect('body at the origin', r.seen[0].body, pattern(3000) if i % 2 else b'')

    expect('problems', proxy_tests.crowd(b, 8, 100 if DEEP else 4, body)[:3], [])


@test('sanitized', rows=[('closes', ['close'], {}, 502), ('hangs', [], {'delay': 4.5}, 504), ('noise', ['garbage'], {}, 502), ('in pieces', [], {'pieces': 300}, 200),
                         ('chunked in pieces', ['chunked'], {'pieces': 700, 'size': 20000}, 200)])
def large_heads_and_origins(b, words, options, status):
    """An error of the origin is not a failure of a function: no function runs, and the log blames none."""
    for method in ('GET', 'POST') if status < 504 else ('POST',):  # the server would send a GET twice
        r = b.ask(*HEADS, origin(*words, heads='30x900', **options), do(OS, 'set', 'X-New', '1'), method=method, body=pattern(2000) if method == 'POST' else None)
        expect('status', r.status, status)
        expect('triggers', len(r.trace), 4 if status == 200 else 2)
        expect('x-cache', r.get('x-cache'), 'Miss from cloudfront' if status == 200 else 'Error from cloudfront')
        if status == 200:
            whole(r)
            expect('body', r.body, pattern(20000) if 'size' in options else b'one %s 1' % r.id.encode())


@test('sanitized sanitized_chain')
def large_heads_at_random(b):
    """Runs requests_at_random() under AddressSanitizer, and can print the memory used."""
    proxy_tests.requests_at_random(b)
    if 'PROXY_TIMES' in os.environ:
        with open('/proc/%d/status' % b.proxy.process.pid) as f:
            print('memory:', re.search('VmRSS:.*', f.read())[0])


# ---- bodies of requests, which may end at any time

@test('body lambda', rows=[('%s, %s' % (n, g), o, gap) for n, o in (('answered', [(VQ, 'respond', 200, 'hi')]), ('answered by origin-request', [(OQ, 'respond', 200, 'hi')]),
                                                                    ('replaced', [(VQ, 'body', 'new')]), ('edited', [(VQ, 'set', 'X-A', '1')]))
                           for g, gap in (('with the head', None), ('right after it', 0))])
def bodies_do_not_hang(b, orders, gap):
    with Viewer(b.proxy.address) as v:
        v.sock.settimeout(5)
        for n in range(4000 if DEEP else 300):
            data = head('POST', '/', [('Host', 'a.test'), ('Content-Length', '100')] + [do(*o) for o in orders])
            if gap is None:
                v.send(data + pattern(100))
            else:
                v.send(data)
                v.send(pattern(100))
            try:
                expect('status', v.response().status, 200)
            except TimeoutError:
                raise proxy.Failed('no answer to request %d within 5 s' % n)


@test('body lambda')
def body_that_does_not_come(b):
    """A request whose announced body does not arrive times out, and the next request is handled. If viewer-request has answered without the body, the
    response is still sent."""
    start = time.monotonic()
    with Viewer(b.proxy.address) as v:
        v.send(head('POST', '/', [('Host', 'a.test'), ('Content-Length', '100'), do(VQ, 'respond', 200, 'hi')]) + b'abc')
        r = v.response()
        expect('status', r.status, 408 if b.current.include_body else 200)
        expect('then the connection closes', v.stream.rest(), b'')
    expect('seconds, at most 8', time.monotonic() - start < 8, True)
    expect('the next', b.ask().status, 200)


@test('', rows=[('by length', 0), ('chunked', 50000)])
def bodies_of_many_megabytes(b, chunks):
    """Bodies longer than post_copy_size: with a Content-Length they pass, functions see them truncated to nothing, and only viewer-request can replace
    them; chunked ones are refused."""
    b.start(b.config(include_body=True, server='CONFIG proxy.config.http.post_copy_size INT 3000000\n'))
    body = pattern(8000000)
    for orders, status, want in (([], 200, body), ([do(VQ, 'body', 'new')], 200, b'new'), ([do(OQ, 'body', 'new')], 413, None),
                                 ([do(VQ, 'respond', 200, 'x')], 200, None), ([do(OQ, 'respond', 200, 'x')], 200, None)):
        with Viewer(b.proxy.address) as v:
            r = b.ask_on(v, *orders, method='POST', body=body, chunks=chunks)
            expect('status', r.status, 413 if chunks else status)
            if not chunks:
                expect('shown to viewer-request', (r.trace[0]['body-len'], r.trace[0]['body-truncated']), ('0', 'true'))
            expect('body at the origin', [sha256(s.body) for s in r.seen], [sha256(want)] if want and not chunks else [])
            expect('the next on this connection', b.ask_on(v).status, 200)
    expect('complaints', b.proxy.stop(), [])


@test('body lambda sanitized', rows=[('%s, %d%s' % (n, s, ' in chunks' if c else ''), o, s, c) for n, o in (
    ('passed', []), ('replaced by viewer-request', [(VQ, 'body-fill', 40000)]), ('replaced by origin-request', [(OQ, 'body-fill', 900000)]))
    for s, c in ((3000, 0), (900000, 0), (900000, 9000))])
def body_that_nobody_reads(b, orders, size, chunks):
    """The origin does not listen, or answers and closes before the body has arrived: the result is an error, and the server keeps running."""
    gone = do(OQ, 'origin', 'one.test', b.closed_port)
    for _ in range(50 if DEEP else 5):
        for more in (gone, origin('early', status=413), origin('early', status=413, size=200000), origin('close')):
            try:
                r = b.ask(more, *[do(*o) for o in orders], method='POST', body=pattern(size), chunks=chunks)
                expect('status %d' % r.status, r.status in (413, 502, 504), True)
            except (Cut, ConnectionError):
                pass  # the rest of the viewer's body is not read
    expect('the next', b.ask().status, 200)


@test('body')
def forwarded_for_of_an_edited_body(b):
    """Headers that the server adds to a request are kept when a function edits the request later."""
    b.start(b.config(include_body=True, server='CONFIG proxy.config.http.insert_squid_x_forwarded_for INT 1\n'))
    for method, body in (('GET', None), ('POST', b'abc')):
        r = b.ask(('X-Forwarded-For', '8.8.8.8'), do(VQ, 'set', 'X-A', '1'), method=method, body=body)
        expect('at the origin', r.seen[0].headers.get('x-forwarded-for').replace(b' ', b''), b'8.8.8.8,127.0.0.1')
        r = b.ask(do(VQ, 'set', 'X-A', '1'), method=method, body=body)
        expect('at the origin', r.seen[0].headers.get('x-forwarded-for'), b'127.0.0.1')


LATIN = b'caf\xe9'  # ISO-8859-1


@test('lambda chain', rows=[('%s in %s' % (n, e), e, o) for e in EVENTS for n, o in
                            (('nothing', []), ('a header', [('set', 'X-New', 'n')]), ('the URI', [('uri', '/new')]), ('the query', [('query', 'new')]))
                            if not o or o[0][0] == 'set' or e in (VQ, OQ)])
def latin_1(b, where, orders):
    """Functions see UTF-8; parts that they do not change are sent with the received bytes."""
    r = b.ask(('X-L', LATIN), ('X-U', 'caf\xc3\xa9'), origin(h=b'X-L:' + LATIN), *[do(where, *o) for o in orders], target=b'/' + LATIN + b'?' + LATIN)
    expect('status', r.status, 200)
    for e in r.trace:
        expect('X-L, X-U in ' + e.type, (e.header('x-l'), e.header('x-u')), ('caf\xc3\xa9', 'caf\xc3\xa9'))
        if e.type in (OS, VS):
            expect('X-L of the response in ' + e.type, e.header('x-l', 'response'), 'caf\xc3\xa9')
    expect('URI in viewer-request', r.trace[0]['uri'], '/caf\xc3\xa9')
    if r.trace[0]['dialect'] == 'lambda':
        expect('query in viewer-request', r.trace[0]['query'], 'caf\xc3\xa9')
    edits = {o[0]: o[1].encode() for o in orders}
    expect('target at the origin', r.seen[0].target, edits.get('uri', b'/' + LATIN) + b'?' + edits.get('query', LATIN))
    expect('headers at the origin', (r.seen[0].headers.get('x-l'), r.seen[0].headers.get('x-u')), (LATIN, b'caf\xc3\xa9'))
    expect('header for the viewer', r.headers.get('x-l'), LATIN)


# ---- what CloudFront does itself

@test('lambda body', rows=[(m, m, None, 403) for m in ('PROPFIND', 'TRACE', 'FOO', 'get', 'PURGE')] +
      [('GET with a body', 'GET', b'abc', 403), ('a URL of 8,193 bytes', 'GET', 8193, 414), ('a head of 33,000', 'GET', -33000, 494)])
def what_cloudfront_refuses(b, method, more, status):
    with Viewer(b.proxy.address) as v:
        size = more if isinstance(more, int) else 0
        r = b.ask_on(v, *([('X-Big', 'v' * -size)] if size < 0 else []), do(VQ, 'respond', 200, 'x'), method=method,
                     body=more if isinstance(more, bytes) else None, target='/' + 'u' * (size - 1) if size > 0 else '/')
        expect('status, x-cache', (r.status, r.get('x-cache')), (status, 'Error from cloudfront'))
        expect('a request id', bool(re.fullmatch('[A-Za-z0-9_-]{54}==', r.get('x-amz-cf-id'))), True)
        expect('triggers, requests at the origin', (r.trace, r.seen), ([], []))
        after = b.ask_on(v, target='/' + 'u' * 8191)
        expect('the next on this connection', (after.status, after.seen[0].target), (200, b'/' + b'u' * 8191))


@test('lambda chain')
def what_cloudfront_takes_out(b):
    out = ['X-Real-IP', 'X-Forwarded-Proto', 'X-HTTP-Method-Override', 'X-Edge-Foo', 'Trailer', 'TE', 'Proxy-Authorization', 'Proxy-Authenticate']
    r = b.ask(*[(n, 'trailers' if n == 'TE' else 'v') for n in out], ('Expect', 'nothing'), ('X-Kept', 'v'), do(OQ, 'origin-header', 'X-Custom', 'c'))
    names = r.seen[0].headers.names()
    expect('at the origin', [n for n in out + ['Expect'] if n.lower() in names], [])
    expect('what stays', ('x-kept' in names, 'x-custom' in names), (True, True))


@test('lambda chain', rows=[('plain', 'other.example'), ('with a port', 'other.example:8443')])
def host_of_an_absolute_target(b, host):
    """RFC 9112 3.2.2: the host of an absolute target takes precedence over Host."""
    r = b.ask(target='http://%s/a?b' % host, host='front.example')
    expect('Host in viewer events', [e.header('host') for e in r.trace if e.type in (VQ, VS)], [host] * 2)
    expect('target at the origin', r.seen[0].target, b'/a?b')


@test('')
def traffic_server_on_a_deep_desk(b):
    desk_in_a_deep_place(b, 'examples/hosts/trafficserver/run.sh', b.proxy.plugin)


@test('')
def traffic_server_on_the_desk(b):
    desk(b, 'examples/hosts/trafficserver/run.sh')
