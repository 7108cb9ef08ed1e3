#!/bin/sh
# instructions.sh - the instructions that the two functions of measure.sh cost a request in nginx, counted by valgrind's callgrind: hardly any noise, but
# without what the kernel does.
#     sh examples/hosts/nginx/instructions.sh            those above nginx without a module, of edgefn and of Lua, for a small request and that of a
#                                                        browser: the difference between 3N and N requests, divided by 2N. Half a minute
#     sh examples/hosts/nginx/instructions.sh --check    those inside of the module: the request's phase and the triggers of the response. Fails if they
#                                                        are over 2 % more than budget.tsv says and gcc and nginx have the versions in that file; with
#                                                        others it only prints the comparison. Two seconds
#     sh examples/hosts/nginx/instructions.sh --write    rewrites budget.tsv
# Needs valgrind and python3; for Lua libnginx-mod-http-lua.
set -eu
top=$(cd "$(dirname "$0")/../../.." && pwd)
dir=${INSTRUCTIONS_DIR:-$top/build/nginx-instructions} nginx=$(command -v nginx || echo /usr/sbin/nginx) n=${REQUESTS:-250}
. "$top/examples/hosts/nginx/measure_lib.sh"
for tool in valgrind python3; do
    command -v $tool >/dev/null || { echo "SKIP the instructions of nginx: $tool is not installed"; exit 0; }
done
rm -rf "$dir"
mkdir -p "$dir"
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || :; wait' EXIT
trap 'exit 1' INT TERM

cat >"$dir/client.py" <<'END_OF_CLIENT'
# client.py SOCKET URL HEADERS COUNT ANSWER - requests over one connection, one after the other; waits for the server to start
import socket, sys, time
path, url, headers, count, answer = sys.argv[1:]
lines = [line for line in open(headers).read().split('\n') if line]
request = '\r\n'.join(['GET %s HTTP/1.1' % url, 'Host: www.example.com'] + lines + ['', '']).encode()
for attempt in range(600):
    try:
        s = socket.socket(socket.AF_UNIX)
        s.connect(path)
        break
    except OSError:
        time.sleep(0.05)
data = b''
for i in range(int(count)):
    s.sendall(request)
    while b'\r\n\r\n' not in data:
        data += s.recv(65536)
    head, _, data = data.partition(b'\r\n\r\n')
    if not head.startswith(b'HTTP/1.1 200'):
        sys.exit(head.decode())
    while len(data) < 1000:
        data += s.recv(65536)
    data = data[1000:]
open(answer, 'wb').write(head + b'\r\n')
END_OF_CLIENT

count() { # NAME small|browser REQUESTS [OPTION...]: prints the instructions of the process, or those that options of callgrind select
    name=$1 request=$2 requests=$3
    shift 3
    at=$dir/$name
    rm -rf "${at:?}"
    subject "$name"
    configure "$name" "unix:$at/viewer.sock" 'master_process off;'
    headers "$request" >"$dir/headers"
    valgrind --tool=callgrind --callgrind-out-file="$at.callgrind" "$@" "$nginx" -p "$at" -e "$at/error.log" -c "$at/nginx.conf" >"$at.log" 2>&1 &
    pid=$!
    python3 "$dir/client.py" "$at/viewer.sock" $url "$dir/headers" "$requests" "$dir/answer" || { cat "$at.log" "$at/error.log" >&2; exit 1; }
    works "$name" "$dir/answer"
    kill "$pid"
    wait "$pid" || :
    pid=
    sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$at.log"
}
inside() { # small|browser: prints the instructions of a request inside of the module
    echo $(($(count edgefn "$1" 100 --collect-atstart=no --toggle-collect=edge_rewrite_handler --toggle-collect=edge_respond) / 100))
}
each() { # NAME small|browser: prints the instructions of a request
    one=$(count "$1" "$2" "$n")
    three=$(count "$1" "$2" $((3 * n)))
    echo $(((three - one) / (2 * n)))
}

file=$top/examples/hosts/nginx/budget.tsv
gcc=$(${CC:-cc} -dumpfullversion 2>/dev/null || echo another) version=$("$nginx" -v 2>&1 | sed 's|.*/||; s| .*||')
case ${1:-} in
--check | --write)
    for request in small browser; do
        printf '%s\t%s\n' $request "$(inside $request)"
    done >"$dir/counts"
    if [ "$1" = --write ]; then
        { printf '# instructions of a request inside of the module: request, count; written by instructions.sh --write\ngcc\t%s\nnginx\t%s\n' "$gcc" "$version"
          cat "$dir/counts"; } >"$file"
        cat "$file"
        exit
    fi
    awk -F '\t' -v gcc="$gcc" -v nginx="$version" -v file="$file" '
        BEGIN { while ((getline line < file) > 0) { split(line, f, "\t"); budget[f[1]] = f[2] } }
        {
            if ($2 < 1000) { print $1 ": hardly anything was counted: " $2; bad = 1; next }
            if (!($1 in budget)) { print file ": no row for " $1; bad = 1; next }
            more = ($2 / budget[$1] - 1) * 100
            printf "%-8s %6d instructions, budget %6d, %+.1f %%\n", $1, $2, budget[$1], more
            if (budget["gcc"] != gcc || budget["nginx"] != nginx) {
                print "    counted with gcc " gcc " and nginx " nginx ", the budget with " budget["gcc"] " and " budget["nginx"] ": only a comparison"
            } else if (more > 2) { print "    above the budget: make it cheaper, or run instructions.sh --write and explain why in the commit"; bad = 1 }
        }
        END { exit bad || NR != 2 }' "$dir/counts"
    exit ;;
esac
printf '%-8s %10s %20s %20s %12s\n' request plain 'edgefn above plain' 'Lua above plain' 'edgefn/Lua'
for request in small browser; do
    plain=$(each plain $request)
    edgefn=$(($(each edgefn $request) - plain))
    if subject lua; then
        lua=$(($(each lua $request) - plain))
        printf '%-8s %10d %20d %20d %12s\n' $request "$plain" $edgefn $lua "$(awk "BEGIN { printf \"%.2f\", $edgefn / $lua }")"
    else
        printf '%-8s %10d %20d %20s %12s\n' $request "$plain" $edgefn 'not installed' -
    fi
done
