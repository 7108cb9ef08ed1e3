"""nginx with ngx_http_edgefn_module for tests/hosts/proxy.py: two servers in one process, as examples/hosts/nginx/cloudfront.conf has them. The viewers' server
has the cache and the viewer events, and fetches from the origins' server through a unix socket."""
import contextlib
import ctypes
import glob
import gzip
import http.client
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import threading
import time
import types
from urllib.parse import unquote_to_bytes

import proxy
from proxy_origin import heads as proxy_heads
from proxy import OQ, OS, VQ, VS, do, expect, expect_in

NGINX = os.environ.pop('NGINX', 'nginx')  # not passed on, because nginx uses this variable for inherited sockets
MODULE = 'build/nginx/ngx_http_edgefn_module.so'
# Size of a request's memory pool. With the smallest size nearly every string is a separate allocation, whose end AddressSanitizer knows.
POOL = os.environ.get('NGINX_POOL')

MAIN = '''
load_module "{module}";
{user}daemon off; worker_processes {workers}; pid "{dir}/pid"; error_log "{dir}/error.log" info;
events {{ worker_connections 2048; }}
http {{
    access_log off; keepalive_requests 100000; server_tokens off; client_body_timeout 3s; client_header_timeout 30s;
    client_body_temp_path "{dir}/body"; proxy_temp_path "{dir}/proxy"; fastcgi_temp_path "{dir}/x1"; uwsgi_temp_path "{dir}/x2"; scgi_temp_path "{dir}/x3";
    client_body_buffer_size 16k; client_max_body_size 64m;
    proxy_cache_path "{dir}/cache" levels=1:2 keys_zone=edge:4m inactive=10m use_temp_path=off;
    resolver 127.0.0.1:{dns} ipv6=off valid=60s; resolver_timeout 2s;
    proxy_connect_timeout 2s; proxy_read_timeout 3s; proxy_ssl_server_name on; proxy_http_version 1.1; proxy_buffers 8 36k;
    proxy_buffer_size 36k; proxy_busy_buffers_size 72k; # a buffer that ends where a read does makes nginx 1.22 forget a request when a worker ends
    {pools}
{rest}}}
'''

VIEWERS = '''
    server {{
        listen 127.0.0.1:{port}; {listen6}listen 127.0.0.1:{h2} http2;
        large_client_header_buffers 4 16k;
        location / {{
{viewer}
            {cache}
            proxy_set_header Host {domain};
            proxy_set_header Connection "";
            proxy_set_header X-Edge-Viewer $remote_addr;
            proxy_set_header X-Amz-Cf-Id $edge_request_id;
            proxy_pass_header Server; proxy_pass_header Date; {ignored}
            proxy_pass http://unix:{dir}/origins.sock;
        }}
    }}
    server {{
        listen unix:{dir}/origins.sock;
        set_real_ip_from unix:; real_ip_header X-Edge-Viewer;
        large_client_header_buffers 4 32k;
        location / {{
{origin}
            proxy_set_header Host $http_host;
            proxy_set_header Connection ""; proxy_set_header X-Edge-Viewer "";
            proxy_pass_header Server; proxy_pass_header Date; {ignored}
            proxy_max_temp_file_size 0; # A has the cache
            proxy_pass $edge_origin;
        }}
    }}
'''

CACHE = 'proxy_cache edge; proxy_cache_key $request_uri; proxy_cache_lock on; proxy_cache_revalidate on; proxy_cache_valid any 10s;'
IGNORED = 'proxy_ignore_headers Set-Cookie Vary X-Accel-Redirect X-Accel-Expires X-Accel-Limit-Rate X-Accel-Buffering X-Accel-Charset;'


def quoted(text):
    """Quotes a word for a configuration file, without variables."""
    return '"%s"' % text.replace('\\', '\\\\').replace('"', '\\"')


def free_port(host='127.0.0.1'):
    with socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET) as s:
        s.bind((host, 0))
        return s.getsockname()[1]


def has_ipv6():
    try:
        return free_port('::1') > 0
    except OSError:
        return False


def dies_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


class Proxy:
    lacks = {}
    store_s = 0  # a response is in the cache when the viewer has received it

    def __init__(self, bench):
        self.bench, self.process, self.lives, self.number = bench, None, 0, 2  # number: workers
        self.dir = os.path.join(bench.build, 'nginx')
        self.module = os.path.abspath(os.environ.get('NGINX_MODULE', MODULE))
        self.ipv6 = has_ipv6()
        self.expected = None  # a pattern for errors in the log that a test causes on purpose

    @staticmethod
    def shows(data):
        """Returns received bytes as handlers see them."""
        try:
            data.decode()
            return data
        except UnicodeDecodeError:
            return data.decode('latin-1').encode()

    # ---- configuration

    def directives(self, config, viewer):
        lines = []
        kind, domain, port, protocol, path = config.origin
        for event, (file, dialect) in config.handlers.items():
            if event.startswith('viewer') == viewer:
                lines.append('edge_%s %s%s;' % (event.replace('-', '_'), quoted(file), ' functions' if dialect == 'functions' else ''))
        lines.append('edge_check %s;' % ('on' if config.check else 'off'))
        lines.append('edge_include_body %s;' % ('on' if config.include_body else 'off'))
        if os.environ.get('NGINX_TRACE'):
            lines.append('edge_trace "%s";' % os.path.join(self.dir, 'trace'))
        if viewer:
            lines.append('edge_chain on; edge_cloudfront_headers %s;' % ('on' if config.cloudfront_headers else 'off'))
            lines += ['edge_viewer_header %s %s;' % (n, quoted(v)) for n, v in config.viewer_headers]
        lines += ['edge_table %s %s %s;' % (t, quoted(k), quoted(v)) for t, k, v in config.tables]
        lines.append('edge_distribution %s %s;' % config.distribution)
        if not viewer:
            lines.append('edge_request_id $http_x_amz_cf_id;')
            custom = '' if kind == 's3' else ' port=%d protocol=%s' % (port, protocol)
            lines.append('edge_origin %s %s%s%s;' % (kind, domain, custom, ' path=' + path if path else ''))
        return '\n'.join(' ' * 12 + line for line in lines)

    def write(self, config):
        """Writes the configuration file and returns its path."""
        shutil.rmtree(self.dir, ignore_errors=True)
        os.makedirs(self.dir)
        self.address = ('127.0.0.1', free_port())
        self.address_h2 = ('127.0.0.1', free_port())
        self.address6 = ('::1', free_port('::1')) if self.ipv6 else None
        self.address_own, self.address_tls = ('127.0.0.1', free_port()), ('127.0.0.1', free_port())
        listen6 = 'listen [::1]:%d; ' % self.address6[1] if self.ipv6 else ''
        servers = VIEWERS.format(viewer=self.directives(config, True), origin=self.directives(config, False),
                                 cache=CACHE + config.cache_more if config.cache else '', dir=self.dir, domain=config.origin[1],
                                 ignored=IGNORED, port=self.address[1], h2=self.address_h2[1], listen6=listen6)
        user = 'user root; ' if os.getuid() == 0 else ''
        path = os.path.join(self.dir, 'nginx.conf')
        with open(path, 'w', encoding='latin-1') as f:
            f.write(MAIN.format(module=self.module, user=user, workers=self.number, dir=self.dir, dns=self.bench.names.port,
                                pools='request_pool_size %s; connection_pool_size %s;' % (POOL, POOL) if POOL else '', rest=servers + self.own(config.server)))
        return path

    def own(self, text):
        """Replaces the placeholders in Config.server."""
        words = {'OWN': '127.0.0.1:%d' % self.address_own[1], 'SECURE': '127.0.0.1:%d' % self.address_tls[1], 'DIR': self.dir, 'BUILD': self.bench.build,
                 'HANDLER': self.bench.handler, 'ONE': '127.0.0.1:%d' % self.bench.one.port, 'ONEPORT': str(self.bench.one.port),
                 'CERTIFICATE': self.bench.certificate or ''}
        return re.sub('@([A-Z]+)@', lambda m: words[m[1]], text)

    def command(self, *more):
        return [NGINX, '-p', self.dir, '-c', os.path.join(self.dir, 'nginx.conf'), '-e', os.path.join(self.dir, 'error.log')] + list(more)

    # ---- start, reload and stop

    def start(self, config):
        self.write(config)

        def prepare():
            dies_with_parent()
            if config.file_limit:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (config.file_limit, config.file_limit))

        out = open(os.path.join(self.dir, 'out'), 'w+')
        self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=out, stderr=out, preexec_fn=prepare, start_new_session=True)
        end = time.monotonic() + 5
        while time.monotonic() < end:
            if self.process.poll() is not None:
                self.process = None
                raise RuntimeError(open(os.path.join(self.dir, 'out')).read()[-1500:])
            if self.log().count('start worker process ') >= self.number:
                return
            time.sleep(0.005)
        raise RuntimeError('it does not start within 5 s: ' + self.log()[-1500:])

    def workers(self):
        """Returns the worker processes of the latest generation."""
        return set(re.findall(r'start worker process ([0-9]+)', self.log())) - set(re.findall(r'worker process ([0-9]+) exited', self.log()))

    def reload(self):
        before = len(re.findall('start worker process ', self.log()))
        self.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + 5
        while len(re.findall('start worker process ', self.log())) < before + self.number:
            if time.monotonic() > end:
                raise RuntimeError('no new workers within 5 s: ' + self.log()[-800:])
            time.sleep(0.005)
        while self.log().count('gracefully shutting down') < before and time.monotonic() < end:  # the old workers no longer accept connections
            time.sleep(0.005)

    def log(self):
        try:
            with open(os.path.join(self.dir, 'error.log'), encoding='latin-1') as f:
                return f.read()
        except FileNotFoundError:
            return ''

    output = log  # nginx prints everything to its log

    def stop(self):
        if self.process is None:
            return []
        complaints = []
        if self.process.poll() is not None:
            complaints.append('the master process ended: %s' % self.process.returncode)
        self.process.send_signal(signal.SIGQUIT)  # shuts down gracefully, and reports connections that were never closed
        try:
            self.process.wait(6)
        except subprocess.TimeoutExpired:
            complaints.append('it does not exit within 6 s')
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None
        self.lives += 1
        log = self.log()
        if 'signal 15 (SIGTERM) received' in log:
            complaints.append('another process ended the server: ' + re.search('.*SIGTERM.*', log)[0])
        for line in log.splitlines():
            if re.search(r'exited on signal|exited with code [1-9]|exited with fatal code|\[(alert|emerg)\]|Sanitizer|runtime error:|double free|corrupt', line):
                if not (self.expected and re.search(self.expected, line)):
                    complaints.append(line)
        shutil.copy(os.path.join(self.dir, 'error.log'), os.path.join(self.bench.build, 'error%d.log' % self.lives))
        return complaints[:5]

    def refuse(self, config):
        self.write(config)
        done = subprocess.run(self.command('-t'), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=10)
        text = done.stdout.decode('latin-1')
        return None if done.returncode == 0 else text


