#!/bin/sh
# cloudfront.sh - simulates CloudFront on loopback: nginx with cloudfront.conf, one handler at all four triggers, or a function in JavaScript or Python at
# those that it is for. `make cloudfront HANDLER=name` builds and
# starts it; Ctrl-C stops it. It prints what the function did to each request, and so does the page /__edge. Environment variables:
#   HANDLER    the handler's .so, or a function: index.mjs, index.js, function.js (CloudFront Functions) or lambda_function.py
#   TRIGGERS   of a function: 'viewer-request origin-response'; the default is what its text says, see runtime/function.sh
#   SOURCES    its C files: what their first comments say they need is set, and they are shown on the start page
#   DIALECT    lambda (default), or functions: CloudFront Functions at the viewer triggers, Lambda@Edge at the others
#   PORT       8080        the port on 127.0.0.1
#   HTTPS_PORT PORT + 1    the port for https; off: none. The certificate is build/desk/localhost.pem
#   ORIGIN     host:port, https://host[:port] or unix:PATH of a site of your own; otherwise the files of SITE (a directory; default: site/ next to this
#              script, with a page or a picture made for every other path)
#   CHECK      on          off: results that CloudFront would refuse are applied
#   BODY       off         on: Include body; the default is on if the handler's comment needs it
#   COUNTRY    DE          CloudFront-Viewer-Country
#   TABLES     ""          look-ups: 'kv /old /new; secret key value'. For a recipe there are entries that it can be tried with (desk/try.txt)
#   KEY        ""          headers in the cache policy: 'CloudFront-Viewer-Country Host'; the default is what the handler's comment needs
#   ORIGINS    ''          addresses of other origins, for functions that switch: 'api.example.com=127.0.0.1:9000 img.example.com=10.0.0.7'
#   TRACE      on          off: nothing is recorded, and the terminal has nginx's access log
#   CERTIFICATE            build/desk, the directory of the certificate
#   MODULE, NGINX, DIR, EDGEFN   build/nginx/ngx_http_edgefn_module.so, nginx, build/cloudfront-PORT, which contains nginx.pid; build/edgefn
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
desk=cloudfront pid_file=nginx.pid own_site=${SITE:-} own_body=${BODY:-} runtime=$top/examples/hosts/runtime
. "$runtime/function.sh"
own_dialect=${DIALECT:-}
. "$top/examples/hosts/desk.sh"
if is_function "$HANDLER"; then
    [ -r "$HANDLER" ] || { echo "HANDLER=$HANDLER: no such file" >&2; exit 2; }
    DIALECT=${own_dialect:-$(function_dialect "$HANDLER")} KEY=${KEY-$(function_key "$HANDLER")}
    TRIGGERS=${TRIGGERS:-$(function_triggers "$HANDLER" "$DIALECT")}
    if [ -z "$own_body" ] && function_needs_body "$HANDLER"; then own_body=on BODY=on; fi
fi
nginx=${NGINX:-$(command -v nginx || echo /usr/sbin/nginx)}
unset NGINX # nginx would take it for a list of sockets
MODULE=${MODULE:-$top/build/nginx/ngx_http_edgefn_module.so}
EDGEFN=${EDGEFN:-$top/build/edgefn} HTTPS_PORT=${HTTPS_PORT:-$((PORT + 1))} TRACE=${TRACE:-on} PAGES=$here/desk
case $TRACE in on | off) ;; *) echo "TRACE=$TRACE: must be on or off" >&2; exit 2 ;; esac
case $HTTPS_PORT in off) ;; '' | *[!0-9]*) echo "HTTPS_PORT=$HTTPS_PORT is not a number" >&2; exit 2 ;; esac
case $DIALECT in functions) dialect=' functions' ;; esac
mkdir -p "$DIR"
name=$(basename "$HANDLER" .so)
[ -n "${SOURCES:-}" ] || { SOURCES=$top/examples/handlers/$name.c; [ -e "$SOURCES" ] || SOURCES=; }
real=$DIR
trap unlink_plain EXIT
is_function "$HANDLER" || plain HANDLER handler.so
plain DIR desk; plain MODULE module.so; plain SITE site; plain PAGES pages

