#!/bin/sh
# cloudfront.sh - simulates CloudFront on loopback: nginx with cloudfront.conf, and handlers at the four triggers, or functions in JavaScript or Python. `make cloudfront HANDLER=name` builds and
# starts it; Ctrl-C stops it. It prints what the functions did to each request, and so does the page /__edge. When the settings or the source of a function
# are saved, it builds and reloads; the cache is kept: `c` and Enter, or `make cloudfront-empty`, empties it. Environment variables:
#   CONFIG     ""          the settings of a distribution: edge.json (examples/edge.json). The variables below replace what it says
#   HANDLER    the handler's .so, or a function: index.mjs, index.js, function.js (CloudFront Functions) or lambda_function.py; with CONFIG: for the behaviors
#              that name no function
#   TRIGGERS   of HANDLER: 'viewer-request origin-response'; the default is all four or, of a function, what its text says, see runtime/function.sh
#   REBUILD    ""          what HANDLER is for make, to build it when its source is saved
#   SOURCES    its C files: what their first comments say they need is set, and they are shown on the start page
#   DIALECT    lambda (default), or functions: CloudFront Functions at the viewer triggers, Lambda@Edge at the others
#   PORT       8080        the port on 127.0.0.1
#   HTTPS_PORT PORT + 1    the port for https; off: none. The certificate is build/desk/localhost.pem
#   ORIGIN     host:port, https://host[:port] or unix:PATH of a site of your own; otherwise the files of SITE (a directory; default: site/ next to this
#              script, with a page or a picture made for every other path)
#   CHECK      on          off: results that CloudFront would refuse are applied
#   BODY       off         on: Include body; the default is on if the handler's comment needs it
#   COUNTRY    DE          CloudFront-Viewer-Country
#   TIMEOUT    ""          seconds that a function in JavaScript or Python may take, if that is less than CloudFront's limit: its timeout in Lambda's configuration
#   TABLES     ""          look-ups: 'kv /old /new; secret key value'. For a recipe there are entries that it can be tried with (desk/try.txt)
#   KEY        ""          headers in the cache policy: 'CloudFront-Viewer-Country Host'; the default is what the handler's comment needs
#   ORIGINS    ''          addresses of other origins, for functions that switch: 'api.example.com=127.0.0.1:9000 img.example.com=10.0.0.7'
#   TRACE      on          off: nothing is recorded, and the terminal has nginx's access log
#   RELOAD     on          off: what is saved has no effect until the next start
#   CERTIFICATE            build/desk, the directory of the certificate
#   MODULE, NGINX, DIR, EDGEFN   build/nginx/ngx_http_edgefn_module.so, nginx, build/cloudfront-PORT, which contains nginx.pid; build/edgefn
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
desk=cloudfront pid_file=nginx.pid own_site=${SITE:-} own_body=${BODY:-} own_country=${COUNTRY:-} runtime=$top/examples/hosts/runtime
CONFIG=${CONFIG:-} TRIGGERS=${TRIGGERS:-} where='all four triggers'
. "$runtime/function.sh"
own_dialect=${DIALECT:-}
. "$top/examples/hosts/desk.sh"
if is_function "$HANDLER"; then
    [ -r "$HANDLER" ] || { echo "HANDLER=$HANDLER: no such file" >&2; exit 2; }
    DIALECT=${own_dialect:-$(function_dialect "$HANDLER")} KEY=${KEY-$(function_key "$HANDLER")}
    TRIGGERS=${TRIGGERS:-$(function_triggers "$HANDLER" "$DIALECT")}
    if [ -z "$own_body" ] && function_needs_body "$HANDLER"; then own_body=on BODY=on; fi
fi
for trigger in $TRIGGERS; do
    case $trigger in
    viewer-request | origin-request | origin-response | viewer-response) ;;
    *) echo "TRIGGERS: $trigger is not one of viewer-request, origin-request, origin-response, viewer-response" >&2; exit 2 ;;
    esac
    case $DIALECT$trigger in functionsorigin-*)
        ! is_function "$HANDLER" || { echo "TRIGGERS: $(basename "$HANDLER") is for CloudFront Functions, which only run at viewer-request and viewer-response, not at $trigger" >&2; exit 2; } ;;
    esac
