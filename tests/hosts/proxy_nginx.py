"""nginx with ngx_http_edgefn_module for tests/hosts/proxy.py: two servers in one process, as examples/hosts/nginx/cloudfront.conf has them. The viewers'
has the cache and the viewer events; what it needs it asks of the origins' server, by a unix socket."""
import ctypes
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

import proxy
from proxy import OQ, OS, VQ, VS, do, expect, expect_in

NGINX = os.environ.pop('NGINX', 'nginx')  # which means something else to nginx itself
MODULE = 'build/nginx/ngx_http_edgefn_module.so'

MAIN = '''
load_module "{module}";
{user}daemon off; worker_processes {workers}; pid "{dir}/pid"; error_log "{dir}/error.log" info;
events {{ worker_connections 2048; }}
http {{
    access_log off; keepalive_requests 100000; server_tokens off; client_body_timeout 3s; client_header_timeout 3s;
    client_body_temp_path "{dir}/body"; proxy_temp_path "{dir}/proxy"; fastcgi_temp_path "{dir}/x1"; uwsgi_temp_path "{dir}/x2"; scgi_temp_path "{dir}/x3";
    client_body_buffer_size 16k; client_max_body_size 64m;
    proxy_cache_path "{dir}/cache" levels=1:2 keys_zone=edge:4m inactive=10m use_temp_path=off;
    resolver 127.0.0.1:{dns} ipv6=off valid=60s; resolver_timeout 2s;
    proxy_connect_timeout 2s; proxy_read_timeout 3s; proxy_ssl_server_name on; proxy_http_version 1.1; proxy_buffers 8 36k;
    proxy_buffer_size 36k; proxy_busy_buffers_size 72k; # a buffer that ends where a read does makes nginx 1.22 forget a request when a worker ends
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
    """A word of a configuration file, without variables."""
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

    def __init__(self, bench):
        self.bench, self.process, self.lives, self.number = bench, None, 0, 2  # of workers
        self.dir = os.path.join(bench.build, 'nginx')
        self.module = os.path.abspath(os.environ.get('NGINX_MODULE', MODULE))
        self.ipv6 = has_ipv6()

    # ---- configuration

    def directives(self, config, viewer):
        lines = []
        kind, domain, port, protocol, path = config.origin
        for event, (file, dialect) in config.handlers.items():
            if event.startswith('viewer') == viewer:
                lines.append('edge_%s %s%s;' % (event.replace('-', '_'), quoted(file), ' functions' if dialect == 'functions' else ''))
        lines.append('edge_check %s;' % ('on' if config.check else 'off'))
        lines.append('edge_include_body %s;' % ('on' if config.include_body else 'off'))
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
        """Writes the configuration file. Returns: its path."""
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
            f.write(MAIN.format(module=self.module, user=user, workers=self.number, dir=self.dir, dns=self.bench.names.port, rest=servers + self.own(config.server)))
        return path

    def own(self, text):
        """Fills in what the text of Config.server may name."""
        words = {'OWN': '127.0.0.1:%d' % self.address_own[1], 'SECURE': '127.0.0.1:%d' % self.address_tls[1], 'DIR': self.dir, 'BUILD': self.bench.build,
                 'HANDLER': self.bench.handler, 'ONE': '127.0.0.1:%d' % self.bench.one.port, 'ONEPORT': str(self.bench.one.port),
                 'CERTIFICATE': self.bench.certificate or ''}
        return re.sub('@([A-Z]+)@', lambda m: words[m[1]], text)

    def command(self, *more):
        return [NGINX, '-p', self.dir, '-c', os.path.join(self.dir, 'nginx.conf'), '-e', os.path.join(self.dir, 'error.log')] + list(more)

    # ---- life

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
        """The processes of the youngest generation."""
        return set(re.findall(r'start worker process ([0-9]+)', self.log())) - set(re.findall(r'worker process ([0-9]+) exited', self.log()))

    def reload(self):
        before = len(re.findall('start worker process ', self.log()))
        self.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + 5
        while len(re.findall('start worker process ', self.log())) < before + self.number:
            if time.monotonic() > end:
                raise RuntimeError('no new workers within 5 s: ' + self.log()[-800:])
            time.sleep(0.005)
        while self.log().count('gracefully shutting down') < before and time.monotonic() < end:  # the old ones do not accept any more
            time.sleep(0.005)

    def log(self):
        try:
            with open(os.path.join(self.dir, 'error.log'), encoding='latin-1') as f:
                return f.read()
        except FileNotFoundError:
            return ''

    def stop(self):
        if self.process is None:
            return []
        complaints = []
        if self.process.poll() is not None:
            complaints.append('the master is gone: %s' % self.process.returncode)
        self.process.send_signal(signal.SIGQUIT)  # lets go of everything in order, and tells of connections that were forgotten
        try:
            self.process.wait(6)
        except subprocess.TimeoutExpired:
            complaints.append('it does not end within 6 s')
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None
        self.lives += 1
        log = self.log()
        if 'signal 15 (SIGTERM) received' in log:
            complaints.append('somebody else ended the server: ' + re.search('.*SIGTERM.*', log)[0])
        for line in log.splitlines():
            if '"alias" cannot be used in location' in line:  # what nginx says of its own rewrite in such a location
                continue
            if re.search(r'exited on signal|exited with code [1-9]|exited with fatal code|\[(alert|emerg)\]|Sanitizer|double free|corrupt', line):
                complaints.append(line)
        shutil.copy(os.path.join(self.dir, 'error.log'), os.path.join(self.bench.build, 'error%d.log' % self.lives))
        return complaints[:5]

    def refuse(self, config):
        self.write(config)
        done = subprocess.run(self.command('-t'), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=10)
        text = done.stdout.decode('latin-1')
        return None if done.returncode == 0 else text


# ---- tests for nginx alone

tests = []


def test(config, rows=None):
    return proxy.test(config, None, rows, tests)


def lines_of_refusal(b, directives):
    """What nginx says to a location with these directives, with the place."""
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
       'edge_origin s3 a.test port=80;', 'edge_origin custom a.test:8080;', 'edge_table kv a;', 'edge_viewer_header X;',
       'edge_viewer_request @HANDLER@; edge_viewer_request @HANDLER@;', 'edge_origin custom a.test; edge_origin custom b.test;',
       'edge_distribution a b c;', 'edge_include_body 1;', 'edge_origin_request @HANDLER@ functions;', 'edge_origin_response @HANDLER@ functions;',
       'edge_viewer_request @HANDLER@ functions; edge_viewer_response @HANDLER@;', 'edge_viewer_request @BUILD@/nothing.so;',
       'edge_viewer_response @BUILD@/other_abi.so;',
       'edge_viewer_request @BUILD@/no_handler.so;', 'edge_table kv a 1; edge_table kv a 2;', 'edge_viewer_request off functions;']


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
    """By itself, before the module is asked."""
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
    """Starts a server of files and other things that nginx does by itself, with the viewer events."""
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
    if sort:  # what runs in the background comes when it comes
        time.sleep(0.2)
        expect('events of ' + target, sorted(e.type for e in b.trace(r.id)), sorted(events))
    else:
        expect('events of ' + target, [e.type for e in r.trace], list(events))
    return r


@test('lambda', rows=[(v, v) for v in ('404', '200 LambdaExecutionError from cloudfront', 'x', '')])
def nginx_origin_cannot_forge_the_result(b, value):
    """By X-Edge-Result the origins' server tells the viewers' what became of a request."""
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

# ---- an edited URI in every form of location: as after nginx's own rewrite

FORMS = {
    'proxy': 'proxy_pass http://@ONE@;',
    'proxy-uri': 'proxy_pass http://@ONE@/base/;',
    'proxy-uri-no-slash': 'proxy_pass http://@ONE@/base;',
    'proxy-variables': 'proxy_pass http://@ONE@$uri$is_args$args;',
    'root': 'root "@BUILD@/site";',
    'index': 'root "@BUILD@/site"; index index.html;',
    'alias': 'alias "@BUILD@/site/";',
    'try-files': 'root "@BUILD@/site"; try_files $uri $uri/index.html /fallback/x?f=1;',
    'error-page': 'root "@BUILD@/site"; error_page 404 /fallback/y;',
    'auth': 'auth_request /check; proxy_pass http://@ONE@/base/;',
    'mirror': 'mirror /copy; proxy_pass http://@ONE@/base/;',
    'regex': 'proxy_pass http://@ONE@;',
    'exact': 'proxy_pass http://@ONE@/fixed;',
}
# What the handler does, and what nginx's own directives make of the same request
URI_EDITS = [
    ('short', [('uri', '/a')], 'rewrite ^ /a break;'),
    ('root', [('uri', '/')], 'rewrite ^ / break;'),
    ('long', [('uri', '/' + 'seg/' * 200 + 'end')], 'rewrite ^ /%send break;' % ('seg/' * 200)),
    ('file', [('uri', '/page.txt')], 'rewrite ^ /page.txt break;'),
    ('directory', [('uri', '/dir/')], 'rewrite ^ /dir/ break;'),
    ('encoded', [('uri', '/p%20q')], 'rewrite ^ "/p q" break;'),
    ('query too', [('uri', '/a'), ('query', 'n=1&m=2')], 'rewrite ^ /a?n=1&m=2? break;'),
    ('no query', [('uri', '/page.txt'), ('query', '')], 'rewrite ^ /page.txt? break;'),
    ('query alone', [('query', 'n=1')], 'set $args n=1;'),
    ('query away', [('query', '')], 'set $args "";'),
    ('nothing', [], ''),
]


def form_location(name, edit, side, directives):
    path = '/%s-%s-%d/' % (side, name, edit)
    if name == 'regex':
        return 'location ~ ^%s { %s }\n' % (path, directives)
    if name == 'exact':
        return 'location = %sx/users/1234567 { %s }\n' % (path, directives)
    return 'location %s { %s }\n' % (path, directives)


def forms(b):
    """Starts a server that has each form twice for each edit: /h-FORM-N/ with the handler, /r-FORM-N/ with nginx's directives."""
    text = 'server { listen @OWN@; absolute_redirect off; location = /check { internal; return 204; } location = /copy { internal; return 204; }\n'
    text += 'location /fallback/ { return 200 "fallback $uri $args"; }\n'
    for name, inside in FORMS.items():
        for n, (_, _, own) in enumerate(URI_EDITS):
            text += form_location(name, n, 'h', 'edge_viewer_request "@HANDLER@"; ' + inside)
            text += form_location(name, n, 'r', own + ' ' + inside)
    for path, body in {'page.txt': 'a page', 'dir/index.html': 'index of dir', 'p q': 'with a space', 'index.html': 'the index'}.items():
        path = os.path.join(b.build, 'site', path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w') as f:
            f.write(body)
    b.start(b.config(events=(), server=text + '}'))


@test('forms', rows=[('%s, %s' % (form, edit[0]), form, n) for form in FORMS for n, edit in enumerate(URI_EDITS)])
def nginx_edit_in_every_form_of_location(b, form, n):
    seen = []
    for side in 'hr':
        target = '/%s-%s-%d/x/users/1234567' % (side, form, n) + '?old=1'
        r = local(b, target, *([do(VQ, *words) for words in URI_EDITS[n][1]] if side == 'h' else []))
        targets = [x.target.replace(b'/h-', b'/r-') for x in r.seen]
        seen.append((r.status, r.text.replace('/h-', '/r-') if not r.seen else '', (r.get('location') or '').replace('/h-', '/r-'), targets))
    expect('with a handler, and by nginx alone', seen[0], seen[1])


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
    """Starts a server that has all events in one location, as one may without a cache."""
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
    look(b, '/x', do(VQ, 'uri', '/off/page.txt'), status=404, events=[VQ])  # a new URI does not change the behaviour
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
    b.start(b.config(cache_more='proxy_read_timeout 30s;'))  # others may have to wait for the same worker
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
    """A worker does not grow."""
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


# ---- what the parts of nginx make of a request besides

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
    """Where a request comes to triggers only after nginx has moved it, they run all the same, on what nginx made of it."""
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
    """Functions are those of the first location with any; an error page has none of its own."""
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
    """What an origin's 101 leads to: the status line, and all that comes behind the header."""
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
    """It takes the viewer's header out all the same."""
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
    """A condition of the server has evaluated $request_uri before the handler changed it; the cache key is made of the new one."""
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
    before = b.proxy.log().count('header.disallowed')
    r = look(b, '/log/x', bad, status=502, events=events)
    expect('reasons on the page', [w for w in ('disallowed', '.so', 'X-Edge') if w in r.text], [])
    time.sleep(0.05)
    expect('the log has the reasons', b.proxy.log().count('header.disallowed') > before, True)
    r = look(b, '/log/x', do(where, 'reason', 'reason 4711'), status=503, events=events)
    expect('the page has the reason', '4711' in r.text, False)
    expect_in('the log', b.proxy.log(), 'reason 4711')
    r = look(b, '/unchecked/x', bad)  # nobody judges; a header that no function may set is left out
    expect('the header', (r.seen[0].headers.get('x-edge-foo'), r.get('x-edge-foo')), (None, None))


@test('', rows=[('by mv', []), ('that stays loaded', ['-Wl,-z,nodelete'])])
def nginx_reloads_without_a_change(b, flags):
    """The names of libraries that are still loaded are not taken again."""
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
        b.proxy.reload()  # nothing is new
        time.sleep(0.3)  # the last cycle's libraries are let go of
        if turn > 2:
            b.proxy.reload()
            time.sleep(0.3)
        proxy_tests.put_handler(b, files[turn % 2], file)
        b.proxy.reload()
        expect('turn %d' % turn, proxy_tests.version(b), '22' if turn % 2 else '11')
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
    """The only worker ends, though somebody takes very long; another takes its place."""
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


# ---- the desk: the script behind `make cloudfront`, as a person starts it

def desk(b, script, closes=10):
    port = free_port()
    env = dict(os.environ, HANDLER=b.handler, PORT=str(port), ORIGINS_PORT=str(free_port()), DIR=os.path.join(os.path.abspath(b.build), 'desk'),
               CC=os.environ.get('CC', 'cc'))

    def refuses(words, **settings):
        r = subprocess.run(['sh', script], env=dict(env, **settings), capture_output=True, text=True, timeout=20)
        expect('exit of %s' % settings, r.returncode, 2)
        expect_in('what it says', r.stderr, words)

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

    for settings, words in (({'CHECK': 'yes'}, 'CHECK=yes'), ({'BODY': '1'}, 'BODY=1'), ({'PORT': 'x'}, 'PORT=x'), ({'TABLES': 'kv a'}, 'TABLES'),
                            ({'DIALECT': 'python'}, 'DIALECT')):
        refuses(words, **settings)
    run = subprocess.Popen(['sh', script], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=dies_with_parent)
    try:
        end = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(('127.0.0.1', port), 1).close()
                break
            except OSError:
                if run.poll() is not None or time.monotonic() > end:
                    raise proxy.Failed('it does not start: %s' % (run.stdout.read() if run.poll() is not None else 'no answer'))
                time.sleep(0.05)
        first, second = ask('/'), ask('/')
        expect('status', (first.status, second.status), (200, 200))
        expect_in('the page', first.text, 'It works')
        expect('X-Cache', (first.headers['X-Cache'], second.headers['X-Cache']), ('Miss from cloudfront', 'Hit from cloudfront'))
        expect('a directory', ask('/docs/').status, 200)
        expect('what is missing', (ask('/missing').status, ask('/missing').headers['X-Cache']), (404, 'Error from cloudfront'))
        bad = ask('/', do(VQ, 'set', 'Via', '1'))
        expect('what CloudFront would refuse', bad.status, 502)
        expect_in('the page', bad.text, 'header.read-only')
        refuses('is running')
        expect('the first one after that', ask('/').status, 200)
    finally:
        run.terminate()
        try:
            run.wait(closes)
        except subprocess.TimeoutExpired:
            run.kill()
            raise proxy.Failed('it does not end')
        run.stdout.close()
    with socket.socket() as s:
        expect('nobody listens any more', s.connect_ex(('127.0.0.1', port)) != 0, True)


@test('')
def nginx_on_the_desk(b):
    desk(b, 'examples/hosts/nginx/cloudfront.sh')