# what the handler's first comment and try.txt say: recipe MODE [AWK-OPTION...]
recipe() { # shellcheck disable=SC2086
    [ -z "$SOURCES" ] || { mode=$1; shift; (cd "$top" && awk -v mode="$mode" "$@" -f "$here/desk/recipe.awk" $SOURCES "$here/desk/try.txt"); }
}
[ -n "$own_body" ] || BODY=$(recipe body)
COUNTRY=${COUNTRY:-$(recipe country)}
if [ "$HTTPS_PORT" != off ] && ! command -v openssl >/dev/null 2>&1; then
    echo "no https: openssl is missing" >&2
    HTTPS_PORT=off
fi
variable() { printf '%s' "$1" | tr 'A-Z-' 'a-z_'; }
row() { sed -n 's/^ *\([^ ]* *[^ ]*\) .*/\1 /p'; }
mine=$(printf '%s' "${TABLES:-}" | tr ';' '\n' | sed 's/^ *//; /^ *$/d; s/ *$//')
{
    printf '%s\n' "$mine" | sed '/^$/d; s/["\\]/\\&/g; s/^\([^ ]* *[^ ]* *\)\(.*\)$/\1"\2"/'
    recipe tables | while IFS= read -r line; do # an entry of TABLES replaces that of try.txt
        key=$(printf '%s\n' "$line" | row)
        printf '%s\n' "$mine" | row | grep -q -x -F -e "$key" || printf '%s\n' "$line"
    done
} | sed 's/^/edge_table /; s/$/;/' >"$DIR/tables.conf"
tables="include $DIR/tables.conf;"
viewer_triggers="edge_viewer_request $HANDLER${dialect:-}; edge_viewer_response $HANDLER${dialect:-};"
origin_triggers="edge_origin_request $HANDLER; edge_origin_response $HANDLER;" where='all four triggers'
if is_function "$HANDLER"; then
    viewer_triggers='' origin_triggers='' where=$(echo "$TRIGGERS" | sed 's/ /, /g; s/\(.*\), /\1 and /')
    function_start "$HANDLER" "$DIALECT" "$mine"
    for trigger in $TRIGGERS; do
        case $trigger in
        viewer-request | viewer-response) viewer_triggers="$viewer_triggers edge_$(variable "$trigger") $function_at${dialect:-};" ;;
        origin-request | origin-response) origin_triggers="$origin_triggers edge_$(variable "$trigger") $function_at${dialect:-};" ;;
        *) echo "TRIGGERS: $trigger is not one of viewer-request, origin-request, origin-response, viewer-response" >&2; exit 2 ;;
        esac
    done
fi
KEY=${KEY-$(recipe key | tr '\n' ' ' | sed 's/ *$//')} key= forwarded_host=
for header in $KEY; do
    case $header in
    Host) key="$key,\$http_host" forwarded_host=\$http_host ;;
    *) key="$key,\$http_$(variable "$header")" ;;
    esac
done

protocol=http domain=origin.example.com origin=unix:$DIR/site.sock kind=custom
case ${ORIGIN:-} in
'')
    bucket=$(recipe s3)
    if is_function "$HANDLER" && function_needs_s3 "$HANDLER"; then bucket=bucket.s3.amazonaws.com; fi
    domain=$(recipe domain)
    domain=${domain:-origin.example.com}
    if [ -n "$bucket" ] && [ "$HTTPS_PORT" != off ]; then kind=s3 domain=$bucket origin=unix:$DIR/site-tls.sock; fi ;;
