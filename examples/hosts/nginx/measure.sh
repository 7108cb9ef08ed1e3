#!/bin/sh
# measure.sh - the cost of two functions in nginx: viewer-request picks a variant by cookie (ab_test), viewer-response sets six headers
# (add_security_headers). For comparison: nginx without a module, and the same two functions in njs and in Lua. One worker each, a cached 1 kB picture,
# 16 keep-alive connections of wrk, alternating rounds of SECONDS_EACH. Prints the medians of requests per second and of the worker's processor time per request.
#     make nginx-measure [ROUNDS=5] [SECONDS_EACH=3]
# Needs wrk, Debian's libnginx-mod-http-js and libnginx-mod-http-lua; what is missing is skipped with a message.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
dir=$top/build/nginx-measure nginx=$(command -v nginx || echo /usr/sbin/nginx) modules=${MODULES:-/usr/lib/nginx/modules}
rounds=${ROUNDS:-5} seconds=${SECONDS_EACH:-3}
command -v wrk >/dev/null || { echo 'nginx-measure: wrk is not installed' >&2; exit 1; }
rm -rf "$dir"
mkdir -p "$dir"
head -c 1000 /dev/zero >"$dir/picture"
pids=
trap 'for p in $pids; do kill $p 2>/dev/null || :; done; wait' EXIT
trap 'exit 1' INT TERM

start() { # NAME LOAD_MODULE HTTP LOCATION
    mkdir -p "$dir/$1"
    cat >"$dir/$1/nginx.conf" <<CONF
$2
worker_processes 1;
pid $dir/$1/nginx.pid;
error_log $dir/$1/error.log;
events {}
http {
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path $dir/$1/body; proxy_temp_path $dir/$1/proxy; fastcgi_temp_path $dir/$1/f; uwsgi_temp_path $dir/$1/u; scgi_temp_path $dir/$1/s;
    proxy_cache_path $dir/$1/cache keys_zone=edge:10m;
    $3
    server {
        listen unix:$dir/$1/viewer.sock;
        listen 127.0.0.1:$4;
        location / { proxy_pass http://unix:$dir/$1/origin.sock; proxy_cache edge; proxy_cache_valid 200 1h; proxy_cache_key \$uri; $5 }
    }
    server { listen unix:$dir/$1/origin.sock; location / { root $dir; try_files /picture =404; default_type image/jpeg; } }
}
CONF
    "$nginx" -p "$dir/$1" -e "$dir/$1/error.log" -c "$dir/$1/nginx.conf" -g 'daemon off;' &
    pids="$pids $!"
}
port=${PORT:-18470} names=
add() { # NAME LOAD_MODULE HTTP LOCATION
    port=$((port + 1)) names="$names $1:$port"
    start "$1" "$2" "$3" $port "$4"
}
h=$top/build/handlers
add plain '' '' ''
add edgefn "load_module $top/build/nginx/ngx_http_edgefn_module.so;" '' \
    "edge_viewer_request $h/ab_test.so; edge_viewer_response $h/add_security_headers.so;"
add edgefn-unchecked "load_module $top/build/nginx/ngx_http_edgefn_module.so;" '' \
    "edge_viewer_request $h/ab_test.so; edge_viewer_response $h/add_security_headers.so; edge_check off;"
if [ -e "$modules/ngx_http_js_module.so" ]; then
    add njs "load_module $modules/ngx_http_js_module.so;" "js_path $here/; js_import measure.js; js_set \$to measure.uri;" \
        'rewrite ^ $to break; js_header_filter measure.headers;'
else echo 'njs is not installed'; fi
if [ -e "$modules/ngx_http_lua_module.so" ]; then
    add lua "load_module $modules/ndk_http_module.so; load_module $modules/ngx_http_lua_module.so;" \
        "lua_package_path '$here/?.lua;;';" "rewrite_by_lua_block { require('measure').uri() } header_filter_by_lua_block { require('measure').headers() }"
else echo 'the Lua module is not installed'; fi
sleep 1

url=/experiment-pixel.jpg
cookie='Cookie: theme=dark; X-Experiment-Name=B; session=0123456789abcdef'
for n in $names; do curl -s -o /dev/null -H "$cookie" "http://127.0.0.1:${n#*:}$url"; done
sleep 1
for n in $names; do # check that each works before it is timed
    got=$(curl -si -H "$cookie" "http://127.0.0.1:${n#*:}$url" | tr -d '\r')
    cached=$(find "$dir/${n%:*}/cache" -type f -exec head -c 400 {} + | tr -d '\0' | grep -a -o 'KEY: .*' || :)
    case ${n%:*} in
    plain) ;;
    *) echo "$got" | grep -q '^X-Frame-Options: DENY$' && [ "$cached" = 'KEY: /experiment-group/treatment-pixel.jpg' ] ||
        { echo "nginx-measure: ${n%:*} does not do what it should: $cached" >&2; exit 1; } ;;
    esac
done
cpu() { # jiffies of NAME's worker
    set -- $(sed 's/.*) //' "/proc/$(pgrep -P "$(cat "$dir/$1/nginx.pid")" | head -1)/stat")
    echo $((${12} + ${13}))
}
round=0
while [ $round -lt "$rounds" ]; do
    for n in $names; do
        before=$(cpu "${n%:*}")
        out=$(wrk -t1 -c16 -d"${seconds}s" -H "$cookie" "http://127.0.0.1:${n#*:}$url")
        after=$(cpu "${n%:*}")
        echo "$out" | grep -q 'Non-2xx' && { echo "nginx-measure: ${n%:*}: $out" >&2; exit 1; }
        requests=$(echo "$out" | sed -n 's/ *\([0-9]*\) requests in.*/\1/p')
        echo "${n%:*} $requests $((after - before))" >>"$dir/figures"
    done
    round=$((round + 1))
done
awk -v hz="$(getconf CLK_TCK)" -v seconds="$seconds" '
    { if (!($1 in n)) order[++names] = $1; k = ++n[$1]; rate[$1, k] = $2 / seconds; us[$1, k] = $3 / hz / $2 * 1e6 }
    function median(of, name,   i, j, t, v) {
        for (i = 1; i <= n[name]; i++) v[i] = of[name, i]
        for (i = 1; i <= n[name]; i++) for (j = i + 1; j <= n[name]; j++) if (v[j] < v[i]) { t = v[i]; v[i] = v[j]; v[j] = t }
        return v[int((n[name] + 1) / 2)]
    }
    END {
        plain = median(us, "plain")
        printf "%-18s %12s %22s %14s\n", "", "requests/s", "processor us/request", "above plain"
        for (i = 1; i <= names; i++) printf "%-18s %12.0f %22.2f %14.2f\n", order[i], median(rate, order[i]), median(us, order[i]), median(us, order[i]) - plain
    }' "$dir/figures"
