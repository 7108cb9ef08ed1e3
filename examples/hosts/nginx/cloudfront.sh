#!/bin/sh
# cloudfront.sh - a CloudFront on loopback: nginx with cloudfront.conf, one handler at all four triggers. `make cloudfront HANDLER=name` builds and starts
# it; Ctrl-C ends it. From the environment:
#   HANDLER    the handler's .so
#   DIALECT    lambda (default), or functions: CloudFront Functions at the viewer triggers, Lambda@Edge at the others
#   PORT       8080        where to listen, on 127.0.0.1
#   ORIGIN     host:port, https://host[:port] or unix:PATH of a site of your own; else files of SITE (a directory; default: the little site beside this script)
#   CHECK      on          off: results that CloudFront would refuse are applied
#   BODY       off         on: Include body
#   COUNTRY    DE          CloudFront-Viewer-Country
#   TABLES     ""          look-ups: 'kv /old /new; secret key value'
#   ORIGINS    ''          where other origins are, for functions that switch: 'api.example.com=127.0.0.1:9000 img.example.com=10.0.0.7'
#   MODULE, NGINX, DIR     build/nginx/ngx_http_edgefn_module.so, nginx, build/cloudfront-PORT, where nginx.pid says whom to kill
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
: "${HANDLER:?the handler\'s .so}"
NGINX=${NGINX:-$(command -v nginx || echo /usr/sbin/nginx)} PORT=${PORT:-8080} DIALECT=${DIALECT:-lambda}
DIR=${DIR:-$top/build/cloudfront-$PORT}
MODULE=${MODULE:-$top/build/nginx/ngx_http_edgefn_module.so} SITE=${SITE:-$here/site}
for setting in "CHECK=${CHECK:-on}" "BODY=${BODY:-off}"; do
    case $setting in *=on | *=off) ;; *) echo "$setting: it is on or off" >&2; exit 2 ;; esac
done
case $PORT in '' | *[!0-9]*) echo "PORT=$PORT is no number" >&2; exit 2 ;; esac
bad=$(printf '%s' "${TABLES:-}" | tr ';' '\n' | awk 'NF != 0 && NF != 3')
[ -z "$bad" ] || { echo "TABLES wants 'TABLE KEY VALUE; ...', not: $bad" >&2; exit 2; }
if [ -s "$DIR/nginx.pid" ] && kill -0 "$(cat "$DIR/nginx.pid")" 2>/dev/null; then
    echo "one with PORT=$PORT is running: process $(cat "$DIR/nginx.pid")" >&2
    exit 2
fi
mkdir -p "$DIR"
case $HANDLER in /*) ;; *) HANDLER=$PWD/$HANDLER ;; esac
case $SITE in /*) ;; *) SITE=$PWD/$SITE ;; esac
case $DIALECT in
lambda) ;;
functions) dialect=' functions' ;;
*) echo "DIALECT is lambda or functions, not $DIALECT" >&2; exit 2 ;;
esac
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
rm -rf "$DIR/cache" # begin with an empty cache: the handler may be another
sed -e "s|@MODULE@|$MODULE|; s|@LISTEN@|127.0.0.1:$PORT|; s|@CHECK@|${CHECK:-on}|; s|@BODY@|${BODY:-off}|; s|@COUNTRY@|${COUNTRY:-DE}|" \
    -e "s|@VIEWER_TRIGGERS@|edge_viewer_request $HANDLER${dialect:-}; edge_viewer_response $HANDLER${dialect:-}; $tables|" \
    -e "s|@ORIGIN_TRIGGERS@|edge_origin_request $HANDLER; edge_origin_response $HANDLER; $tables|" \
    -e "s|@DOMAIN@|$domain|; s|@ORIGIN@|$origin|; s|@PROTOCOL@|$protocol|; s|@SITE@|$SITE|; s|@SITE_LISTEN@|unix:$DIR/site.sock|" \
    -e "s|@LOG@|${LOG:-stderr}|; s|@ACCESS_LOG@|${ACCESS_LOG:-/dev/stdout}|; s|@RESOLVER@|$origins ${resolver:+resolver $resolver;}|; s|@DIR@|$DIR|g" \
    "$here/cloudfront.conf" >"$DIR/nginx.conf"
[ -n "${QUIET:-}" ] || echo "http://127.0.0.1:$PORT/    $(basename "$HANDLER" .so) at all four triggers; Ctrl-C ends it"
exec "$NGINX" -p "$DIR" -e "${LOG:-stderr}" -c "$DIR/nginx.conf" -g 'daemon off;'