unix:*) origin=$ORIGIN ;;
https://*) protocol=https origin=${ORIGIN#https://} origin=${origin%%/*} domain=${origin%%:*}; case $origin in *:*) ;; *) origin=$origin:443 ;; esac ;;
*) origin=${ORIGIN#http://} origin=${origin%%/*} ;;
esac
edge_origin="custom $domain protocol=$protocol"
[ $kind = custom ] || edge_origin="s3 $domain"
origins=
for o in ${ORIGINS:-}; do origins="$origins upstream ${o%%=*} { server ${o#*=}; }"; done
resolver=$(sed -n 's/^nameserver *\([0-9.]*\) *$/\1/p' /etc/resolv.conf 2>/dev/null | head -1)
rm -f "$DIR"/*.sock
rm -rf "$DIR/cache" # start with an empty cache: the handler may have changed

# the certificate: made once, and kept, because it may have been trusted
certificate=${CERTIFICATE:-$top/build/desk}
case $certificate in /*) ;; *) certificate=$PWD/$certificate ;; esac
made= https= site_https=
hosts() { # of redirects, which are followed at HOST.localhost
    sed -n 's|.*https*://\([a-z0-9.-]*[a-z]\)[^a-z0-9.-].*|\1|p' "$top"/examples/handlers/*.c $SOURCES | sort -u
}
if [ "$HTTPS_PORT" != off ]; then
    mkdir -p "$certificate"
    names=DNS:localhost,DNS:*.localhost,IP:127.0.0.1,DNS:example.com.localhost,DNS:*.example.com.localhost
    for host in $(cd "$top" && hosts); do names=$names,DNS:$host.localhost; done
    if [ ! -s "$certificate/localhost.pem" ] || [ ! -s "$certificate/server.pem" ] || ! openssl x509 -checkend 86400 -noout -in "$certificate/localhost.pem" >/dev/null 2>&1 ||
        [ "$(cat "$certificate/names" 2>/dev/null)" != "$names" ]; then
        (umask 077 && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 397 -subj '/CN=edgefn desk' \
            -addext "subjectAltName=$names" -addext basicConstraints=critical,CA:FALSE -addext extendedKeyUsage=serverAuth \
            -keyout "$certificate/key.$$" -out "$certificate/pem.$$" 2>"$certificate/log") || { cat "$certificate/log" >&2; exit 1; }
        # one file, because two desks may start at the same time
        (umask 077 && cat "$certificate/pem.$$" >>"$certificate/key.$$" && mv -f "$certificate/key.$$" "$certificate/server.pem")
        openssl x509 -in "$certificate/server.pem" -out "$certificate/pem.$$"
        chmod 644 "$certificate/pem.$$"
        mv -f "$certificate/pem.$$" "$certificate/localhost.pem"
        printf '%s\n' "$names" >"$certificate/names"
        made=yes
    fi
    shown=$certificate/localhost.pem
    plain certificate certificate
    https="listen 127.0.0.1:$HTTPS_PORT ssl; ssl_certificate $certificate/server.pem; ssl_certificate_key $certificate/server.pem;"
    site_https="listen unix:$DIR/site-tls.sock ssl; ssl_certificate $certificate/server.pem; ssl_certificate_key $certificate/server.pem;"
fi
# origins that the recipe switches to are the desk's own
for host in $(recipe origins); do
    socket=site-tls.sock
    case $host in *:http) host=${host%:http} socket=site.sock ;; esac
    case "$HTTPS_PORT$socket$origins" in offsite-tls* | *" upstream $host "*) ;; *) origins="$origins upstream $host { server unix:$DIR/$socket; }" ;; esac
done

# what is recorded, and the desk's pages
: >"$DIR/trace"
chmod 644 "$DIR/trace"
trace= origin_trace= pages= maps= site=
secure=$HTTPS_PORT
[ "$secure" != off ] || secure=
if [ "$TRACE" = on ]; then
    trace="edge_trace $DIR/trace; edge_desk $PORT $secure;" origin_trace="edge_trace $DIR/trace;"
    for file in desk maps; do
        sed -e "s|@PAGES@|$PAGES/pages|g; s|@DIR@|$DIR|g; s|@PORT@|$PORT|g; s|@HTTPS_PORT@|${secure:-$PORT}|g" "$here/desk/$file.conf" >"$DIR/$file.conf"
    done
    settings=$(printf '%s' "$KEY" | sed 's/ *$//; s/ /, /g')${KEY:+ in the cache key}
    [ "${BODY:-off}" = off ] || settings="${settings:+$settings; }functions see the body"
    pages="include $DIR/desk.conf;" maps="include $DIR/maps.conf;"
    if is_function "$HANDLER"; then function_data "$HANDLER"
    else recipe data -v port="$PORT" -v https="$secure" -v dialect="$DIALECT" -v settings="$settings" || true
    fi >"$DIR/data.js"
    if [ -z "$own_site" ] && [ -z "${ORIGIN:-}" ]; then
        extra=$(recipe headers | sed 's/[\\&|]/\\&/g')
        sed -e "s|@PAGES@|$PAGES|g; s|@EXTRA@|$extra|g" "$here/desk/made.conf" >"$DIR/made.conf"
        site="include $DIR/made.conf;"
    fi
fi
# whatever origin a function in another language chooses, its name may be computed, is the desk's own
any_origin=\$edge_origin
if is_function "$HANDLER" && [ -z "${ORIGIN:-}${ORIGINS:-}" ]; then
    any_origin=\$edge_desk_site\$edge_origin_uri tls="http://unix:$DIR/site.sock:"
    [ "$HTTPS_PORT" = off ] || tls="https://unix:$DIR/site-tls.sock:"
    maps="$maps map \$edge_origin_scheme \$edge_desk_site { http http://unix:$DIR/site.sock:; https $tls; }"
fi
watch=
if [ "$TRACE" = on ] && [ -z "${QUIET:-}${ACCESS_LOG:-}" ] && [ -x "$EDGEFN" ]; then watch=yes; fi
access="access_log ${ACCESS_LOG:-/dev/stdout} edge;"
[ -z "$watch" ] || access='access_log off;'
log="error_log ${LOG:-stderr} notice;"
[ -z "$watch" ] || [ -n "${LOG:-}" ] || log="error_log stderr crit; error_log $DIR/error.log notice;"
sed -e "s|@MODULE@|$MODULE|; s|@LISTEN@|127.0.0.1:$PORT|; s|@CHECK@|${CHECK:-on}|; s|@BODY@|${BODY:-off}|; s|@COUNTRY@|${COUNTRY:-DE}|" \
    -e "s|@VIEWER_TRIGGERS@|$viewer_triggers $tables|" \
    -e "s|@ORIGIN_TRIGGERS@|$origin_triggers $tables|" \
    -e "s|@HTTPS@|$https|; s|@SITE_HTTPS@|$site_https|; s|@DESK@|$pages|; s|@DESK_MAPS@|$maps|; s|@TRACE@|$trace|; s|@ORIGIN_TRACE@|$origin_trace|" \
    -e "s|@KEY@|$key|; s|@FORWARDED_HOST@|${forwarded_host:-@DOMAIN@}|; s|@MADE@|$site|" \
    -e "s|@EDGE_ORIGIN@|$edge_origin|; s|proxy_pass \\\$edge_origin;|proxy_pass $any_origin;|" \
    -e "s|@DOMAIN@|$domain|; s|@ORIGIN@|$origin|; s|@SITE@|$SITE|; s|@SITE_LISTEN@|unix:$DIR/site.sock|" \
    -e "s|@ERROR_LOG@|$log|; s|@ACCESS_LOG@|$access|; s|@RESOLVER@|$origins ${resolver:+resolver $resolver;}|; s|@DIR@|$DIR|g" \
    "$here/cloudfront.conf" >"$DIR/nginx.conf"
if [ -z "${QUIET:-}" ]; then
    echo "$name at $where. Ctrl-C stops it."
    ! is_function "$HANDLER" || echo "$(function_words "$HANDLER")"
    echo "  http://127.0.0.1:$PORT/"
    [ -z "$secure" ] || echo "  https://127.0.0.1:$secure/"
    [ -z "$pages" ] || echo "  http://127.0.0.1:$PORT/__edge/    what the function does to each request"
    [ -z "$watch" ] || echo "  nginx's messages: $real/error.log"
    if [ -n "$made" ]; then
        echo "The certificate for https is new. Browsers warn of it until you trust $shown:"
        case $(uname -s) in
        Darwin) echo "  security add-trusted-cert -k ~/Library/Keychains/login.keychain-db '$shown'" ;;
        *) echo "  Chrome:  certutil -d sql:\$HOME/.pki/nssdb -A -t P -n edgefn -i '$shown'    (package libnss3-tools)" ;;
        esac
        echo "  Firefox: open the address, choose Advanced, then Accept the Risk"
        echo "  curl:    curl --cacert '$shown' https://127.0.0.1:$secure/"
    fi
    echo
fi
[ -n "$links$watch$functions" ] || exec "$nginx" -p "$DIR" -e "${LOG:-stderr}" -c "$DIR/nginx.conf" -g 'daemon off;'
# the links are removed when nginx has ended; a signal may come before its process id is known
server='' watcher=''
trap 'server=${server:-${!:-}}; kill $server $watcher 2>/dev/null; wait $server || true; exit 143' HUP INT TERM
"$nginx" -p "$DIR" -e "${LOG:-stderr}" -c "$DIR/nginx.conf" -g 'daemon off;' &
server=$!
if [ -n "$watch" ]; then
    "$EDGEFN" watch "$DIR/trace" &
    watcher=$!
fi
rc=0
wait $server || rc=$?
[ $rc = 0 ] || [ -n "${QUIET:-}" ] || echo "nginx ended. If an address is in use, set PORT or HTTPS_PORT to another number, or HTTPS_PORT=off" >&2
[ -z "$watcher" ] || kill $watcher 2>/dev/null || true
exit $rc