# ---- tests only for nginx

tests = []


def test(config, rows=None):
    return proxy.test(config, None, rows, tests)


def lines_of_refusal(b, directives):
    """Returns nginx's error message for a location with these directives, with its position."""
    text = b.proxy.refuse(b.config(events=(), server='    server { listen unix:@DIR@/own.sock; location / {\n' + directives + '\n} }\n'))
    if text is None:
        raise proxy.Failed('nginx starts with: ' + directives)
    expect('file and line are named in: ' + text, bool(re.search(r'nginx\.conf:[0-9]+', text)), True)
    return text


BAD = ['edge_check maybe;', 'edge_check;', 'edge_viewer_request;', 'edge_viewer_request @HANDLER@ python;', 'edge_viewer_request @HANDLER@ lambda more;',
       'edge_origin custom;', 'edge_origin ftp a.test;', 'edge_origin custom a.test port=0;', 'edge_origin custom a.test port=65536;',
       'edge_origin custom a.test port=x;',
       'edge_origin custom a.test protocol=ftp;', 'edge_origin custom a.test path=x;', 'edge_origin custom a.test path=/x/;',
       'edge_origin custom a.test nothing=x;',
       'edge_key;', 'edge_key cookies;', 'edge_key cookies some;', 'edge_key cookies only;', 'edge_key cookies all a;', 'edge_key headers all;', 'edge_key headers except a;', 'edge_key cloudfront all;',
       'edge_key body all;', 'edge_forward query;', 'edge_forward query only;', 'edge_ttl 1 2;', 'edge_ttl 2 1 3;', 'edge_ttl 1 3 2;', 'edge_ttl 1 2 x;', 'edge_error_ttl 200 1;', 'edge_error_ttl 404 x;',
       'edge_response_header A;', 'edge_response_header A b always;', 'edge_response_remove;', 'edge_cors;', 'edge_cors all;', 'edge_cors max-age;', 'edge_methods;', 'edge_viewer_protocol http;',
       'edge_root_object index.html;', 'edge_origin_header A;',
       'edge_origin s3 a.test port=80;', 'edge_origin custom a.test:8080;', 'edge_table kv a;', 'edge_viewer_header X;',
       'edge_viewer_request @HANDLER@; edge_viewer_request @HANDLER@;', 'edge_origin custom a.test; edge_origin custom b.test;',
       'edge_distribution a b c;', 'edge_include_body 1;', 'edge_origin_request @HANDLER@ functions;', 'edge_origin_response @HANDLER@ functions;',
       'edge_viewer_request @HANDLER@ functions; edge_viewer_response @HANDLER@;', 'edge_viewer_request @BUILD@/nothing.so;',
       'edge_viewer_response @BUILD@/other_abi.so;',
       'edge_viewer_request @BUILD@/no_handler.so;', 'edge_table kv a 1; edge_table kv a 2;', 'edge_viewer_request off functions;',
       'edge_trace;', 'edge_trace @BUILD@/a @BUILD@/b;', 'edge_trace @BUILD@/a; edge_trace @BUILD@/b;', 'edge_desk;', 'edge_desk 1 2 3;', 'edge_desk 1; edge_desk 2;']


@test('', rows=[(d, d) for d in BAD])
def nginx_refuses(b, directives):
    lines_of_refusal(b, directives)


@test('')
def nginx_refuses_what_is_inherited(b):
    server = 'server { listen unix:@DIR@/own.sock; edge_viewer_request @HANDLER@; location / { edge_viewer_response @HANDLER@ functions; } }'
    text = b.proxy.refuse(b.config(events=(), server=server))
    expect_in('what it says', text or 'nothing: it starts', 'one cache behaviour cannot have')


