#!/bin/sh
# cloudfront.sh - simulates CloudFront on loopback: nginx with cloudfront.conf, one handler at all four triggers. `make cloudfront HANDLER=name` builds and
# starts it; Ctrl-C stops it. Environment variables:
#   HANDLER    the handler's .so
#   DIALECT    lambda (default), or functions: CloudFront Functions at the viewer triggers, Lambda@Edge at the others
#   PORT       8080        the port on 127.0.0.1
#   ORIGIN     host:port, https://host[:port] or unix:PATH of a site of your own; otherwise the files of SITE (a directory; default: site/ next to this script)
#   CHECK      on          off: results that CloudFront would refuse are applied
#   BODY       off         on: Include body
#   COUNTRY    DE          CloudFront-Viewer-Country
#   TABLES     ""          look-ups: 'kv /old /new; secret key value'
#   ORIGINS    ''          addresses of other origins, for functions that switch: 'api.example.com=127.0.0.1:9000 img.example.com=10.0.0.7'
#   MODULE, NGINX, DIR     build/nginx/ngx_http_edgefn_module.so, nginx, build/cloudfront-PORT, which contains nginx.pid
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
desk=cloudfront pid_file=nginx.pid
. "$top/examples/hosts/desk.sh"
NGINX=${NGINX:-$(command -v nginx || echo /usr/sbin/nginx)} MODULE=${MODULE:-$top/build/nginx/ngx_http_edgefn_module.so}
case $DIALECT in functions) dialect=' functions' ;; esac
mkdir -p "$DIR"
name=$(basename "$HANDLER" .so)
trap unlink_plain EXIT
plain DIR desk; plain HANDLER handler.so; plain MODULE module.so; plain SITE site
tables=
if [ -n "${TABLES:-}" ]; then tables=$(printf '%s' "$TABLES" | tr ';' '\n' | sed 's/^ *//; /^$/d; s/^/edge_table /; s/ *$/;/' | tr '\n' ' '); fi
protocol=http domain=origin.example.com origin=unix:$DIR/site.sock
case ${ORIGIN:-} in
'') ;;
unix:*) origin=$ORIGIN ;;
https://*) protocol=https origin=${ORIGIN#https://} origin=${origin%%/*} domain=${origin%%:*}; case $origin in *:*) ;; *) origin=$origin:443 ;; esac ;;
*) origin=${ORIGIN#http://} origin=${origin%%/*} ;;
esac
origins=
for o in ${ORIGINS:-}; do origins="$origins upstream ${o%%=*} { server ${o#*=}; }"; done
resolver=$(sed -n 's/^nameserver *\([0-9.]*\) *$/\1/p' /etc/resolv.conf 2>/dev/null | head -1)
rm -f "$DIR"/*.sock
rm -rf "$DIR/cache" # start with an empty cache: the handler may have changed
sed -e "s|@MODULE@|$MODULE|; s|@LISTEN@|127.0.0.1:$PORT|; s|@CHECK@|${CHECK:-on}|; s|@BODY@|${BODY:-off}|; s|@COUNTRY@|${COUNTRY:-DE}|" \
    -e "s|@VIEWER_TRIGGERS@|edge_viewer_request $HANDLER${dialect:-}; edge_viewer_response $HANDLER${dialect:-}; $tables|" \
    -e "s|@ORIGIN_TRIGGERS@|edge_origin_request $HANDLER; edge_origin_response $HANDLER; $tables|" \
    -e "s|@DOMAIN@|$domain|; s|@ORIGIN@|$origin|; s|@PROTOCOL@|$protocol|; s|@SITE@|$SITE|; s|@SITE_LISTEN@|unix:$DIR/site.sock|" \
    -e "s|@LOG@|${LOG:-stderr}|; s|@ACCESS_LOG@|${ACCESS_LOG:-/dev/stdout}|; s|@RESOLVER@|$origins ${resolver:+resolver $resolver;}|; s|@DIR@|$DIR|g" \
    "$here/cloudfront.conf" >"$DIR/nginx.conf"
[ -n "${QUIET:-}" ] || echo "http://127.0.0.1:$PORT/    $name at all four triggers; Ctrl-C stops it"
[ -n "$links" ] || exec "$NGINX" -p "$DIR" -e "${LOG:-stderr}" -c "$DIR/nginx.conf" -g 'daemon off;'
# the links are removed when nginx has ended
"$NGINX" -p "$DIR" -e "${LOG:-stderr}" -c "$DIR/nginx.conf" -g 'daemon off;' &
server=$!
trap 'kill $server 2>/dev/null; wait $server || true; exit 143' HUP INT TERM
wait $server
