"""Apache Traffic Server with edgefn.so (examples/hosts/trafficserver) for tests/hosts/proxy.py. As root it becomes the user "trafficserver"."""
import os
import pwd
import re
import resource
import shutil
import signal
import subprocess
import time
from urllib.parse import quote

import proxy
from proxy import OQ, OS, VQ, VS, Cut, Viewer, do, expect, expect_in, head, pattern, sha256
from proxy_nginx import desk, dies_with_parent, free_port, has_ipv6

SERVER = os.environ.get('TRAFFIC_SERVER', 'traffic_server')
PLUGIN = 'build/trafficserver/edgefn.so'

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


class Proxy:
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
        self.tests, self.more = tests, ''

    # ---- configuration

    def options(self, config, port):
        """What stands behind the plugin's name in plugin.config."""
        kind, domain, origin_port, protocol, path = config.origin
        words = ['--origins-port=%d' % port, '--distribution=%s,%s' % config.distribution]
        words.append('--origin=%s,%s,port=%d,protocol=%s%s' % (kind, domain, origin_port, protocol, ',path=' + path if path else ''))
        words += ['--%s=%s%s' % (e, file, ',functions' if dialect == 'functions' else '') for e, (file, dialect) in config.handlers.items()]
        words += [] if config.check else ['--no-check']
        words += ['--include-body'] if config.include_body else []
        words += [] if config.cloudfront_headers else ['--no-cloudfront-headers']
        words += ['--viewer-header=%s:%s' % (n, quote(v, safe='')) for n, v in config.viewer_headers]
        words += [self.more] if self.more else []
        words += ['--table=%s:%s=%s' % (t, quote(k, safe=''), quote(v, safe='')) for t, k, v in config.tables]
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
        self.file('etc/records.config', records + config.server)
        self.file('etc/storage.config', '%s/cache 32M\n' % self.dir)
        self.file('etc/ip_allow.yaml', ''.join('  - { apply: in, ip_addrs: %s, action: allow, methods: ALL }\n' % a if i else 'ip_allow:\n'
                                               for i, a in enumerate(['', '127.0.0.0/8', '::1'])))
        self.file('etc/remap.config', '')
        self.file('etc/plugin.config', '%s %s\n' % (self.plugin, self.options(config, self.origins)))
        dirs = dict(prefix='', exec_prefix='', sysconfdir='etc', datadir='cache', libexecdir='plugins', localstatedir='var', runtimedir='run', logdir='log', cachedir='cache')
        self.file('runroot.yaml', ''.join('%s: %s\n' % (n, os.path.join(self.dir, d).rstrip('/')) for n, d in dirs.items()) +
                  'bindir: /usr/bin\nsbindir: /usr/bin\nincludedir: /usr/include\nlibdir: /usr/lib/trafficserver\nmandir: /usr/share/man\ninfodir: /usr/share/info\n')
        if os.getuid() == 0:
            user = pwd.getpwnam('trafficserver')
            for root, names, files in os.walk(self.dir):
                for name in [root] + [os.path.join(root, f) for f in files]:
                    os.chown(name, user.pw_uid, user.pw_gid)

    # ---- life

    def launch(self, config):
        def prepare():
            dies_with_parent()
            if config.file_limit:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (config.file_limit, config.file_limit))

        out = open(os.path.join(self.dir, 'out'), 'w+')
        wrap = os.environ.get('ATS_WRAP', '').split()
        self.process = subprocess.Popen(wrap + [SERVER, '--run-root=%s/runroot.yaml' % self.dir], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                        preexec_fn=prepare, start_new_session=True)
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
        """Global plugins are read when the server starts."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
        os.unlink(os.path.join(self.dir, 'log/diags.log'))
        why = self.launch(self.config)
        if why is not None:
            raise RuntimeError(why[-1500:])

    def read(self, name):
        try:
            with open(os.path.join(self.dir, name), encoding='latin-1') as f:
                return f.read()
        except FileNotFoundError:
            return ''

    def log(self):
        return self.read('log/diags.log')

    def output(self):
        return self.read('out') + self.log()

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
        self.process = None
        self.lives += 1
        for line in self.output().splitlines():
            if re.search(r'\b(FATAL|ALERT|EMERGENCY)\b|Sanitizer|double free|corrupt|signal was received|assert', line):
                complaints.append(line)
        with open(os.path.join(self.bench.build, 'log%d' % self.lives), 'w') as f:
            f.write(self.output())
        return complaints[:5]

    def refuse(self, config):
        self.write(config)
        why = self.launch(config)
        self.stop()
        return why


# ---- tests for Traffic Server alone

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
    """What works without a cache, too."""
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
    b.forget()  # the limit holds for the trace, too
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
    """From the first event at the origins' side on, files get no more than 500,000 bytes: that handler says so from within the server."""
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
            continue  # seen once in a hundred: what cannot be stored may be cut, if it is seen to be cut
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
    """The body of a part cannot be replaced: Traffic Server takes the part from what comes. The function is heard all the same."""
    first = b.ask(proxy.origin(size=3000, cc='max-age=100', h='Accept-Ranges: bytes'))
    r = b.ask(('Range', 'bytes=100-199'), do(VS, 'fail'), target='/' + first.id)
    expect('status', r.status, 503)
    expect('nothing of the body is in it', b'lmnopq' in r.body, False)


@test('')
def traffic_server_on_the_desk(b):
    desk(b, 'examples/hosts/trafficserver/run.sh')