@test('', rows=[('version', 'version'), ('signature', 'binary compatible')])
def nginx_refuses_a_module_for_another_nginx(b, says):
    """nginx itself refuses it, before the module is called."""
    with open(b.proxy.module, 'rb') as f:
        data = f.read()
    number = re.search(r'nginx/([0-9]+)\.([0-9]+)\.([0-9]+)', subprocess.run([NGINX, '-v'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout.decode())
    version = (int(number[1]) * 1000000 + int(number[2]) * 1000 + int(number[3])).to_bytes(4, 'little')
    signature = re.search(rb'8,4,[48],[01]{20,}', data)[0]
    patched = data.replace(version, (1001001).to_bytes(4, 'little')) if says == 'version' else data.replace(signature, signature.replace(b'8,4,', b'4,4,'))
    expect('what was to be patched is there', patched != data, True)
    good, b.proxy.module = b.proxy.module, os.path.join(b.build, 'other_version.so')
    try:
        with open(b.proxy.module, 'wb') as f:
            f.write(patched)
        expect_in('what it says', b.proxy.refuse(b.config()) or 'nothing: it starts', says)
    finally:
        b.proxy.module = good


SITE = '''
    server {
        listen @OWN@; root "@BUILD@/site"; gzip on; gzip_types text/plain text/html; gzip_min_length 1; gzip_proxied any;
        types { text/plain txt; text/html html; }
        edge_viewer_request "@HANDLER@"; edge_viewer_response "@HANDLER@";
        location / { index index.html; error_page 404 /404.html; }
        location /off/ { edge_viewer_request off; edge_viewer_response off; alias "@BUILD@/site/"; }
        location /functions/ { edge_viewer_request "@HANDLER@" functions; edge_viewer_response "@HANDLER@" functions; alias "@BUILD@/site/"; }
        location /auth/ { auth_request /check; alias "@BUILD@/site/"; }
        location = /check { internal; return 204; }
        location /return/ { return 200 "returned"; }
        location /rewrite/ { rewrite ^/rewrite/(.*) /$1 last; }
        location /try/ { try_files $uri /index.html; }
        location /mirror/ { mirror /copy; proxy_pass http://@ONE@; }
        location = /copy { internal; proxy_pass http://@ONE@/copy; }
        location /unbuffered/ { proxy_buffering off; proxy_request_buffering off; proxy_pass http://@ONE@; }
        location /unbuffered-functions/ { edge_viewer_request off; edge_viewer_response "@HANDLER@" functions; proxy_buffering off; proxy_pass http://@ONE@; }
        location /sub/ { sub_filter_types *; sub_filter_once off; sub_filter one ONE; proxy_pass http://@ONE@; }
        location /intercept/ { proxy_intercept_errors on; error_page 404 502 503 /sorry.html; proxy_pass http://@ONE@; }
        location /added/ { add_header X-Added yes always; expires 1h; alias "@BUILD@/site/"; }
        location /body/ { edge_include_body on; proxy_pass http://@ONE@; }
    }
'''
SECURE = '''
    server {
        listen @SECURE@ ssl http2; ssl_certificate "@CERTIFICATE@"; ssl_certificate_key "@CERTIFICATE@"; edge_cloudfront_headers on;
        edge_viewer_request "@HANDLER@" functions; edge_viewer_response "@HANDLER@" functions; proxy_pass http://@ONE@;
        location / { proxy_pass http://@ONE@; }
    }
'''.replace('functions; proxy_pass http://@ONE@;', 'functions;')


def site(b):
    """Starts a server for static files and other features of nginx, with handlers for the viewer events."""
    files = {'index.html': 'the index', '404.html': 'nothing here', 'sorry.html': 'sorry', 'page.txt': 'a page', 'dir/index.html': 'index of dir'}
    for name, text in files.items():
        path = os.path.join(b.build, 'site', name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w') as f:
            f.write(text)
    b.start(b.config(events=(), server=SITE + (SECURE if b.certificate else '')))
    return b


def local(b, target, *more, **options):
    options.setdefault('address', b.proxy.address_own)
    return b.ask(*more, target=target, **options)


def look(b, target, *more, status=200, page=None, events=(VQ, VS), sort=False, **options):
    r = local(b, target, *more, **options)
    expect('status of %s (%s)' % (target, r.text[:200]), r.status, status)
    if page is not None:
        expect('body of ' + target, r.text, page)
    if sort:  # events in the background may come later
        time.sleep(0.2)
        expect('events of ' + target, sorted(e.type for e in b.trace(r.id)), sorted(events))
    else:
        expect('events of ' + target, [e.type for e in r.trace], list(events))
    return r


@test('lambda', rows=[(v, v) for v in ('404', '200 LambdaExecutionError from cloudfront', 'x', '')])
def nginx_origin_cannot_forge_the_result(b, value):
    """In X-Edge-Result the origins' server passes the outcome of a request to the viewers' server."""
    r = b.ask(proxy.origin(h='X-Edge-Result: ' + value))
    expect('status, x-cache, X-Edge-Result', (r.status, r.get('x-cache'), r.get('x-edge-result')), (200, 'Miss from cloudfront', None))
    expect('events', [e.type for e in r.trace], list(proxy.EVENTS))


@test('site')
def nginx_files(b):
    look(b, '/page.txt', page='a page')
    look(b, '/', page='the index')
    look(b, '/dir/', page='index of dir')
    look(b, '/x', do(VQ, 'uri', '/page.txt'), page='a page')
    look(b, '/x', do(VQ, 'uri', '/dir/'), page='index of dir')
    look(b, '/nothing', status=404, page='nothing here', events=[VQ])
    look(b, '/nothing', do(VQ, 'respond', 200, 'made'), page='made', events=[VQ])
    look(b, '/try/this', page='the index')
    expect('X-VS', look(b, '/page.txt', do(VS, 'set', 'X-VS', '1')).get('x-vs'), '1')


@test('site', rows=[('a header', ('set', 'X-A', '1')), ('the range', ('set', 'Range', 'bytes=0-3')), ('user-agent', ('set', 'User-Agent', 'x' * 64)),
                    ('if-modified-since', ('remove', 'If-Modified-Since'))])
def nginx_range_after_an_edit(b, words):
    """nginx reads Range, User-Agent and others up to a NUL."""
    for _ in range(20):
        r = local(b, '/page.txt', ('Range', 'bytes=0-3'), ('If-Modified-Since', 'Thu, 01 Jan 1970 00:00:00 GMT'), ('User-Agent', 'Mozilla/4.0 (compatible; MSIE 6'),
                  do(VQ, *words))
        expect('status, content-range, body', (r.status, r.get('content-range'), r.text), (206, 'bytes 0-3/6', 'a pa'))


FOUR = '''
    server {
        listen @OWN@; edge_origin custom one.test port=@ONEPORT@ protocol=http;
        location / {
            edge_viewer_request "@HANDLER@"; edge_origin_request "@HANDLER@"; edge_origin_response "@HANDLER@"; edge_viewer_response "@HANDLER@";
            edge_cloudfront_headers on; edge_include_body on; proxy_set_header Host $http_host; proxy_pass $edge_origin;
        }
        location /functions/ {
            edge_viewer_request "@HANDLER@" functions; edge_origin_request "@HANDLER@"; edge_origin_response "@HANDLER@";
            edge_viewer_response "@HANDLER@" functions; edge_cloudfront_headers on; proxy_set_header Host $http_host; proxy_pass $edge_origin;
        }
    }
'''


def four(b):
    """Starts a server with all events in one location, which is possible without a cache."""
    b.start(b.config(events=(), server=FOUR))


@test('four', rows=[('lambda', '/x'), ('functions', '/functions/x')])
def nginx_four_in_one_location(b, path):
    all_events = [VQ, 'origin-request', OS, VS]
    r = look(b, path, do(VQ, 'uri', '/vq'), do('origin-request', 'query', 'oq'), do(OS, 'set', 'X-OS', '1'), do(VS, 'set', 'X-VS', '1'), events=all_events)
    expect('target at the origin', r.seen[0].target, b'/vq?oq')
    expect('headers', (r.get('x-os'), r.get('x-vs')), ('1', '1'))
    expect('CloudFront-Viewer-Address in origin-request', r.trace[1].header('cloudfront-viewer-address'), '%s:%d' % r.name)
    look(b, path, proxy.origin(status=404), status=404, events=all_events[:3])
    look(b, path, proxy.origin(status=404), do(OS, 'status', 200), events=all_events[:3])
    look(b, path, do(OS, 'fail'), status=503, events=all_events[:3])
    look(b, path, do('origin-request', 'fail'), status=503, events=all_events[:2])
    look(b, path, do('origin-request', 'respond', 200, 'made'), page='made', events=[VQ, 'origin-request', VS])
    look(b, path, do('origin-request', 'respond', 403, 'made'), page='made', status=403, events=[VQ, 'origin-request'])
    look(b, path, do(VQ, 'respond', 200, 'made'), page='made', events=[VQ])
    look(b, path, proxy.origin('close'), status=502, events=all_events[:2])
    look(b, path, do(OS, 'body', 'new'), page='new', events=all_events)
    r = look(b, path, do(VQ, 'set', 'X-A', '1'), do('origin-request', 'body', 'new'), method='POST', body=proxy.pattern(50000), events=all_events)
    expect('body, header at the origin', (r.seen[0].body, r.seen[0].headers.get('x-a')), (b'new', b'1'))
    if path == '/x':
        r = look(b, path, do(VQ, 'body', 'first'), do(OS, 'body', 'third'), method='POST', body=b'sent', page='third', events=all_events)
        expect('body in origin-request, at the origin', (r.trace[1]['body'], r.seen[0].body), ('first', b'first'))


@test('site')
def nginx_conditions_and_ranges(b):
    first = look(b, '/page.txt')
    r = look(b, '/page.txt', ('If-Modified-Since', first.get('last-modified')), do(VS, 'set', 'X-VS', '1'), status=304)
    expect('X-VS', r.get('x-vs'), '1')
    look(b, '/page.txt', ('If-None-Match', first.get('etag')), status=304)
    look(b, '/page.txt', ('Range', 'bytes=2-5'), status=206, page='page')
    look(b, '/page.txt', ('Range', 'bytes=90-'), status=416)
    r = local(b, '/functions/page.txt', ('Range', 'bytes=2-5'), do(VS, 'body', 'a new and longer body'))
    if r.status == 206:
        expect('content-range and length agree', r.get('content-range'), 'bytes 2-5/21')
        expect('body', r.text, 'new ')
    else:
        expect('status, body', (r.status, r.text), (200, 'a new and longer body'))
    r = local(b, '/page.txt', ('Range', 'bytes=2-5'), do(VS, 'fail'))
    expect('status', r.status, 503)
    r = local(b, '/page.txt', ('If-None-Match', first.get('etag')), do(VS, 'fail'))
    expect('status', r.status, 503)


@test('site', rows=[('%s, %s' % (n, p), p, r, s, page) for p in ('/page.txt', '/functions/page.txt') for n, r, s, page in (
    ('one', 'bytes=2-5', 206, 'page'), ('to the end', 'bytes=4-', 206, 'ge'), ('the last', 'bytes=-3', 206, 'age'), ('none', 'bytes=90-', 416, None),
    ('none, long', 'bytes=000000000000002-000000000000005', 206, 'page'))])
def nginx_range_beside_an_edit(b, path, value, status, page):
    """nginx parses ranges up to a NUL."""
    for n in range(1, 18):  # with different bytes after it in memory
        look(b, path, do(VQ, 'set', 'X-A' + 'a' * n, '9' * n), ('Range', value), ('If-Range', 'x'), do(VQ, 'remove', 'If-Range'), status=status, page=page)
        look(b, path, do(VQ, 'set', 'Range', value), do(VQ, 'set', 'X-A', '9' * n), status=status, page=page)


@test('site')
def nginx_gzip(b):
    def unpacked(target, *more):
        r = look(b, target, ('Accept-Encoding', 'gzip'), *more)
        expect('content-encoding of ' + target, r.get('content-encoding'), 'gzip')
        return gzip.decompress(r.body)

    expect('body', unpacked('/page.txt'), b'a page')
    expect('body', unpacked('/page.txt', do(VS, 'set', 'X-VS', '1')), b'a page')
    expect('body', unpacked('/functions/page.txt', do(VS, 'body', 'new')), b'new')
    expect('body', unpacked('/functions/page.txt', do(VS, 'body-fill', 39000)), proxy.pattern(39000))
    r = local(b, '/functions/page.txt', ('Accept-Encoding', 'gzip'), do(VS, 'body-drop'))
    expect('status', r.status, 200)
    expect('body', gzip.decompress(r.body) if r.get('content-encoding') else r.body, b'')
    r = local(b, '/page.txt', ('Accept-Encoding', 'gzip'), do(VS, 'fail'))
    expect('status', r.status, 503)
    r = local(b, '/page.txt', ('Accept-Encoding', 'gzip'), do(VQ, 'respond', 200, 'made here'))
    expect('body', gzip.decompress(r.body) if r.get('content-encoding') else r.body, b'made here')


@test('site')
def nginx_locations(b):
    look(b, '/off/page.txt', page='a page', events=[])
    expect('dialects', {e['dialect'] for e in look(b, '/functions/page.txt', page='a page').trace}, {'functions'})
    look(b, '/x', do(VQ, 'uri', '/off/page.txt'), status=404, events=[VQ])  # an edited URI does not select another cache behaviour
    look(b, '/return/', page='returned')
    look(b, '/return/', do(VQ, 'respond', 403, 'no'), status=403, page='no', events=[VQ])
    look(b, '/rewrite/page.txt', page='a page')
    look(b, '/rewrite/x', do(VQ, 'uri', '/rewrite/page.txt'), page='a page')
    look(b, '/auth/page.txt', page='a page')
    look(b, '/auth/page.txt', do(VQ, 'respond', 403, 'no'), status=403, page='no', events=[VQ])
    expect('X-Added', look(b, '/added/page.txt', do(VS, 'set', 'X-VS', '1')).get('x-added'), 'yes')


@test('site')
def nginx_mirror(b):
    r = look(b, '/mirror/', do(VQ, 'set', 'X-A', '1'), method='POST', body=b'abc')
    expect('body', r.text.split()[0], 'one')
    time.sleep(0.1)
    expect('targets at the origin', sorted(s.target for s in b.one.seen(r.id)), [b'/copy', b'/mirror/'])


@test('site')
def nginx_unbuffered(b):
    for words in ([], ['chunked']):
        r = look(b, '/unbuffered/x', proxy.origin(*words, size=2000000), method='POST', body=proxy.pattern(200000))
        expect('body', proxy.sha256(r.body), proxy.sha256(proxy.pattern(2000000)))
        expect('body at the origin', proxy.sha256(r.seen[0].body), proxy.sha256(proxy.pattern(200000)))
        r = look(b, '/unbuffered-functions/x', proxy.origin(*words, size=2000000), do(VS, 'body', 'new'), events=[VS])
        expect('body', r.text, 'new')
    r = look(b, '/unbuffered/x', do(VQ, 'body', 'new body'), method='POST', body=proxy.pattern(200000), chunks=9000)
    expect('body at the origin', r.seen[0].body, b'new body')
    r = look(b, '/body/x', method='POST', body=proxy.pattern(30000), chunks=9000)
    expect('body in viewer-request', r.trace[0]['body-len'], '30000')


@test('site')
def nginx_other_filters(b):
    r = look(b, '/sub/x')
    expect('body', r.text.split()[0], 'ONE')
    expect('status, page', local(b, '/sub/x', do(VS, 'fail')).status, 503)
    look(b, '/intercept/x', proxy.origin(status=404), status=404, page='sorry', events=[VQ])
    r = local(b, '/intercept/x', do(VS, 'fail'))
    expect('status', r.status, 503)
    r = local(b, '/intercept/x', do(VQ, 'fail'))
    expect('status', r.status, 503)
    look(b, '/intercept/x', proxy.origin('close'), status=502, page='sorry', events=[VQ])


@test('site')
def nginx_tls(b):
    if not b.certificate:
        return
    r = local(b, '/x', address=b.proxy.address_tls, tls=True)
    expect('status', r.status, 200)
    expect('CloudFront-Forwarded-Proto', [e.header('cloudfront-forwarded-proto') for e in r.trace], ['https'] * 2)
    if b.curl_h2:
        key = b.new_id()
        out = b.curl('-k', '-i', '--http2', '-HX-Test: ' + key, 'https://127.0.0.1:%d/y' % b.proxy.address_tls[1])
        expect_in('the answer', out, 'HTTP/2 200')
        expect('version', [e.header('cloudfront-viewer-http-version') for e in b.trace(key)], ['2.0'] * 2)


@test('')
def nginx_update_in_the_background(b):
    b.start(b.config(cache_more='proxy_cache_use_stale updating error timeout http_500; proxy_cache_background_update on;'))
    first = b.ask(proxy.origin(cc='max-age=1'))
    time.sleep(2.1)
    r = look(b, '/' + first.id, proxy.origin(cc='max-age=9'), do(VS, 'set', 'X-VS', '1'), address=b.proxy.address, page=first.text,
             events=[VQ, 'origin-request', 'origin-response', VS], sort=True)
    expect('X-VS', r.get('x-vs'), '1')
    time.sleep(0.2)
    look(b, '/' + first.id, address=b.proxy.address, page='one %s 1' % r.id)
    expect('complaints', b.proxy.stop(), [])


@test('')
def nginx_handler_that_hangs(b):
    b.start(b.config(cache_more='proxy_read_timeout 30s;'))  # requests may have to wait for the same worker
    first, problems = b.proxy.workers(), []

    def others():
        for _ in range(40):
            try:
                expect('status', b.ask(close=True).status, 200)
                time.sleep(0.05)
            except Exception as e:
                problems.append(str(e))

    thread = threading.Thread(target=others)
    thread.start()
    for where in (VQ, VS):
        start = time.monotonic()
        r = b.ask(do(where, 'hang'))
        expect('status', r.status, 503)
        expect_in('the page', r.text, 'more than a second')
        expect('it is left after a second of the processor', time.monotonic() - start < 9, True)
    thread.join()
    expect('problems of other requests', problems, [])
    time.sleep(0.3)
    expect('another worker took its place', len(b.proxy.workers()) == 2 and b.proxy.workers() != first, True)
    expect('complaints', b.proxy.stop(), [])


@test('')
def nginx_memory(b):
    """A worker's memory does not grow."""
    b.start(b.config(cache=False))

    def some(n):
        with proxy.Viewer(b.proxy.address) as v:
            for i in range(n):
                b.ask_on(v, *([do(OS, 'body', 'new'), do(VQ, 'set', 'X-A', '1')] if i % 3 else [do(VQ, 'fail')]), method='POST', body=proxy.pattern(3000))

    def size():
        return sum(int(re.search(r'VmRSS:\s+([0-9]+)', open('/proc/%s/status' % w).read())[1]) for w in b.proxy.workers())

    some(150)
    before = size()
    some(600)
    expect('the workers grew by less than 300 kB (%d kB before, %d kB after)' % (before, size()), size() - before < 300, True)
    expect('complaints', b.proxy.stop(), [])


# ---- other features of nginx in the same request

CORNERS = '''
    map $uri $edge_nothing { default ""; }
    server {
        listen @OWN@; root "@BUILD@/site"; client_body_buffer_size 1k;
        rewrite ^/from-server/(.*)$ /triggers/$1?more=1 last;
        if ($request_uri ~ "forbidden") { return 403; }
        location /triggers/ { edge_viewer_request "@HANDLER@"; edge_viewer_response "@HANDLER@"; proxy_pass http://@ONE@; }
        location /from-location/ { rewrite ^/from-location/(.*)$ /triggers/$1 last; }
        location /named/ { try_files /nothing @named; }
        location @named { edge_viewer_request "@HANDLER@"; edge_viewer_response "@HANDLER@"; proxy_pass http://@ONE@; }
        location /index/ { alias "@BUILD@/site/"; index page.html; }
        location = /index/page.html { edge_viewer_request "@HANDLER@"; edge_viewer_response "@HANDLER@"; alias "@BUILD@/site/page.txt"; }
        location /fallback/ { edge_viewer_request "@HANDLER@"; edge_viewer_response "@HANDLER@"; error_page 404 = @named; }
        location /first/ { edge_viewer_request "@HANDLER@" functions; edge_viewer_response "@HANDLER@" functions; rewrite ^/first/(.*)$ /triggers/$1 last; }
        location /first-of-two/ { edge_viewer_request "@HANDLER@" functions; rewrite ^ /last/x last; }
        location /last/ { edge_viewer_response "@HANDLER@" functions; edge_viewer_request off; proxy_pass http://@ONE@; }
        location /upgrade/ {
            edge_viewer_response "@HANDLER@"; proxy_pass http://@ONE@; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;
        }
        location /country/ {
            edge_cloudfront_headers on; edge_viewer_header CloudFront-Viewer-Country $arg_country; edge_viewer_header X-Nothing $edge_nothing;
            edge_viewer_request "@HANDLER@"; proxy_pass http://@ONE@;
        }
        location /country-functions/ {
            edge_cloudfront_headers on; edge_viewer_header CloudFront-Viewer-Country $arg_country; edge_viewer_header X-Nothing $edge_nothing;
            edge_viewer_request "@HANDLER@" functions; proxy_pass http://@ONE@;
        }
        location /decoded/ { edge_cloudfront_headers on; edge_viewer_header X-U $uri; edge_viewer_request "@HANDLER@"; proxy_pass http://@ONE@; }
        location /key/ { edge_viewer_request "@HANDLER@"; proxy_cache edge; proxy_cache_key $request_uri; proxy_pass http://@ONE@; }
        location /log/ { edge_check log; edge_viewer_request "@HANDLER@"; edge_viewer_response "@HANDLER@"; proxy_pass http://@ONE@; }
        location /default/ { edge_viewer_request "@HANDLER@"; edge_viewer_response "@HANDLER@"; proxy_pass http://@ONE@; }
        location /on/ { edge_check on; edge_viewer_request "@HANDLER@"; edge_viewer_response "@HANDLER@"; proxy_pass http://@ONE@; }
        location /unchecked/ { edge_check off; edge_viewer_request "@HANDLER@"; edge_viewer_response "@HANDLER@"; proxy_pass http://@ONE@; }
    }
'''


def corners(b):
    os.makedirs(os.path.join(b.build, 'site'), exist_ok=True)
    for name, text in (('page.txt', 'a page'), ('page.html', 'what index looks for')):
        with open(os.path.join(b.build, 'site', name), 'w') as f:
            f.write(text)
    b.start(b.config(events=(), server=CORNERS + (SECURE if b.certificate else '')))


MOVES = [('rewrite of the server', '/from-server/a%20b?q=1', '/triggers/a%20b', 'more=1&q=1'), ('rewrite, percent', '/from-server/a%2525b', '/triggers/a%2525b', 'more=1'),
         ('rewrite of a location', '/from-location/x?q=1', '/triggers/x', 'q=1'), ('named location', '/named/x?q=%20', '/named/x', 'q=%20'),
         ('index', '/index/', '/index/page.html', '')]


@test('corners', rows=[(n, t, u, q) for n, t, u, q in MOVES])
def nginx_moved_to_triggers(b, target, uri, query):
    """If nginx moves a request to a location with triggers (by rewrite, index, ...), they run with the new URI."""
    r = look(b, target)
    expect('URI, query', [(e['uri'], e['query']) for e in r.trace], [(uri, query)] * 2)
    if uri != '/index/page.html':
        expect('target at the origin', r.seen[0].target, (uri + ('?' + query if query else '')).encode())
    look(b, target, do(VQ, 'fail'), status=503, events=[VQ])
    look(b, target, do(VS, 'fail'), status=503)
    look(b, target, do(VQ, 'respond', 403, 'no'), status=403, page='no', events=[VQ])
    r = local(b, target, do(VQ, 'set', 'X-A', '1'))
    expect('header at the origin', [s.headers.get('x-a') for s in r.seen], [b'1'] * len(r.seen))


@test('corners')
def nginx_moved_from_triggers(b):
    """The functions of the first location with triggers run; an error page has none of its own."""
    look(b, '/fallback/nothing', events=[VQ])
    look(b, '/fallback/nothing', do(VQ, 'fail'), status=503, events=[VQ])
    r = look(b, '/first/x', do(VQ, 'uri', '/first/y'), do(VS, 'set', 'X-VS', '1'))
    expect('dialects', [e['dialect'] for e in r.trace], ['functions'] * 2)
    expect('target at the origin, X-VS', (r.seen[0].target, r.get('x-vs')), (b'/triggers/y', '1'))
    look(b, '/first/x', do(VS, 'fail'), status=503)
    look(b, '/first-of-two/x', do(VS, 'fail'), events=[VQ])


@test('four', rows=[(s, s) for s in ('304 Not Modified', '204 No Content')])
def nginx_length_of_what_has_no_body(b, status):
    says = proxy.origin(raw='HTTP/1.1 %s\r\nContent-Length: 100\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n' % status)
    for path in ('/x', '/functions/x'):
        with proxy.Viewer(b.proxy.address_own) as v:
            first = [('Host', 'www.example.test'), ('X-Test', b.new_id()), says, do(OS, 'status', 200)]
            second = [('Host', 'www.example.test'), ('X-Test', b.new_id()), proxy.origin(body='second')]
            v.send(proxy.head('GET', path, first) + proxy.head('GET', path, second))
            r = v.response()
            expect('the first', (r.status, r.get('content-length'), r.get('transfer-encoding'), r.body), (200, '0', None, b''))
            expect('the second', v.response().body, b'second')


def upgrade(b, *more):
    """Returns what the viewer receives if an origin answers with 101: the status line, and everything after the headers."""
    says = proxy.origin(raw='HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nSECRET of the origin')
    with proxy.Viewer(b.proxy.address_own) as v:
        v.send(proxy.head('GET', '/upgrade/x', [('Host', 'a'), ('X-Test', b.new_id()), ('Connection', 'upgrade'), ('Upgrade', 'websocket'), says, *more]))
        line, headers = v.stream.head()
        v.sock.shutdown(socket.SHUT_WR)
        return line, headers, v.stream.rest()


@test('corners')
def nginx_upgrade(b):
    line, headers, rest = upgrade(b)
    expect('without an edit', (line, rest), (b'HTTP/1.1 101 Switching Protocols', b'SECRET of the origin'))
    line, headers, rest = upgrade(b, do(VS, 'fail'))
    expect('status', line[:12], b'HTTP/1.1 503')
    expect('nothing of the origin is in it', b'SECRET' in rest, False)
    expect('length', len(rest), int(headers.get('content-length')))


@test('corners')
def nginx_viewer_header_without_a_value(b):
    """An empty value still removes the viewer's header."""
    for path in ('/country/', '/country-functions/'):
        forged = [('CloudFront-Viewer-Country', 'XX'), ('X-Nothing', 'forged'), ('x-nothing', 'again')]
        r = look(b, path, *forged, events=[VQ])
        expect('at the origin', (r.seen[0].headers.get('cloudfront-viewer-country'), r.seen[0].headers.get('x-nothing')), (None, None))
        if 'functions' in path:
            expect('in the event', (r.trace[0].header('cloudfront-viewer-country'), r.trace[0].header('x-nothing')), (None, None))
        r = look(b, path + '?country=DE', *forged, events=[VQ])
        expect('at the origin', (r.seen[0].headers.get('cloudfront-viewer-country'), r.seen[0].headers.get('x-nothing')), (b'DE', None))


@test('corners')
def nginx_viewer_header_with_line_ends(b):
    for target in ('/decoded/a%0d%0aX-Evil:%201', '/decoded/a%0aX-Evil:%201', '/decoded/%0d%0a%0d%0aGET%20/evil%20HTTP/1.1'):
        r = look(b, target, events=[VQ])
        expect('requests at the origin', [s.method for s in r.seen], [b'GET'])
        expect('target, headers at the origin', (r.seen[0].target, r.seen[0].headers.get('x-evil'), r.seen[0].headers.get('x-u')), (target.encode(), None, None))
    expect('X-U', look(b, '/decoded/plain', events=[VQ]).seen[0].headers.get('x-u'), b'/decoded/plain')


@test('corners', rows=[(v, v) for v in ('404', '404 Owned by the origin', '200 LambdaExecutionError from cloudfront')])
def nginx_result_is_believed_in_chains_only(b, value):
    r = look(b, '/triggers/x', proxy.origin(h='X-Edge-Result: ' + value))
    expect('x-cache, X-Edge-Result', (r.get('x-cache'), r.get('x-edge-result')), ('Miss from cloudfront', None))


@test('corners')
def nginx_variables_after_an_edit(b):
    """A condition in the configuration evaluates $request_uri before the handler changes it; the cache key must use the new one."""
    first, second = '/key/' + b.new_id(), '/key/' + b.new_id()
    fresh = proxy.origin(cc='max-age=100')
    r = look(b, first, fresh, do(VQ, 'uri', second), events=[VQ])
    expect('target at the origin', r.seen[0].target, second.encode())
    plain = look(b, first, fresh, events=[VQ])
    expect('it is asked for', [s.target for s in plain.seen], [first.encode()])
    expect('body', plain.text, 'one %s 1' % plain.id)
    stored = look(b, second, fresh, events=[VQ])
    expect('what is stored', (stored.text, stored.seen), (r.text, []))
    expect('status', local(b, '/key/forbidden').status, 403)


@test('corners')
def nginx_http2_and_an_origin_without_http(b):
    if not b.certificate or not b.curl_h2:
        return
    url = 'https://127.0.0.1:%d/x' % b.proxy.address_tls[1]
    out = b.curl('-k', '-i', '--http2', '-H%s: %s' % proxy.origin('garbage'), url)
    expect_in('the answer', out, 'HTTP/2 502')
    expect('the bytes of the origin are in it', 'no HTTP \xff' in out, False)
    expect_in('the next', b.curl('-k', '-i', '--http2', url), 'HTTP/2 200')


@test('four', rows=[('/x', '/x'), ('/functions/x', '/functions/x')])
def nginx_invalid_header_line_of_an_origin(b, path):
    r = look(b, path, proxy.origin(raw='HTTP/1.1 200 OK\r\nBad\0Header: 1\r\n\r\nSECRET'), do(OS, 'set', 'X-OS', '1'), status=502, events=[VQ, OQ])
    expect('X-OS', r.get('x-os'), None)
    expect('the page', ('SECRET' in r.text, '502 Bad Gateway' in r.text), (False, True))


@test('corners', rows=[(e, e) for e in (VQ, VS)])
def nginx_check_log(b, where):
    bad = do(where, 'set', 'X-Edge-Foo', '1')
    events = [VQ, VS][:1 if where == VQ else 2]
    expect_in('the page', look(b, '/on/x', bad, status=502, events=events).text, 'header.disallowed')
    for path in ('/log/x', '/default/x'):  # by default viewers see no reasons
        before = b.proxy.log().count('header.disallowed')
        r = look(b, path, bad, status=502, events=events)
        told = ('disallowed', '.so', '/', 'X-Edge', b.build)
        expect('reasons on the page', [w for w in told if w in r.text], [])
        expect('reasons in headers', [v for _, v in r.headers if b'disallowed' in v or b.build.encode() in v], [])
        time.sleep(0.05)
        expect('the log has the reasons', b.proxy.log().count('header.disallowed') > before, True)
        r = look(b, path, do(where, 'reason', 'reason 4711'), status=503, events=events)
        expect('the page has the reason', '4711' in r.text, False)
        expect_in('the log', b.proxy.log(), 'reason 4711')
    r = look(b, '/unchecked/x', bad)  # without the check; a disallowed header is still removed
    expect('the header', (r.seen[0].headers.get('x-edge-foo'), r.get('x-edge-foo')), (None, None))


@test('', rows=[('by mv', []), ('that stays loaded', ['-Wl,-z,nodelete'])])
def nginx_reloads_without_a_change(b, flags):
    """The file names of libraries that are still loaded are not used again."""
    import proxy_tests
    files = [b.handler, os.path.join(b.build, 'handler2.so')]
    if flags:
        made = os.path.relpath(os.path.join(b.build, 'nodelete'))
        os.makedirs(made, exist_ok=True)
        subprocess.run(['sh', 'tests/hosts/proxy_handlers.sh', made] + flags, check=True)
        files = [os.path.join(made, os.path.basename(f)) for f in ('handler.so', 'handler2.so')]
    config, file = proxy_tests.own_config(b)
    proxy_tests.put_handler(b, files[0], file)
    b.start(config)
    for turn in range(1, 5):
        b.proxy.reload()  # nothing has changed
        time.sleep(0.3)  # the libraries of the last cycle are unloaded
        if turn > 2:
            b.proxy.reload()
            time.sleep(0.3)
        proxy_tests.put_handler(b, files[turn % 2], file)
        b.proxy.reload()
        expect('turn %d' % turn, proxy_tests.version(b), '22' if turn % 2 else '11')
    expect('complaints', b.proxy.stop(), [])


# ---- a handler's edit of URI or query, compared with nginx's own `rewrite` and `set $args`, in every type of location

FORMS = [  # name, prefix of the paths, location, its directives
    ('proxy_pass', '/pass/', '/pass/', '{edit} proxy_pass http://@ONE@;'),
    ('proxy_pass with a URI', '/api/v2/', '/api/v2/', '{edit} proxy_pass http://@ONE@/base/;'),
    ('proxy_pass with a URI without /', '/noslash/', '/noslash/', '{edit} proxy_pass http://@ONE@/base;'),
    ('proxy_pass with /', '/slash/', '/slash/', '{edit} proxy_pass http://@ONE@/;'),
    ('proxy_pass with variables', '/var/', '/var/', '{edit} proxy_pass http://@ONE@$uri$is_args$args;'),
    ('exact', '/exact/page.txt', '= /exact/page.txt', '{edit} proxy_pass http://@ONE@/else;'),
    ('regex', '/re/', '~ ^/re/(.*)$', '{edit} proxy_pass http://@ONE@;'),
    ('regex with a capture', '/capture/', '~ ^/capture/(.*)$', '{edit} proxy_pass http://@ONE@/captured/$1;'),
    ('if', '/if/', '/if/', '{handler} if ($request_method = GET) {{ {own} proxy_pass http://@ONE@; }}'),
    ('alias', '/alias/', '/alias/', '{edit} alias "@BUILD@/matrix/alias/";'),
    ('regex with alias', '/realias/', '~ ^/realias/(.*)$', '{edit} alias "@BUILD@/matrix/alias/$1";'),
    ('root', '/root/', '/root/', '{edit} root "@BUILD@/matrix"; add_header X-File $request_filename always;'),
    ('index', '/index/', '/index/', '{edit} root "@BUILD@/matrix"; index new.html page.html;'),
    ('try_files', '/try/', '/try/', '{edit} root "@BUILD@/matrix"; try_files $uri $uri/ =404;'),
    ('try_files to a URI', '/tryuri/', '/tryuri/', '{edit} root "@BUILD@/matrix"; try_files $uri /sorry/page.html;'),
    ('try_files to a name', '/tryname/', '/tryname/', '{edit} root "@BUILD@/matrix"; try_files $uri @name;'),
    ('error_page', '/error/', '/error/', '{edit} root "@BUILD@/matrix"; error_page 404 = /sorry/page.html;'),
    ('rewrite last', '/last/', '/last/', '{goes_on} rewrite ^/last/(.*)$ /behind/$1 last; proxy_pass http://@ONE@;'),
    ('rewrite break', '/break/', '/break/', '{goes_on} rewrite ^/break/(.*)$ /broken/$1 break; proxy_pass http://@ONE@/base/;'),
    ('return', '/return/', '/return/', '{goes_on} return 200 "$uri $args $is_args $document_uri $query_string $arg_a";'),
    ('return of a redirect', '/redirect/', '/redirect/', '{goes_on} return 302 /to$uri$is_args$args;'),
    ('auth_request', '/auth/', '/auth/', '{edit} auth_request /allowed; proxy_pass http://@ONE@/base/;'),
    ('mirror', '/mirror/', '/mirror/', '{edit} mirror /copy; proxy_pass http://@ONE@/base/;'),
]
MATRIX = """
    server {{
        listen @OWN@; absolute_redirect off; server_name {name}.test; root "@BUILD@/matrix/nothing"; types {{ text/html html; text/plain txt; }} default_type text/x-none;
        add_header X-Vars "$uri|$args|$is_args|$document_uri|$query_string|$arg_a" always;
        set $before "$uri$args$is_args$request_uri$arg_a$http_cookie"; # they are evaluated before the edit
        location /behind/ {{ proxy_pass http://@ONE@/behind-base/; }}
        location @name {{ proxy_pass http://@ONE@; }}
        location /sorry/ {{ internal; root "@BUILD@/matrix"; }}
        location = /allowed {{ internal; return 204; }}
        location = /copy {{ internal; return 204; }}
{locations}
    }}
"""
OWN_EDITS = [('path', 'rewrite ^%s$ $http_x_path?$http_x_query? break;', 'rewrite ^%s$ $http_x_path?$http_x_query?;'),
             ('query', 'set $args $http_x_query;', 'set $args $http_x_query;')]
HANDLERS = [('viewer', VQ, 'edge_viewer_request "@HANDLER@";'), ('functions', VQ, 'edge_viewer_request "@HANDLER@" functions;'),
            ('origin', OQ, 'edge_origin custom one.test; edge_origin_request "@HANDLER@";')]


def matrix(b):
    """Starts one server for each of nginx's own directives and one for each type of handler, with the same locations."""
    for place in ('root', 'index', 'try', 'tryuri', 'tryname', 'error', 'alias', 'sorry', 'other', ''):
        for file in ('page.html', 'page.txt', 'new/page.html', 'new/page.txt', 'a b/\u00e4'):
            path = os.path.join(b.build, 'matrix', place, file)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'w') as f:
                f.write('%s of %s' % (file, place))
    servers = ''
    for name, own, goes_on, handler in [o + ('',) for o in OWN_EDITS] + [(n, '', '', d) for n, _, d in HANDLERS]:
        locations = []
        for _, prefix, where, text in FORMS:
            once, on = (words.replace('%s', matrix_target(prefix)) for words in (own, goes_on))  # only once, not again after an internal redirect
            locations.append('        location %s { %s }' % (where, text.format(edit=once + handler, goes_on=on + handler, own=once, handler=handler)))
        servers += MATRIX.format(name=name, locations='\n'.join(locations))
    b.proxy.expected = r'"alias" cannot be used in location'  # nginx reports this for its own rewrite as well
    b.start(b.config(events=(), server=servers))


def matrix_target(prefix):
    return prefix + ('' if prefix.endswith('page.txt') else 'page.txt')


def matrix_edits(prefix):
    """Returns pairs (path, query) for a handler to set; None: not edited. nginx's own rewrite stops at `break`, and otherwise selects a new
    location: if more directives follow, the new path must be in the same location."""
    folder = prefix if prefix.endswith('/') else prefix.rpartition('/')[0] + '/'
    paths = [folder + 'new/page.txt', folder + 'page.html', folder + 'new/', folder + 'a%20b/%C3%A4', folder + 'nothing', '/other/page.txt', '/x', '/',
             '/behind/page.txt', folder + 'n' * 700, folder + 'a+b;c=d&e.html']
    if prefix in ('/last/', '/break/'):
        paths = [p for p in paths if p.startswith(folder)]
    return [(p, q) for p in paths for q in (None, 'b=2&a=%2Fx', '')] + [(None, q) for q in ('b=2&a=%2Fx', '')]


def matrix_result(b, host, target, *more):
    r = b.ask(*more, target=target, host=host + '.test', address=b.proxy.address_own)
    targets = [unquote_to_bytes(s.target.partition(b'?')[0]) + b'?' + s.target.partition(b'?')[2] for s in r.seen]
    return r.status, targets, r.text.replace(r.id, ''), r.get('x-vars'), r.get('x-file'), r.get('location'), r.get('content-type')


@test('matrix', rows=[(name, prefix) for name, prefix, _, _ in FORMS])
def nginx_edit_of_a_uri(b, prefix):
    wrong, count, own = [], 0, {}
    target = matrix_target(prefix) + '?a=1&c'
    for path, query in matrix_edits(prefix):
        wanted = unquote_to_bytes(path or ''), (target.partition('?')[2] if query is None else query)
        for name, where, _ in HANDLERS:
            orders = ([do(where, 'uri', path)] if path else []) + ([do(where, 'query', query)] if query is not None else [])
            words = [('X-Path', wanted[0]), ('X-Query', wanted[1])] + orders
            try:
                if (path, query) not in own:
                    own[path, query] = matrix_result(b, 'path' if path else 'query', target, *words)
                got = matrix_result(b, name, target, *words)
            except (proxy.Cut, OSError) as e:
                got = 'the connection: %s' % e
                time.sleep(0.2)
            count += 1
            if got != own[path, query]:
                wrong.append((name, path, query, own[path, query], got))
    expect('of %d edits these differ from nginx\'s own' % count, wrong[:2] + [len(wrong)], [0])



# ---- what CloudFront itself does with a request

ABSOLUTE = [('a host', 'http://other.example/x?a', 'other.example'), ('a port', 'http://other.example:8080/x?a', 'other.example:8080'),
            ('capitals', 'HTTP://Other.Example/x?a', 'Other.Example'), ('an address', 'http://[::1]:80/x?a', '[::1]:80'),
            ('no path', 'http://other.example?a', 'other.example')]


@test('lambda', rows=[('%s, %s' % (n, w), t, h, w) for n, t, h in ABSOLUTE for w in ('Host', 'no Host')])
def nginx_host_of_an_absolute_target(b, target, host, sent):
    with proxy.Viewer(b.proxy.address) as v:
        key = b.new_id()
        data = proxy.head('GET', target, [('X-Test', key)] + [('Host', 'front.example')] * (sent == 'Host'))
        v.send(data if sent == 'Host' else data.replace(b'HTTP/1.1', b'HTTP/1.0'))
        expect('status', v.response().status, 200)
    trace = b.trace(key)
    expect('events', [e.type for e in trace], list(proxy.EVENTS))
    expect('Host in the viewer events', [e.header('host') for e in (trace[0], trace[3])], [host] * 2)
    expect('the other one anywhere', [e.type for e in trace if 'front.example' in repr(e.request)], [])
    expect('at the origin', [s.headers.get('host') for s in b.one.seen(key)], [b'one.test'])


@test('four', rows=[('lambda', 'x'), ('functions', 'functions/x')])
def nginx_host_of_an_absolute_target_at_four(b, path):
    r = local(b, 'http://one.test:80/' + path, do(VS, 'set', 'X-VS', '1'), host='front.example')
    expect('Host in the events', [e.header('host') for e in r.trace], ['one.test:80'] * 4)
    expect('at the origin', [s.headers.all('host') for s in r.seen], [[b'one.test:80']])
    r = local(b, 'http://one.test:80/' + path, do(OQ, 'set', 'Host', 'new.test'), host='front.example')
    expect('Host of a function', [s.headers.all('host') for s in r.seen], [[b'new.test']])


VIEWERS_ONLY = [('TE', 'trailers'), ('Trailer', 'X-A'), ('Proxy-Authorization', 'Basic eDp5'), ('Proxy-Authenticate', 'Basic'),
                ('Proxy-Connection', 'close'), ('X-Forwarded-Proto', 'https'), ('X-Real-IP', '1.2.3.4'), ('x-real-ip', '5.6.7.8'),
                ('X-HTTP-Method-Override', 'DELETE'), ('X-Edge-Foo', 'a'), ('x-edge-viewer', '9.9.9.9')]


@test('lambda')
def nginx_headers_for_viewers_only(b):
    r = b.ask(('X-A', '1'), *VIEWERS_ONLY, ('X-B', '2'))
    expect('status', r.status, 200)
    names = {n.lower() for n, _ in VIEWERS_ONLY}
    expect('at the origin', [h for h in r.seen[0].headers if h[0].decode().lower() in names], [])
    expect('others', (r.seen[0].headers.get('x-a'), r.seen[0].headers.get('x-b')), (b'1', b'2'))
    expect('X-HTTP-Method-Override in events', [e.header('x-http-method-override') for e in r.trace[:2]], ['DELETE', None])
    expect('client address', {e['client-ip'] for e in r.trace}, {'127.0.0.1'})


@test('four', rows=[('lambda', '/x'), ('functions', '/functions/x')])
def nginx_headers_for_viewers_only_at_four(b, path):
    r = look(b, path, *VIEWERS_ONLY, do(OQ, 'set', 'X-HTTP-Method-Override', 'PATCH'), events=proxy.EVENTS)
    names = {n.lower() for n, _ in VIEWERS_ONLY}
    expect('at the origin: that of the function', [(n.lower(), v) for n, v in r.seen[0].headers if n.decode().lower() in names],
           [(b'x-http-method-override', b'PATCH')])


@test('lambda', rows=[(m, m) for m in ('PROPFIND', 'MKCOL', 'TRACE', 'LOCK', 'PURGE', 'GETX', 'FOO')])
def nginx_method_that_cloudfront_refuses(b, method):
    r = b.ask(method=method)
    expect('status', r.status, 405 if method == 'TRACE' else 403)  # nginx itself refuses TRACE
    expect('events, requests at the origin', (r.trace, r.seen), ([], []))
    if method != 'TRACE':
        expect('X-Cache', r.get('x-cache'), 'Error from cloudfront')


@test('four', rows=[('lambda', '/x'), ('functions', '/functions/x')])
def nginx_refusals_at_four(b, path):
    """No function runs, not even for the response."""
    look(b, path, method='PROPFIND', status=403, events=[])
    look(b, path + '?' + 'q' * (8193 - len(path) - 1), status=414, events=[])
    expect('requests at the origin', look(b, path, ('X-Long', 'h' * 15000), ('X-Long', 'h' * 15000), ('X-Long', 'h' * 4000), status=400, events=[]).seen, [])


@test('lambda')
def nginx_longest_url(b):
    for n, status in ((8192, 200), (8193, 414), (12000, 414)):
        key = '/' + b.new_id()
        r = b.ask(target=key + '?' + 'q' * (n - len(key) - 1))
        expect('status of a URL of %d bytes' % n, (r.status, len(r.seen)), (status, status == 200))



NOT_UTF8 = [b'caf\xe9', b'\xff\xfe\xe4', b'\xc3\xa4 and \xe4', b'\xc3', b'\xe2\x82', b'\xed\xa0\x80', b'\xc0\xaf', b'\xf4\x90\x80\x80', b'a' * 500 + b'\x80']
UTF8 = [b'plain', b'\xc3\xa4', b'\xe2\x82\xac', b'\xf0\x9f\x98\x80', b'\xf4\x8f\xbf\xbf', b'\xee\x80\x80']


@test('lambda')
def nginx_bytes_that_are_no_utf8(b):
    """Handlers see UTF-8; parts that they do not change are sent with the received bytes, whatever else they change."""
    values = NOT_UTF8 + UTF8
    sent = [('X-V%d' % i, v) for i, v in enumerate(values)]
    back = [proxy.origin(h=b'X-W%d: %s' % (i, v)) for i, v in enumerate(values)]
    edits = [do(e, *o) for e in proxy.EVENTS for o in (('set', 'X-New-' + e, b'\xc3\xb6'), ('set', 'X-A', e))]
    for more in ([], edits, edits + [do(VQ, 'remove', 'X-V0'), do(OS, 'remove', 'X-W0'), do(VS, 'set', 'X-W1', b'\xc3\xb6')]):
        r = b.ask(*sent, *back, *more, target=b'/caf\xe9/%e9\xff?q=\xe9')
        expect('status', r.status, 200)
        expect('events', [e.type for e in r.trace], list(proxy.EVENTS))
        gone = len(more) > len(edits)
        for i, v in enumerate(values):
            shown = b.proxy.shows(v).decode('latin-1')
            expect('%r at the origin' % v, r.seen[0].headers.get('x-v%d' % i), None if gone and i == 0 else v)
            expect('%r for the viewer' % v, r.headers.get('x-w%d' % i), None if gone and i == 0 else b'\xc3\xb6' if gone and i == 1 else v)
            expect('%r in viewer-request' % v, r.trace[0].header('x-v%d' % i), shown)
            expect('%r in origin-response' % v, r.trace[2].header('x-w%d' % i, 'response'), shown)
        expect('target at the origin', r.seen[0].target, b'/caf\xe9/%e9\xff?q=\xe9')
        expect('uri and query', {(e['uri'], e['query']) for e in r.trace}, {tuple(w.encode().decode('latin-1') for w in ('/caf\xe9/%e9\xff', 'q=\xe9'))})


@test('lambda')
def nginx_bytes_that_are_no_utf8_in_a_target(b):
    """The query keeps its bytes when the path is edited, and the reverse."""
    for orders, want in (([('uri', '/new')], b'/new?q=\xe9'), ([('query', 'a')], b'/caf\xe9?a'), ([('uri', b'/\xc3\xb6'), ('query', b'\xc3\xb6')], b'/\xc3\xb6?\xc3\xb6'),
                         ([('uri', b'/caf\xc3\xa9')], b'/caf\xe9?q=\xe9')):
        for where in (VQ, OQ):
            r = b.ask(*[do(where, *o) for o in orders], target=b'/caf\xe9?q=\xe9')
            expect('target at the origin', [s.target for s in r.seen], [want])


@test('four', rows=[('lambda', '/x'), ('functions', '/functions/x')])
def nginx_bytes_that_are_no_utf8_at_four(b, path):
    r = look(b, path, ('Cookie', b'a=\xe9'), ('X-V', b'\xe9'), proxy.origin(h=b'Set-Cookie: b=\xe9'), proxy.origin(reason=b'\xe9'),
             do(VQ, 'set', 'X-A', '1'), do(VS, 'set', 'X-A', '1'), events=proxy.EVENTS)
    expect('at the origin', (r.seen[0].headers.get('cookie'), r.seen[0].headers.get('x-v')), (b'a=\xe9', b'\xe9'))
    expect('for the viewer', (r.headers.get('set-cookie'), r.reason), (b'b=\xe9', '\xe9'))
    expect('reason in origin-response', r.trace[2]['status-text'], '\xc3\xa9')



# ---- large heads of requests and responses, with edits at every trigger. tests/test_host_nginx.sh also runs this under AddressSanitizer

def heads_request(b, i):
    """Returns the X-Do headers, the body, and the expected status, body (None: the origin's) and X-E."""
    where = proxy.EVENTS[i % 4]
    edit, body = [do(where, 'set', 'X-E', 'e' * (i % 70))], proxy.pattern(i * 37 % 9000) if i % 3 else None
    more, status, text = [
        ([], 200, None), ([do(VQ, 'uri', '/n/%d' % i), do(OQ, 'query', 'q=%d' % i)], 200, None), ([do(where, 'remove', 'X-H3')], 200, None),
        ([do(VQ, 'respond', 403, 'made %d' % i)], 403, b'made %d' % i), ([do(OQ, 'respond', 200, 'made')], 200, b'made'),
        ([do(OS, 'body', 'new')], 200, b'new'), ([do(where, 'fail')], 503, None), ([do(VQ, 'fill', 'X-Fill', 900)], 200, None)][i // 4 % 8]
    return edit + more, body, status, text, where, i // 4 % 8


def heads_load(b, requests, problems):
    with proxy.Viewer(b.proxy.address) as v:
        for first in range(0, requests, 3):  # three at a time, on one connection
            sent = []
            for i in range(first, first + 3):
                orders, body, status, text, where, kind = heads_request(b, i)
                key, method = b.new_id(), 'POST' if body is not None else 'GET'
                head = [('Host', 'a.test'), ('X-Test', key), proxy.origin(heads='30x900', size=2000)] + orders
                head += proxy_heads(30, 900) + ([('Content-Length', str(len(body)))] if body is not None else [])
                v.send(proxy.head(method, '/%d' % i, head) + (body or b''))
                sent.append((key, body, status, text, where, kind))
            for key, body, status, text, where, kind in sent:
                r = v.response()
                wrong = [] if r.status == status else ['status %d, not %d' % (r.status, status)]
                if status == 200 and kind not in (4,):
                    wrong += [n for n, value in proxy_heads(30, 900) if r.get(n) != value and not (kind == 2 and n == 'X-H3')]
                    seen = b.one.seen(key)
                    wrong += ['%d requests' % len(seen)] if len(seen) != 1 else []
                    for s in seen:
                        wrong += ['sent ' + n for n, value in proxy_heads(30, 900) if s.headers.get(n) != value.encode() and not (kind == 2 and n == 'X-H3')]
                        wrong += ['body'] if s.body != (body or b'') else []
                if status != 503 and r.body != (proxy.pattern(2000) if text is None else text):
                    wrong.append('the body of the answer: %r' % r.body[:60])
                if wrong:
                    problems.append((where, kind, wrong[:4]))


@test('')
def nginx_large_heads(b):
    requests, problems = int(os.environ.get('HEADS', 600)), []
    b.start(b.config(cache=False, include_body=True))
    sizes = []
    for part in range(2):  # the memory after the second half must be the same as after the first
        threads = [threading.Thread(target=heads_load, args=(b, requests // 8, problems)) for _ in range(4)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        sizes.append(sum(int(re.search(r'VmRSS:\s+([0-9]+)', open('/proc/%s/status' % w).read())[1]) for w in b.proxy.workers()))
        b.forget()
    print('nginx_large_heads: %d requests, %d wrong, workers %d kB at half, %d kB at the end' % (requests, len(problems), *sizes))
    expect('wrong', problems[:3], [])
    expect('complaints', b.proxy.stop(), [])


SLOW = '''
    server {
        listen @OWN@; root "@BUILD@/site";
        location / { limit_rate 1000; limit_rate_after 1; }
        location /triggers/ { edge_viewer_request "@HANDLER@"; proxy_pass http://@ONE@; }
    }
'''


@test('')
def nginx_handler_that_hangs_beside_a_slow_download(b):
    """The only worker exits despite a slow download, and is replaced by another."""
    os.makedirs(os.path.join(b.build, 'site'), exist_ok=True)
    with open(os.path.join(b.build, 'site', 'large.txt'), 'wb') as f:
        f.write(proxy.pattern(1000000))
    b.proxy.number = 1
    try:
        b.start(b.config(events=(), server=SLOW))
        with proxy.Viewer(b.proxy.address_own) as slow:
            slow.send(proxy.head('GET', '/large.txt', [('Host', 'a')]))
            expect_in('the slow one', slow.stream.head()[0], b'200')
            expect('status', local(b, '/triggers/x').status, 200)
            expect('status', local(b, '/triggers/x', do(VQ, 'hang')).status, 503)
            start = time.monotonic()
            expect('status of the next', local(b, '/triggers/x').status, 200)
            expect('it came within 10 s', time.monotonic() - start < 10, True)
        expect('complaints', b.proxy.stop(), [])
    finally:
        b.proxy.stop()
        b.proxy.number = 2


# ---- the desk: the script of `make cloudfront`, as a user starts it

@contextlib.contextmanager
def desk_runs(b, script, closes=10, **settings):
    """Starts it, and stops it after at most this many seconds. Yields ask(path, header...) and a dictionary of its environment."""
    port = free_port()
    env = dict(os.environ, HANDLER=b.handler, PORT=str(port), HTTPS_PORT=str(free_port()), ORIGINS_PORT=str(free_port()), DIR=os.path.join(os.path.abspath(b.build), 'desk'),
               CC=os.environ.get('CC', 'cc'), **settings)

    def ask(path, *headers):
        c = http.client.HTTPConnection('127.0.0.1', port, timeout=10)
        c.putrequest('GET', path)
        for h in headers:
            c.putheader(*h)
        c.endheaders()
        r = c.getresponse()
        r.text = r.read().decode()
        c.close()
        return r

    out = open(os.path.join(b.build, 'desk.out'), 'w+', errors='replace')  # a full pipe would block it
    run = subprocess.Popen(['sh', script], env=env, stdout=out, stderr=subprocess.STDOUT, preexec_fn=dies_with_parent)
    try:
        end = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(('127.0.0.1', port), 1).close()
                break
            except OSError:
                if run.poll() is not None or time.monotonic() > end:
                    out.seek(0)
                    raise proxy.Failed('it does not start: %s' % (out.read() or 'no answer'))
                time.sleep(0.05)
        yield ask, env
    finally:
        run.terminate()
        try:
            run.wait(closes)
        except subprocess.TimeoutExpired:
            run.kill()
            raise proxy.Failed('it does not end')
        finally:
            out.close()
    with socket.socket() as s:
        expect('nobody listens any more', s.connect_ex(('127.0.0.1', port)) != 0, True)


def desk(b, script, closes=10):
    def refuses(words, env, **settings):
        r = subprocess.run(['sh', script], env=dict(env, **settings), capture_output=True, text=True, timeout=20)
        expect('exit of %s' % settings, r.returncode, 2)
        expect_in('what it says', r.stderr, words)

    env = dict(os.environ, HANDLER=b.handler, PORT=str(free_port()), DIR=os.path.join(os.path.abspath(b.build), 'desk'))
    for settings, words in (({'CHECK': 'yes'}, 'CHECK=yes'), ({'BODY': '1'}, 'BODY=1'), ({'PORT': 'x'}, 'PORT=x'), ({'TABLES': 'kv a'}, 'TABLES'),
                            ({'DIALECT': 'python'}, 'DIALECT')):
        refuses(words, env, **settings)
    with desk_runs(b, script, closes) as (ask, env):
        first, second = ask('/'), ask('/')
        end = time.monotonic() + 5
        while second.headers['X-Cache'] != 'Hit from cloudfront' and time.monotonic() < end:  # a server that has just started may not store responses yet
            time.sleep(0.1)
            second = ask('/')
        expect('status', (first.status, second.status), (200, 200))
        expect_in('the page', first.text, 'It works')
        expect('X-Cache', (first.headers['X-Cache'], second.headers['X-Cache']), ('Miss from cloudfront', 'Hit from cloudfront'))
        expect('a directory', ask('/docs/').status, 200)
        expect('what is missing', (ask('/missing').status, ask('/missing').headers['X-Cache']), (404, 'Error from cloudfront'))
        bad = ask('/', do(VQ, 'set', 'Via', '1'))
        expect('what CloudFront would refuse', bad.status, 502)
        expect_in('the page', bad.text, 'header.read-only')
        refuses('is running', env)
        expect('the first one after that', ask('/').status, 200)


def large_heads(b, ask):
    """CloudFront's quotas: 32,768 bytes of headers in each direction, URLs of 8,192."""
    fresh = proxy.origin(cc='max-age=60')
    for target in ('/' + 'u' * 4500, '/' + 'u' * 8191, '/?' + 'q' * 8190):
        first, second = ask(target, fresh), ask(target)
        expect('status of %d bytes' % len(target), (first.status, second.status), (200, 200))
        expect('X-Cache', (first.headers['X-Cache'], second.headers['X-Cache']), ('Miss from cloudfront', 'Hit from cloudfront'))
    expect('one byte more', ask('/?' + 'q' * 8191).status, 414)
    for count, size, status in ((30, 900, 200), (1, 32000, 200), (36, 900, 400)):
        sent = [('X-Long-%d' % i, 'v' * size) for i in range(count)]
        key = b.new_id()
        expect('status of %d headers of %d bytes' % (count, size), ask('/long/%d' % count, ('X-Test', key), do(VQ, 'set', 'X-A', '1'), *sent).status, status)
        if status == 200:
            got = b.one.seen(key)[0].headers
            expect('at the origin', [got.get(n) for n, _ in sent], [v.encode() for _, v in sent])
    for count, size in ((30, 900), (1, 30000)):
        lines = ''.join('X-Back-%d: %s\r\n' % (i, 'v' * size) for i in range(count))
        says = proxy.origin(raw='HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n' + lines + 'Content-Length: 2\r\n\r\nok')
        first, second = ask('/back/%d' % count, says, do(OS, 'set', 'X-OS', '1')), ask('/back/%d' % count, do(VS, 'set', 'X-VS', '1'))
        expect('status of a response with %d headers of %d bytes' % (count, size), (first.status, second.status), (200, 200))
        expect('X-Cache', (first.headers['X-Cache'], second.headers['X-Cache']), ('Miss from cloudfront', 'Hit from cloudfront'))
        for r in (first, second):
            expect('headers', [r.headers['X-Back-%d' % i] for i in range(count)], ['v' * size] * count)


@test('')
def nginx_on_the_desk_with_large_heads(b):
    with desk_runs(b, 'examples/hosts/nginx/cloudfront.sh', ORIGIN='127.0.0.1:%d' % b.one.port) as (ask, _):
        large_heads(b, ask)


def desk_in_a_deep_place(b, script, binary):
    """In a directory whose path is too long for a unix socket, and contains characters that a configuration must quote."""
    place = os.path.join(os.path.abspath(b.build), 'a deep place; ' + 40 * 'x', "and 'deeper' $x " + 60 * 'y')
    os.makedirs(place, exist_ok=True)
    for file in (b.handler, binary):
        shutil.copy(file, place)
    shutil.copytree('examples/hosts/nginx/site', place + '/site', dirs_exist_ok=True)
    name = os.path.join(place, os.path.basename(binary))
    before = set(glob.glob('/tmp/edgefn.*'))
    os.environ.update(MODULE=name, PLUGIN=name, SITE=place + '/site')
    try:
        desk(types.SimpleNamespace(build=place, handler=os.path.join(place, os.path.basename(b.handler))), script)
    finally:
        for variable in ('MODULE', 'PLUGIN', 'SITE'):
            del os.environ[variable]
    expect('links that are left', set(glob.glob('/tmp/edgefn.*')) - before, set())


@test('')
def nginx_on_a_deep_desk(b):
    desk_in_a_deep_place(b, 'examples/hosts/nginx/cloudfront.sh', b.proxy.module)


@test('')
def nginx_on_the_desk(b):
    desk(b, 'examples/hosts/nginx/cloudfront.sh')