done
[ -z "$TRIGGERS" ] || where=$(echo "$TRIGGERS" | sed 's/ /, /g; s/\(.*\), /\1 and /')
nginx=${NGINX:-$(command -v nginx || echo /usr/sbin/nginx)}
unset NGINX # nginx would take it for a list of sockets
MODULE=${MODULE:-$top/build/nginx/ngx_http_edgefn_module.so}
EDGEFN=${EDGEFN:-$top/build/edgefn} HTTPS_PORT=${HTTPS_PORT:-$((PORT + 1))} TRACE=${TRACE:-on} RELOAD=${RELOAD:-on} PAGES=$here/desk
for setting in "TRACE=$TRACE" "RELOAD=$RELOAD"; do
    case $setting in *=on | *=off) ;; *) echo "$setting: must be on or off" >&2; exit 2 ;; esac
done
case ${TIMEOUT:-1} in *[!0-9]* | 0) echo "TIMEOUT=$TIMEOUT is not a number of seconds" >&2; exit 2 ;; esac
case $HTTPS_PORT in off) ;; '' | *[!0-9]*) echo "HTTPS_PORT=$HTTPS_PORT is not a number" >&2; exit 2 ;; esac
[ -z "$CONFIG" ] || "$EDGEFN" settings "$CONFIG" --check || exit 2
mkdir -p "$DIR"
name=$(basename "${HANDLER:-}" .so)
[ -n "${SOURCES:-}" ] || { SOURCES=$top/examples/handlers/$name.c; [ -e "$SOURCES" ] || SOURCES=; }
handler_sources=$SOURCES real=$DIR
trap unlink_plain EXIT
plain DIR desk; plain MODULE module.so; plain SITE site; plain PAGES pages
[ -z "$HANDLER" ] || is_function "$HANDLER" || plain HANDLER handler.so
handler_at=$HANDLER
if [ "$HTTPS_PORT" != off ] && ! command -v openssl >/dev/null 2>&1; then
    echo "no https: openssl is missing" >&2
    HTTPS_PORT=off
fi

make_quietly() { env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL "${MAKE:-make}" -s --no-print-directory -C "$top" "$@"; }
is_recipe() { case $1 in *[!a-z0-9_]*) return 1 ;; esac }

# Contents count, not times. Headers next to a source count, too.
sums() { # FILE...
    for source in $SOURCES; do
        set -- "$@" "$source"
        case $source in "$top"/examples/handlers/*) ;; *) set -- "$@" "${source%/*}"/*.h ;; esac
    done
    cksum "$@" 2>/dev/null || true
}

# Builds HANDLER and, in DIR/functions/NUMBER, the functions of the settings, and starts those that are not in C, unless nothing has changed. Sets SOURCES.
mine=$(printf '%s' "${TABLES:-}" | tr ';' '\n' | sed 's/^ *//; /^ *$/d; s/ *$//')
REBUILD=${REBUILD:-} built= started=nothing
tab=$(printf '\t')
start_functions() {
    functions_end
    if is_function "$HANDLER"; then
        function_start "$HANDLER" "$DIALECT" "$mine"
        handler_at=$function_at
    fi
    [ -n "$CONFIG" ] || return 0
    while IFS=$tab read -r number function from kind; do
        ! is_function "$from" || function_start "$from" "$kind" "$rows" "$DIR/functions/$number"
    done <"$DIR/functions.txt"
}
build_functions() {
    [ -z "$REBUILD" ] || make_quietly handler-so HANDLER="$REBUILD" >/dev/null || return 1
    : >"$DIR/functions.txt"
    SOURCES=$handler_sources recipes= rows=
    if [ -n "$CONFIG" ]; then
        "$EDGEFN" settings "$CONFIG" --list >"$DIR/functions.txt" || return 1
        rows=$("$EDGEFN" settings "$CONFIG" --rows && printf '%s' "$mine") || return 1
        if [ "$HTTPS_PORT" = off ]; then set --; else set -- --certificate there; fi
        EDGE_ORIGINS=$("$EDGEFN" settings "$CONFIG" "$@" --origins) || return 1
        export EDGE_ORIGINS
    fi
    while IFS=$tab read -r number function from kind; do
        is_function "$from" && continue
        for part in $(printf '%s' "$from" | tr '+' ' '); do
            ! is_recipe "$part" || part=$top/examples/handlers/$part.c
            case " $SOURCES " in *" $part "*) ;; *) SOURCES="$SOURCES $part" ;; esac
        done
        ! is_recipe "$from" || recipes="$recipes build/handlers/$from.so"
    done <"$DIR/functions.txt"
    state=$(sums "$DIR/functions.txt")
    if [ "$state" != "$built" ]; then
        # shellcheck disable=SC2086
        [ -z "$recipes" ] || make_quietly $recipes || return 1
        while IFS=$tab read -r number function from kind; do
            is_function "$from" && continue
            if is_recipe "$from"; then so=build/handlers/$from.so; else so=$(make_quietly handler-so HANDLER="$from" </dev/null) || return 1; fi
            mkdir -p "$DIR/functions/$number"
            cp "$top/$so" "$DIR/functions/$number/new" && mv -f "$DIR/functions/$number/new" "$DIR/functions/$number/$function.so"
        done <"$DIR/functions.txt"
        built=$state
    fi
    state=$(grep "$tab[a-z]*$" "$DIR/functions.txt"; echo "$rows"; echo "${EDGE_ORIGINS:-}")
    [ "$state" != "$started" ] || return 0
    started=$state
    start_functions
}
build_functions || exit 2

