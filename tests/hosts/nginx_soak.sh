#!/bin/sh
# sh tests/hosts/nginx_soak.sh [REQUESTS] [asan|plain]: nginx with a handler at every trigger, under mixed load (soak.lua): cache hits and misses, edits,
# replaced bodies, generated responses, failures, uploads. asan: module and handler are built with AddressSanitizer and UBSan. Fails if a response has
# another status than its path says, if a log has errors, a worker dies, or memory grows after the first fifth. Needs wrk, nginx-dev, gcc.
set -eu
requests=${1:-200000} kind=${2:-asan}
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top"
dir=$top/build/nginx-soak-$kind
rm -rf "$dir"
mkdir -p "$dir/site"
make -s nginx build/obj/edgefn_host.o
module=build/nginx/ngx_http_edgefn_module.so preload= flags=-O2
if [ "$kind" = asan ]; then
    flags='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined'
    module=$dir/module.so
    src=build/nginx/source
    # shellcheck disable=SC2086
    gcc -std=gnu11 -fPIC -shared $flags -I$src/src/core -I$src/src/event -I$src/src/event/modules -I$src/src/os/unix -I$src/objs -I$src/src/http \
        -I$src/src/http/modules -I$src/src/http/v2 -I. -Iexamples/hosts -o "$module" \
        examples/hosts/nginx/ngx_http_edgefn_module.c $src/objs/ngx_http_edgefn_module_modules.c
    preload="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)"
    export ASAN_OPTIONS="detect_leaks=0:abort_on_error=1:quarantine_size_mb=4:log_path=$dir/asan"
fi
# shellcheck disable=SC2086
gcc -std=c99 -D_DEFAULT_SOURCE $flags -fPIC -fvisibility=hidden -shared -I. -Iexamples/hosts -DTRACE_FILE='"/dev/null"' -o "$dir/handler.so" \
    tests/hosts/proxy_handler.c examples/hosts/edgefn_host.c
case $module in /*) ;; *) module=$top/$module ;; esac

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$dir/origin.conf" <<CONF
events {}
pid $dir/origin.pid;
http {
    access_log off; client_body_temp_path $dir/ob; proxy_temp_path $dir/op; fastcgi_temp_path $dir/of; uwsgi_temp_path $dir/ou; scgi_temp_path $dir/os;
    server {
        listen unix:$dir/origin.sock;
        add_header Cache-Control max-age=1 always;
        location /soak/404/ { return 404 nothing; }
        location / { return 200 "the origin's answer, which is not long\n"; }
    }
}
CONF
# One worker, so that its memory can be compared; a small cache; no cache lock, because waiting requests poll it only twice a second
env HANDLER="$dir/handler.so" MODULE="$module" PORT="$port" ORIGIN="unix:$dir/origin.sock" BODY=on DIR="$dir/edge" LOG="$dir/error.log" ACCESS_LOG="$dir/access.log" \
    QUIET=1 NGINX=true sh examples/hosts/nginx/cloudfront.sh
sed -i 's/worker_processes auto;/worker_processes 1;/; s|max_size=200m|max_size=200m inactive=10s|; s/keys_zone=edge:10m/keys_zone=edge:1m/; /proxy_cache_lock/d' "$dir/edge/nginx.conf"
nginx=$(command -v nginx || echo /usr/sbin/nginx)
"$nginx" -e "$dir/origin.log" -c "$dir/origin.conf" -g 'daemon off;' & origin=$!
LD_PRELOAD=$preload "$nginx" -e "$dir/error.log" -c "$dir/edge/nginx.conf" -g 'daemon off;' & edge=$!
trap 'kill $edge $origin 2>/dev/null || :; wait' EXIT
trap 'exit 1' INT TERM
for _ in $(seq 100); do [ -S "$dir/origin.sock" ] && curl -s -o /dev/null "http://127.0.0.1:$port/soak/200/hit" && break; sleep 0.1; done

memory() { # the worker's private memory in kB: RSS would include the cache's shared memory, which grows
    awk '/^RssAnon/ { print $2 }' "/proc/$(pgrep -P $edge -f 'worker process' | head -1)/status"
}
count() { wc -l <"$dir/access.log"; }
first= worker=$(pgrep -P $edge -f 'worker process' | head -1)
while [ "$(count)" -lt "$requests" ]; do
    wrk -t1 -c16 -d2s -s tests/hosts/soak.lua "http://127.0.0.1:$port" >"$dir/wrk.log"
    now=$(memory)
    [ -n "$first" ] || [ "$(count)" -lt $((requests / 5)) ] || first=$now
    echo "$(count) requests, $now kB"
done
wrong=$(awk -F'"' '{ split($2, r, /[ \/]+/); split($3, s, " "); if (r[2] == "soak" && r[3] != s[1] && s[1] != 499) n[r[3] " " r[4] " got " s[1]]++ } END { for (k in n) print n[k], k }' "$dir/access.log")
statuses=$(awk -F'"' '{ split($3, s, " "); n[s[1]]++ } END { for (k in n) printf "%s: %d  ", k, n[k] }' "$dir/access.log")
# The cache manager logs entries that are in use when it needs room. No entry may still be locked after the last request, because that would be a request
# that never ended.
sleep 12
lines=$(wc -l <"$dir/error.log")
sleep 13
complaints=$(grep -E '\[(alert|crit|emerg)\]' "$dir/error.log" | grep -vE 'ignore long locked inactive cache entry|/cache/.* failed \(2:' || :
    tail -n "+$((lines + 1))" "$dir/error.log" | grep 'ignore long locked' || :)
echo "$(count) requests: $statuses"
bad=0
[ -z "$wrong" ] || { echo "wrong statuses: $wrong"; bad=1; }
[ -z "$complaints" ] || { echo "$complaints" | head -5; bad=1; }
[ "$worker" = "$(pgrep -P $edge -f 'worker process' | head -1)" ] || { echo 'the worker is another'; bad=1; }
for f in "$dir"/asan.*; do [ ! -e "$f" ] || { head -30 "$f"; bad=1; }; done
[ "$now" -le $((first + first / 20 + 1000)) ] || { echo "memory grew from $first to $now kB"; bad=1; }
exit $bad
