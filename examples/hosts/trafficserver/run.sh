#!/bin/sh
# run.sh - simulates CloudFront on loopback: Apache Traffic Server with edgefn.so, one handler at all four triggers. `make cloudfront-ats HANDLER=name` builds
# and starts it; Ctrl-C stops it. Environment variables:
#   HANDLER    the handler's .so
#   DIALECT    lambda (default), or functions: CloudFront Functions at the viewer triggers, Lambda@Edge at the others
#   PORT       8080        the port on 127.0.0.1; ORIGINS_PORT (PORT + 1) is for the origin side
#   ORIGIN     host:port or https://host[:port] of a site of your own; otherwise Python serves the files of SITE (a directory)
#   CHECK      on          off: results that CloudFront would refuse are applied
#   BODY       off         on: Include body
#   COUNTRY    DE          CloudFront-Viewer-Country
#   TABLES     ""          look-ups: 'kv /old /new; secret key value'
#   ORIGINS    ""          addresses of other origins, for functions that switch: 'api.example.com=127.0.0.1'
#   PLUGIN, TRAFFIC_SERVER, DIR     build/trafficserver/edgefn.so, traffic_server, build/cloudfront-ats-PORT
#   QUIET      ""          1: prints nothing
# The files it writes can serve as a model for a server of your own. Traffic Server never runs as root: if started by root, DIR belongs to its user.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
desk=cloudfront-ats pid_file=pid
. "$top/examples/hosts/desk.sh"
server=${TRAFFIC_SERVER:-$(command -v traffic_server || echo /usr/bin/traffic_server)} PLUGIN=${PLUGIN:-$top/build/trafficserver/edgefn.so}
ORIGINS_PORT=${ORIGINS_PORT:-$((PORT + 1))} dialect=
case $DIALECT in functions) dialect=,functions ;; esac

rm -rf "$DIR"
mkdir -p "$DIR/etc" "$DIR/cache" "$DIR/log" "$DIR/run" "$DIR/plugins"
name=$(basename "$HANDLER" .so) real=$DIR
site= pids=
stop() { [ -z "$pids" ] || kill $pids 2>/dev/null || true; wait 2>/dev/null || true; unlink_plain; }
trap stop EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
plain DIR desk; plain HANDLER handler.so; plain PLUGIN edgefn.so
protocol=http origin=${ORIGIN:-}
case $origin in
'') # a site on a free port
    python3 -u -c 'import functools, http.server as h, sys
class Site(h.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def end_headers(self): self.send_header("Cache-Control", "max-age=10"); super().end_headers()
    def log_message(self, *_): pass
s = h.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Site, directory=sys.argv[1])); print(s.server_port); s.serve_forever()' "$SITE" >"$DIR/site" &
    pids=$!
    while ! [ -s "$DIR/site" ]; do kill -0 $pids || exit 1; sleep 0.1; done
    origin=127.0.0.1:$(cat "$DIR/site") ;;
https://*) protocol=https origin=${origin#https://} ;;
*) origin=${origin#http://} ;;
esac
origin=${origin%%/*}
case $origin in *:*) port=,port=${origin##*:} ;; *) port= ;; esac

# ORIGINS, as a hosts file
hosts=
if [ -n "${ORIGINS:-}" ]; then
    for o in $ORIGINS; do echo "${o#*=} ${o%%=*}"; done >"$DIR/etc/hosts"
    hosts="CONFIG proxy.config.hostdb.host_file.path STRING $DIR/etc/hosts"
fi
# server_ports: to listen on other addresses than loopback, omit ip-in, but only at the first port
cat >"$DIR/etc/records.config" <<RECORDS
CONFIG proxy.config.http.server_ports STRING $PORT:ip-in=127.0.0.1 $ORIGINS_PORT:ip-in=127.0.0.1
CONFIG proxy.config.http.request_header_max_size INT 40960
CONFIG proxy.config.http.post_copy_size INT 67108864
CONFIG proxy.config.http.send_100_continue_response INT 1
CONFIG proxy.config.http.insert_request_via_str INT 0
CONFIG proxy.config.http.insert_client_ip INT 0
CONFIG proxy.config.http.insert_squid_x_forwarded_for INT 1
CONFIG proxy.config.http.strict_uri_parsing INT 0
CONFIG proxy.config.http.cache.required_headers INT 0
CONFIG proxy.config.log.logging_enabled INT 0
CONFIG proxy.config.diags.show_location INT 0
$hosts
CONFIG proxy.config.diags.output.error STRING LE
CONFIG proxy.config.diags.output.note STRING L
CONFIG proxy.config.diags.output.status STRING L
CONFIG proxy.config.diags.output.warning STRING L
RECORDS
printf '%s' "${TABLES:-}" | tr ';' '\n' >"$DIR/etc/tables" # TABLE KEY VALUE, one a line
{ # one line of at most 1,024 bytes; characters that are not allowed in a value are written as %XX
    printf '%s --origins-port=%s --origin=custom,%s%s,protocol=%s' "$PLUGIN" "$ORIGINS_PORT" "${origin%%:*}" "$port" "$protocol"
    printf ' --viewer-request=%s%s --origin-request=%s --origin-response=%s --viewer-response=%s%s' "$HANDLER" "$dialect" "$HANDLER" "$HANDLER" "$HANDLER" "$dialect"
    printf ' --viewer-header=CloudFront-Viewer-Country:%s' "${COUNTRY:-DE}"
    [ "${CHECK:-on}" = on ] || printf ' --no-check'
    [ "${BODY:-off}" = off ] || printf ' --include-body'
    [ -z "${TABLES:-}" ] || printf ' --tables=tables'
    echo
} >"$DIR/etc/plugin.config"
echo "$DIR/cache 64M" >"$DIR/etc/storage.config"
: >"$DIR/etc/remap.config" # the plugin decides where requests are sent
printf 'ip_allow:\n  - { apply: in, ip_addrs: [ 127.0.0.0/8, "::1" ], action: allow, methods: ALL }\n' >"$DIR/etc/ip_allow.yaml"
cat >"$DIR/runroot.yaml" <<ROOT
prefix: $DIR
exec_prefix: $DIR
bindir: /usr/bin
sbindir: /usr/bin
sysconfdir: $DIR/etc
datadir: $DIR/cache
includedir: /usr/include
libdir: /usr/lib/trafficserver
libexecdir: $DIR/plugins
localstatedir: $DIR/run
runtimedir: $DIR/run
logdir: $DIR/log
mandir: /usr/share/man
infodir: /usr/share/info
cachedir: $DIR/cache
ROOT
if [ "$(id -u)" = 0 ]; then
    echo 'CONFIG proxy.config.admin.user_id STRING trafficserver' >>"$DIR/etc/records.config"
    chown -R trafficserver: "$real"
fi
"$server" --run-root="$DIR/runroot.yaml" >"$DIR/out" 2>&1 &
pids="$pids $!" server=$!
echo $server >"$DIR/pid"
until grep -q 'fully initialized' "$DIR/log/diags.log" 2>/dev/null; do
    kill -0 $server 2>/dev/null || { grep -i 'edgefn\|fatal\|error' "$DIR/out" "$DIR/log/diags.log" >&2 || cat "$DIR/out" >&2; exit 1; }
    sleep 0.1
done
[ -n "${QUIET:-}" ] || echo "http://127.0.0.1:$PORT/    $name at all four triggers; errors: $real/log/diags.log; Ctrl-C stops it"
wait $server