# what the handler's first comment and try.txt say: recipe MODE [AWK-OPTION...]
recipe() { # shellcheck disable=SC2086
    [ -z "$SOURCES" ] || { mode=$1; shift; (cd "$top" && awk -v mode="$mode" "$@" -f "$here/desk/recipe.awk" $SOURCES "$here/desk/try.txt"); }
}

# the certificate: made once, and kept, because it may have been trusted
certificate=${CERTIFICATE:-$top/build/desk}
case $certificate in /*) ;; *) certificate=$PWD/$certificate ;; esac
made= site_https=
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
    site_https="listen unix:$DIR/site-tls.sock ssl; ssl_certificate $certificate/server.pem; ssl_certificate_key $certificate/server.pem;"
fi
secure=$HTTPS_PORT
[ "$secure" != off ] || secure=

# settings [OPTION...]: edgefn settings with what the variables and the recipes say
settings() {
    [ -z "$CONFIG" ] || set -- "$@" "$CONFIG"
    set -- "$@" --dir "$DIR" --listen "127.0.0.1:$PORT" --results "${CHECK:-on}"
    [ -z "$secure" ] || set -- "$@" --https "127.0.0.1:$secure" --certificate "$certificate/server.pem"
    [ -z "$HANDLER" ] || set -- "$@" --handler "$handler_at"
    for trigger in $TRIGGERS; do set -- "$@" --trigger "$trigger"; done
    ! is_function "$HANDLER" || [ -n "${ORIGIN:-}${ORIGINS:-}$CONFIG" ] || set -- "$@" --any-origin
    [ "$DIALECT" = lambda ] || set -- "$@" --functions
    if [ "$TRACE" = on ]; then
        set -- "$@" --trace "$DIR/trace" --port "$PORT" --include "$DIR/desk.conf"
        [ -z "$secure" ] || set -- "$@" --https-port "$secure"
    fi
    country=$own_country key=${KEY-} body=$own_body
    if [ -z "$CONFIG" ]; then
        [ -n "$country" ] || country=$(recipe country)
        [ -n "$body" ] || body=$(recipe body)
        key=${KEY-$(recipe key)}
    fi
    [ -z "$country" ] || set -- "$@" --country "$country"
    [ "$body" != on ] || set -- "$@" --body
    for header in $key; do set -- "$@" --key "$header"; done
    origin=${ORIGIN:-}
    case $origin in
    '') if [ -z "$CONFIG" ]; then
            domain=$(recipe domain) bucket=$(recipe s3)
            if is_function "$HANDLER" && function_needs_s3 "$HANDLER"; then bucket=bucket.s3.amazonaws.com; fi
            [ -z "$domain" ] || set -- "$@" --domain "$domain"
            if [ -n "$bucket" ] && [ -n "$secure" ]; then set -- "$@" --domain "$bucket" --s3; fi
        fi ;;
    unix:*) set -- "$@" --address "$origin" ;;
    https://*)
        origin=${origin#https://} origin=${origin%%/*}
        set -- "$@" --https-origin --domain "${origin%%:*}"
        case $origin in *:*) ;; *) origin=$origin:443 ;; esac
        set -- "$@" --address "$origin" ;;
    *)
        origin=${origin#http://}
        set -- "$@" --address "${origin%%/*}" ;;
    esac
    for o in ${ORIGINS:-}; do set -- "$@" --host "$o"; done
    for host in $(recipe origins); do # origins that the recipe switches to are the desk's own
        case $host in
        *:http) set -- "$@" --usual-host "${host%:http}=unix:$DIR/site.sock" ;;
        *) [ -z "$secure" ] || set -- "$@" --usual-host "$host=unix:$DIR/site-tls.sock" ;;
        esac
    done
    rows=$(printf '%s' "${TABLES:-}" | tr ';' '\n' | sed 's/^ *//; /^ *$/d; s/ *$//; s/^/--table=/' && recipe tables | sed 's/^/--usual-table=/')
    old_ifs=$IFS IFS='
