#!/bin/sh
# measure.sh - the cost of two functions in nginx: viewer-request picks a variant by cookie (ab_test), viewer-response sets six headers
# (add_security_headers). For comparison: nginx without a module, and the same two functions in njs and in Lua. One worker each, a cached 1 kB picture,
# 16 keep-alive connections of wrk, alternating rounds of SECONDS_EACH. Prints the medians of requests per second and of the worker's processor time per request,
# and the lowest of these times, because what else runs on the machine only adds to it: the last two columns compare these.
#     make nginx-measure [ROUNDS=5] [SECONDS_EACH=3] [REQUEST=small|browser]
# REQUEST=browser has the headers of a browser. Processor time is the worker's, also that of the kernel: compare figures of one run only.
# Needs wrk, Debian's libnginx-mod-http-js and libnginx-mod-http-lua; what is missing is skipped with a message.
set -eu
top=$(cd "$(dirname "$0")/../../.." && pwd)
dir=$top/build/nginx-measure nginx=$(command -v nginx || echo /usr/sbin/nginx) request=${REQUEST:-small}
. "$top/examples/hosts/nginx/measure_lib.sh"
rounds=${ROUNDS:-5} seconds=${SECONDS_EACH:-3}
command -v wrk >/dev/null || { echo 'nginx-measure: wrk is not installed' >&2; exit 1; }
rm -rf "$dir"
mkdir -p "$dir"
head -c 1000 /dev/zero >"$dir/picture"
pids=
trap 'for p in $pids; do kill $p 2>/dev/null || :; done; wait' EXIT
trap 'exit 1' INT TERM

port=${PORT:-18470} names=
for name in plain edgefn edgefn-unchecked njs lua; do
    subject $name || { echo "$name is not installed"; continue; }
    port=$((port + 1)) names="$names $name:$port"
    configure $name "127.0.0.1:$port"
    "$nginx" -p "$dir/$name" -e "$dir/$name/error.log" -c "$dir/$name/nginx.conf" &
    pids="$pids $!"
done
sleep 1

set --
while IFS= read -r line; do set -- "$@" -H "$line"; done <<HEADERS
$(headers "$request")
HEADERS
for n in $names; do curl -s -o /dev/null "$@" "http://127.0.0.1:${n#*:}$url"; done
sleep 1
for n in $names; do # check that each works before it is timed
    curl -si "$@" "http://127.0.0.1:${n#*:}$url" >"$dir/answer"
    works "${n%:*}" "$dir/answer"
done
cpu() { # nanoseconds of NAME's worker
    worker=$(pgrep -P "$(cat "$dir/$1/nginx.pid")" | head -1)
    cut -d ' ' -f 1 "/proc/$worker/schedstat" 2>/dev/null ||
        sed 's/.*) //' "/proc/$worker/stat" | awk -v hz="$(getconf CLK_TCK)" '{ printf "%.0f\n", ($12 + $13) / hz * 1e9 }'
}
round=0
while [ $round -lt "$rounds" ]; do
    for n in $names; do
        before=$(cpu "${n%:*}")
        out=$(wrk -t1 -c16 -d"${seconds}s" "$@" "http://127.0.0.1:${n#*:}$url")
        after=$(cpu "${n%:*}")
        echo "$out" | grep -q 'Non-2xx' && { echo "nginx-measure: ${n%:*}: $out" >&2; exit 1; }
        requests=$(echo "$out" | sed -n 's/ *\([0-9]*\) requests in.*/\1/p')
        echo "${n%:*} $requests $((after - before))" >>"$dir/figures"
    done
    round=$((round + 1))
done
awk -v seconds="$seconds" '
    { if (!($1 in n)) order[++names] = $1; k = ++n[$1]; rate[$1, k] = $2 / seconds; us[$1, k] = $3 / $2 / 1e3 }
    function median(of, name,   i, j, t, v) {
        for (i = 1; i <= n[name]; i++) v[i] = of[name, i]
        for (i = 1; i <= n[name]; i++) for (j = i + 1; j <= n[name]; j++) if (v[j] < v[i]) { t = v[i]; v[i] = v[j]; v[j] = t }
        return v[int((n[name] + 1) / 2)]
    }
    function lowest(of, name,   i, v) {
        v = of[name, 1]
        for (i = 2; i <= n[name]; i++) if (of[name, i] < v) v = of[name, i]
        return v
    }
    END {
        plain = lowest(us, "plain")
        lua = ("lua", 1) in us ? lowest(us, "lua") - plain : 0
        printf "%-18s %12s %22s %10s %14s %10s\n", "", "requests/s", "processor us/request", "lowest", "above plain", "Lua is 1"
        for (i = 1; i <= names; i++) {
            low = lowest(us, order[i])
            printf "%-18s %12.0f %22.2f %10.2f %14.2f %10s\n", order[i], median(rate, order[i]), median(us, order[i]), low, low - plain,
                (lua > 0 ? sprintf("%.2f", (low - plain) / lua) : "-")
        }
    }' "$dir/figures"
