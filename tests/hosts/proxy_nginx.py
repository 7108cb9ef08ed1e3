"""nginx with ngx_http_edgefn_module for tests/hosts/proxy.py: two servers in one process, as examples/hosts/nginx/cloudfront.conf has them. The viewers'
has the cache and the viewer events; what it needs it asks of the origins' server, by a unix socket."""
import ctypes
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import time

NGINX = os.environ.pop('NGINX', 'nginx')  # which means something else to nginx itself
MODULE = 'build/nginx/ngx_http_edgefn_module.so'

MAIN = '''
load_module "{module}";
{user}daemon off; worker_processes 2; pid "{dir}/pid"; error_log "{dir}/error.log" info;
events {{ worker_connections 2048; }}
http {{
    access_log off; keepalive_requests 100000; server_tokens off; client_body_timeout 3s; client_header_timeout 3s;
    client_body_temp_path "{dir}/body"; proxy_temp_path "{dir}/proxy"; fastcgi_temp_path "{dir}/x1"; uwsgi_temp_path "{dir}/x2"; scgi_temp_path "{dir}/x3";
    client_body_buffer_size 16k; client_max_body_size 64m;
    proxy_cache_path "{dir}/cache" levels=1:2 keys_zone=edge:4m inactive=10m use_temp_path=off;
    resolver 127.0.0.1:{dns} ipv6=off valid=60s; resolver_timeout 2s;
    proxy_connect_timeout 2s; proxy_read_timeout 3s; proxy_http_version 1.1; proxy_buffers 8 36k; proxy_buffer_size 36k; proxy_busy_buffers_size 72k;
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
        self.bench, self.process, self.lives = bench, None, 0
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
            lines.append('edge_cloudfront_headers %s;' % ('on' if config.cloudfront_headers else 'off'))
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
        listen6 = 'listen [::1]:%d; ' % self.address6[1] if self.ipv6 else ''
        servers = VIEWERS.format(viewer=self.directives(config, True), origin=self.directives(config, False), cache=CACHE if config.cache else '',
                                 dir=self.dir, domain=config.origin[1], ignored=IGNORED, port=self.address[1], h2=self.address_h2[1], listen6=listen6)
        user = 'user root; ' if os.getuid() == 0 else ''
        path = os.path.join(self.dir, 'nginx.conf')
        with open(path, 'w', encoding='latin-1') as f:
            f.write(MAIN.format(module=self.module, user=user, dir=self.dir, dns=self.bench.names.port, rest=servers + config.server))
        return path

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
            if self.log().count('start worker process ') >= 2:
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
        while len(re.findall('start worker process ', self.log())) < before + 2:
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
        for line in log.splitlines():
            if re.search(r'exited on signal|exited with code [1-9]|exited with fatal code|\[(alert|emerg)\]|Sanitizer|double free|corrupt', line):
                complaints.append(line)
        shutil.copy(os.path.join(self.dir, 'error.log'), os.path.join(self.bench.build, 'error%d.log' % self.lives))
        return complaints[:5]

    def refuse(self, config):
        self.write(config)
        done = subprocess.run(self.command('-t'), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=10)
        text = done.stdout.decode('latin-1')
        return None if done.returncode == 0 else text