'
    set -f # a row may have '*'
    # shellcheck disable=SC2086
    set -- "$@" $rows
    set +f
    IFS=$old_ifs
    "$EDGEFN" settings "$@"
}

# what is recorded, and the desk's pages
watch=
if [ "$TRACE" = on ] && [ -z "${QUIET:-}${ACCESS_LOG:-}" ] && [ -x "$EDGEFN" ]; then watch=yes; fi
access="access_log ${ACCESS_LOG:-/dev/stdout} edge;"
[ -z "$watch" ] || access='access_log off;'
log="error_log ${LOG:-stderr} notice;"
[ -z "$watch" ] || [ -n "${LOG:-}" ] || log="error_log stderr crit; error_log $DIR/error.log notice;"
resolver=$(sed -n 's/^nameserver *\([0-9.]*\) *$/\1/p' /etc/resolv.conf 2>/dev/null | head -1)

# Writes nginx.conf and the pages' data.
configuration() {
    maps= site= said=
    settings >"$DIR/settings.conf" || return 1
    if [ "$TRACE" = on ]; then
        for file in desk maps; do
            sed -e "s|@PAGES@|$PAGES/pages|g; s|@DIR@|$DIR|g; s|@PORT@|$PORT|g; s|@HTTPS_PORT@|${secure:-$PORT}|g" "$here/desk/$file.conf" >"$DIR/$file.conf"
        done
        maps="include $DIR/maps.conf;"
        if [ -z "$CONFIG" ]; then
            said=$(sed -n 's/^ *edge_key headers only "\(.*\)";$/\1 in the cache key/p' "$DIR/settings.conf" | sed 's/" "/, /g')
            ! grep -q 'edge_include_body on' "$DIR/settings.conf" || said="${said:+$said; }functions see the body"
        fi
        if is_function "$HANDLER"; then function_data "$HANDLER"
        else recipe data -v port="$PORT" -v https="$secure" -v dialect="$DIALECT" -v settings="$said" || true
        fi >"$DIR/data.new"
        [ -s "$DIR/data.new" ] || printf 'window.edge = { port: "%s", httpsPort: "%s", handlers: [], tries: [] };\n' "$PORT" "$secure" >"$DIR/data.new"
        [ -z "$CONFIG" ] || settings --page >>"$DIR/data.new"
        mv -f "$DIR/data.new" "$DIR/data.js"
        if [ -z "$own_site" ]; then
            extra=$(recipe headers | sed 's/[\\&|]/\\&/g')
            sed -e "s|@PAGES@|$PAGES|g; s|@EXTRA@|$extra|g" "$here/desk/made.conf" >"$DIR/made.conf"
            site="include $DIR/made.conf;"
        fi
    fi
    sed -e "/@SETTINGS@/{r $DIR/settings.conf" -e 'd' -e '}' -e "s|@MODULE@|$MODULE|; s|@SITE_HTTPS@|$site_https|; s|@DESK_MAPS@|$maps|; s|@MADE@|$site|" \
        -e "s|@SITE@|$SITE|; s|@ERROR_LOG@|$log|; s|@ACCESS_LOG@|$access|; s|@RESOLVER@|${resolver:+resolver $resolver;}|; s|@DIR@|$DIR|g" \
        "$here/cloudfront.conf" >"$DIR/nginx.new"
    mv -f "$DIR/nginx.new" "$DIR/nginx.conf"
}
rm -f "$DIR"/*.sock
rm -rf "$DIR/cache" # start with an empty cache: the handler may have changed
: >"$DIR/trace"
chmod 644 "$DIR/trace"
configuration || exit 2

if [ -z "${QUIET:-}" ]; then
    if [ -n "$CONFIG" ]; then echo "The distribution of $CONFIG. Ctrl-C stops it."; else echo "$name at $where. Ctrl-C stops it."; fi
    ! is_function "$HANDLER" || echo "$(function_words "$HANDLER")"
    echo "  http://127.0.0.1:$PORT/"
    [ -z "$secure" ] || echo "  https://127.0.0.1:$secure/"
    [ "$TRACE" = off ] || echo "  http://127.0.0.1:$PORT/__edge/    what the function does to each request"
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
    [ "$RELOAD" = off ] || echo "What you save is built and reloaded, and the cache is kept."
    [ ! -t 0 ] || echo "c and Enter empties the cache."
    echo
fi
[ -z "${QUIET:-}" ] || RELOAD=off
[ -n "$links$watch$functions" ] || [ "$RELOAD" = on ] || exec "$nginx" -p "$DIR" -e "${LOG:-stderr}" -c "$DIR/nginx.conf" -g 'daemon off;'
# the links are removed when nginx has ended; a signal may come before its process id is known
server='' helpers=''
trap 'server=${server:-${!:-}}; kill $server $helpers 2>/dev/null; wait $server || true; exit 143' HUP INT TERM
"$nginx" -p "$DIR" -e "${LOG:-stderr}" -c "$DIR/nginx.conf" -g 'daemon off;' &
server=$!
if [ -n "$watch" ]; then
    "$EDGEFN" watch "$DIR/trace" &
    helpers=$!
fi

watched=$HANDLER # a function in another language loads itself again
! is_function "$HANDLER" || watched=
reloading() {
    was=$(sums "$watched" "$CONFIG")
    while sleep 0.5 && kill -0 "$server" 2>/dev/null; do
        now=$(sums "$watched" "$CONFIG")
        [ "$now" != "$was" ] || continue
        if build_functions && configuration && "$nginx" -t -q -p "$DIR" -e stderr -c "$DIR/nginx.conf"; then
            kill -HUP "$server"
            echo "reloaded; the cache is kept"
        else
            echo "not reloaded: what ran before still runs" >&2
        fi
        was=$(sums "$watched" "$CONFIG")
    done
}
empty_cache() { find "$DIR/cache" -type f -exec rm -f {} +; }
if [ "$RELOAD" = on ]; then
    reloading &
    helpers="$helpers $!"
fi
if [ -t 0 ] && [ -z "${QUIET:-}" ]; then
    exec 3<&0
    while read -r line; do case $line in c) empty_cache && echo "the cache is empty" ;; esac; done <&3 &
    helpers="$helpers $!"
fi
rc=0
wait $server || rc=$?
[ $rc = 0 ] || [ -n "${QUIET:-}" ] || echo "nginx ended. If an address is in use, set PORT or HTTPS_PORT to another number, or HTTPS_PORT=off" >&2
[ -z "$helpers" ] || kill $helpers 2>/dev/null || true
exit $rc
