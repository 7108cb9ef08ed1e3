#!/bin/sh
# Tests edgefn events, edgefn run with many events, and edgefn bench. Started in the top directory.
#     DEEP=1 sh tests/test_many.sh     also with a million events, and their time
suite=test_many
. tests/lib.sh

tab=$(printf '\t')
lines() { [ "$(wc -l <"$tmp/out")" -eq "$1" ]; }
fed() { # fed FILE COMMAND...: runs the command with this file as standard input
    fed_from=$1
    shift
    "$@" >"$tmp/out" 2>"$tmp/err" <"$fed_from"
    rc=$?
}
code() { [ "$rc" -eq "$1" ]; }
# value POINTER: prints this value of the first line of output
value() { head -n 1 "$tmp/out" | python3 -c "
import json, sys
at = json.load(sys.stdin)
for name in '$1'.split('.'):
    at = at[int(name) if isinstance(at, list) else name]
print(at)"; }
is() { # is POINTER VALUE
    [ "$(value "$1" 2>/dev/null)" = "$2" ]
}
request=Records.0.cf.request
page=$events/viewer-request-page.json
names='date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end'
# entry NAME=VALUE...: writes a line of a standard log; fields that are not named are "-"
entry() {
    printf '%s\n' "$names" "$@" | awk -v OFS="$tab" '
        NR == 1 { n = split($0, name, " "); next }
        { at = index($0, "="); given[substr($0, 1, at - 1)] = substr($0, at + 1) }
        END { for (i = 1; i <= n; i++) printf "%s%s", name[i] in given ? given[name[i]] : "-", i < n ? OFS : "\n" }'
}
usual() { entry c-ip=192.0.2.7 cs-method=GET 'cs(Host)=d111111abcdef8.cloudfront.net' cs-uri-stem=/a x-host-header=www.example.com sc-status=200 x-edge-request-id=abc== "$@"; }
log() { printf '#Version: 1.0\n#Fields: %s\n' "$names"; }

#--- standard logs -------------------------------------------------------------------------------------------------------

{ log; usual cs-uri-stem=/caf%25C3%25A9%20x cs-uri-query=q=%2520%26b '(none)=x' 'cs(User-Agent)=Mozilla/5.0%2520(X11;%252520Linux)%2525' 'cs(Cookie)=a=1;%20b=%2522' 'cs(Referer)=https://example.com/?%5Bx%5D' x-forwarded-for=203.0.113.9; } >"$tmp/log"
run "$edgefn" events "$tmp/log"
check "standard log" code 0
check "one line an event" lines 1
check "the type" is Records.0.cf.config.eventType viewer-request
check "the distribution" is Records.0.cf.config.distributionDomainName d111111abcdef8.cloudfront.net
check "the request id" is Records.0.cf.config.requestId abc==
check "the address" is $request.clientIp 192.0.2.7
check "a path, decoded once" is $request.uri '/caf%C3%A9 x'
check "a query, decoded once" is $request.querystring 'q=%20&b'
check "Host is what the viewer sent" is $request.headers.host.0.value www.example.com
check "a user agent, decoded to its end" is $request.headers.user-agent.0.value 'Mozilla/5.0 (X11; Linux)%'
check "cookies" is $request.headers.cookie.0.value 'a=1; b=%22'
check "the referer" is $request.headers.referer.0.value 'https://example.com/?[x]'
check "X-Forwarded-For" is $request.headers.x-forwarded-for.0.value 203.0.113.9
check "headers missing in a log are reported" says 'standard logs contain only the headers Host'
check "reported once" [ "$(grep -c note: "$tmp/err")" -eq 1 ]

for type in viewer-request origin-request origin-response viewer-response functions-viewer-request functions-viewer-response; do
    run "$edgefn" events --type "$type" "$tmp/log"
    check "--type $type" code 0
    cp "$tmp/out" "$tmp/event.json"
    run "$edgefn" show "$tmp/event.json"
    check "--type $type can be read" code 0
done
run "$edgefn" events --type functions-viewer-request "$tmp/log"
check "cookies of CloudFront Functions" is request.cookies.b.value '%22'

{ log | tail -n 1; usual; } >"$tmp/log"
run "$edgefn" events "$tmp/log"
check "without the version line" lines 1
usual >"$tmp/log"
printf '2026-01-08\t09:15:04\t' >"$tmp/dated"
cut -f 3- "$tmp/log" >>"$tmp/dated"
run "$edgefn" events "$tmp/dated"
check "without names: AWS's order" is $request.uri /a
printf '#Fields: cs-uri-stem c-ip cs-method\n/x\t2001:db8::1\tPUT\n' >"$tmp/log"
run "$edgefn" events "$tmp/log"
check "other fields, another order" is $request.method PUT
check "no host in the log, none in the event" sh -c "! grep -q host '$tmp/out'"
printf '/x\t2001:db8::1\tPUT\n' >"$tmp/log"
run "$edgefn" events --from standard-log --fields cs-uri-stem,c-ip,cs-method "$tmp/log"
check "--fields" is $request.clientIp 2001:db8::1
{ log; usual; } | sed 's/$/\r/' >"$tmp/log"
run "$edgefn" events "$tmp/log"
check "CR LF" code 0
{ printf '\357\273\277'; log; usual; echo; usual; } >"$tmp/log"
run "$edgefn" events "$tmp/log"
check "a byte order mark and an empty line" lines 2
fed "$tmp/log" "$edgefn" events
check "standard input" lines 2
fed "$tmp/log" "$edgefn" events "$tmp/log" - "$tmp/log"
check "several files" lines 6
run "$edgefn" events "$tmp/log" "$tmp/none" "$tmp/log"
check "a file that is not there" code 1
check "the others are read" lines 4

printf '{"date":"2026-01-08","cs-method":"GET","cs-uri-stem":"/a%%2520b","x-host-header":"www.example.com","c-ip":"192.0.2.7","sc-status":"200","cs(User-Agent)":"caf\\u00e9"}\n' >"$tmp/json"
run "$edgefn" events "$tmp/json"
check "JSON lines" is $request.uri /a%20b
check "JSON lines: escapes" is $request.headers.user-agent.0.value 'café'

#--- invalid input -------------------------------------------------------------------------------------------------------

# skips NAME REGEX: the line in the middle must be reported, the others converted
skips() {
    { log; usual; cat "$tmp/line"; usual; } >"$tmp/log"
    run "$edgefn" events "$tmp/log"
    check "$1: exit code" code 1
    check "$1: the others" lines 2
    check "$1: message" says "^$tmp/log:4: error: $2"
}
printf 'a\tb\n' >"$tmp/line"
skips "missing fields" '2 fields where 33 are named'
usual cs-uri-stem=a >"$tmp/line"
skips "no path" "this makes no event\|the path does not begin"
usual cs-method=- >"$tmp/line"
skips "no method" 'the method is missing'
usual 'cs(Referer)=a%00b' >"$tmp/line"
skips "a NUL" 'a value contains a control character'
usual 'cs(Referer)=a%0D%0AX:%20y' >"$tmp/line"
skips "a line end in a value" 'a value contains a control character'
usual "cs-uri-query=$(head -c 1000000 /dev/zero | tr '\0' a)" >"$tmp/line"
{ log; cat "$tmp/line"; } >"$tmp/log"
run "$edgefn" events "$tmp/log"
check "a line of 1 MB" lines 1
{ usual; head -c 17000000 /dev/zero | tr '\0' a; echo; usual; } >"$tmp/long"
{ log; cat "$tmp/long"; } >"$tmp/log"
run "$edgefn" events "$tmp/log"
check "a line of 17 MB is skipped" says '^.*:4: error: this line is longer than 16 MiB'
check "a line of 17 MB: the others" lines 2
{ log; usual 'cs(Referer)=a%ffb%c3'; } >"$tmp/log"
run "$edgefn" events "$tmp/log"
check "bytes that are not UTF-8" is $request.headers.referer.0.value 'a�b�'
check "bytes that are not UTF-8 are reported" says 'replaced by U+FFFD'
printf '#Fields: date time\nx\ty\n' >"$tmp/log"
run "$edgefn" events "$tmp/log"
check "no method among the fields" says '^.*:1: error: the fields lack cs-method'
{ log; usual; } | gzip >"$tmp/log.gz"
run "$edgefn" events "$tmp/log.gz"
check "compressed" says 'zcat FILE | edgefn events'
check "compressed: nothing is printed" silent
{ log; usual; usual; } | gzip | head -c 200 >"$tmp/cut.gz"
gzip -dc "$tmp/cut.gz" 2>/dev/null >"$tmp/log" || true
run "$edgefn" events "$tmp/log"
check "truncated: no crash" [ "$rc" -le 1 ]
{ log; usual; } | tr '\n' '\r' >"$tmp/cr"
run "$edgefn" events "$tmp/cr"
check "lines that end in CR alone" fails 1 "^$tmp/cr:1: error: these lines end in CR alone: tr"
{ printf '\357\273\277'; log | sed 's/$/\r/'; usual; printf '\r\n'; usual | sed 's/$/\r/'; } >"$tmp/log"
run "$edgefn" events "$tmp/log"
check "a byte order mark and mixed line ends" lines 2
check "a byte order mark and mixed line ends: exit code" code 0
printf '\377\376#\0V\0\n\0' >"$tmp/utf16"
run "$edgefn" events "$tmp/utf16"
check "UTF-16" fails 1 "^$tmp/utf16:1: error: this is UTF-16: iconv"
usage "events: unknown option" events --x
usage "events: unknown format" events --from xml
usage "events: unknown type" events --type viewer
check "events: unknown type: the types are listed" says '^types: viewer-request .* functions-viewer-response$'
run "$edgefn" events --fields cs-method
check "events: fields without a path" fails 2 'the fields lack cs-uri-stem'

#--- real-time logs ------------------------------------------------------------------------------------------------------

printf '1767863704.123\t192.0.2.7\t0.002\t200\t392\tGET\thttps\twww.example.com\t/a%%2520b?x=1\t23\tLAX1\tid==\twww.example.com\t0.001\tHTTP/2.0\tIPv4\tMozilla/5.0%%20x\t-\ta=1\tx=1\tHit\t-\tTLSv1.3\tX\tHit\t-\t-\timage/jpeg\t78\t-\t-\t11040\tHit\tDE\tgzip\t*/*\t*\tHost:www.example.com%%0AX-A:%%20b%%0ACookie:c%%0A\tHost%%0A\t3\t0.1\t0.1\t64500\n' >"$tmp/log"
run "$edgefn" events "$tmp/log"
check "real-time log" is $request.uri /a%20b
check "real-time log: query" is $request.querystring x=1
check "real-time log: cs-headers" is $request.headers.x-a.0.value b
check "real-time log: the cookie's own field" is $request.headers.cookie.0.value a=1
run "$edgefn" events --type functions-viewer-request "$tmp/log"
check "real-time log: country" is request.headers.cloudfront-viewer-country.value DE
printf 'GET\t/a?b=1\t192.0.2.7\n' >"$tmp/log"
run "$edgefn" events --from real-time-log --fields cs-method,cs-uri-stem,c-ip "$tmp/log"
check "real-time log: --fields" is $request.querystring b=1

#--- HAR -----------------------------------------------------------------------------------------------------------------

cat >"$tmp/a.har" <<'HAR'
{ "log": { "version": "1.2", "creator": { "name": "x", "version": "1" }, "entries": [
    { "request": { "method": "GET", "url": "https://www.example.com/p?q=1#part", "httpVersion": "h2",
        "headers": [ { "name": ":authority", "value": "www.example.com" }, { "name": "user-agent", "value": "M\u00fc" },
                     { "name": "cookie", "value": "a=1" }, { "name": "x", "value": "1" }, { "name": "x", "value": "2" } ] },
      "response": { "status": 200, "statusText": "", "headers": [ { "name": "set-cookie", "value": "s=1; Path=/" } ],
                    "content": { "encoding": "base64", "text": "AAAA" } } },
    { "request": { "method": "GET", "url": "data:,x", "headers": [] }, "response": {} },
    { "request": { "method": "POST", "url": "http://www.example.com", "headers": [], "postData": { "text": "a=1" } },
      "response": { "status": 303 } }
] } }
HAR
run "$edgefn" events "$tmp/a.har"
check "HAR: two of three" lines 2
check "HAR: exit code" code 1
check "HAR: the line of a skipped entry" says '^.*a.har:7: error: the URL'
check "HAR: Host" is $request.headers.host.0.value www.example.com
check "HAR: escapes" is $request.headers.user-agent.0.value 'Mü'
check "HAR: a header twice" is $request.headers.x.1.value 2
check "HAR: query" is $request.querystring q=1
check "HAR: no body" sh -c "! grep -q '\"body\"' '$tmp/out'"
run "$edgefn" events --include-body "$tmp/a.har"
check "HAR: --include-body" grep -q '"data":"YT0x"' "$tmp/out"
run "$edgefn" events --type functions-viewer-response "$tmp/a.har"
check "HAR: a response's cookies" is response.cookies.s.attributes Path=/
cat >"$tmp/b.har" <<'HAR'
{ "log": { "entries": [
    { "request": { "method": "POST", "url": "https://u:p@www.example.com:8443/up", "headers": [ { "name": ":path", "value": "/up" } ],
        "postData": { "encoding": "base64", "text": "iVBORw==" } } },
    { "request": { "method": "POST", "url": "https://www.example.com/", "headers": [], "postData": { "encoding": "base64", "text": "!" } } },
    { "request": { "method": "GET", "url": "https://www.example.com/", "headers": [ { "name": "a\r\n", "value": "b" } ] } },
    { "request": { "method": "GET", "url": "https://www.example.com/", "headers": [ { "name": "a", "value": "b\nc" } ] } },
    { "request": null }, 5 ] } }
HAR
run "$edgefn" events --include-body "$tmp/b.har"
check "HAR: what cannot be read is left out" lines 1
check "HAR: what cannot be read: exit code" code 1
check "HAR: a body as base64" is $request.body.data iVBORw==
check "HAR: Host without a user" is $request.headers.host.0.value www.example.com:8443
check "HAR: broken base64" says '^.*b.har:4: error: a body is not valid base64$'
check "HAR: control characters" [ "$(grep -c 'b.har:[56]: error: a header contains a control character$' "$tmp/err")" = 2 ]
printf '{"log":{}}' >"$tmp/b.har"
run "$edgefn" events "$tmp/b.har"
check "HAR without entries" fails 1 'no log.entries'
head -c 300 "$tmp/a.har" >"$tmp/b.har"
run "$edgefn" events "$tmp/b.har"
check "half a HAR file" fails 1 'neither valid JSON'

#--- run: many events ----------------------------------------------------------------------------------------------------

run "$edgefn" run "$handlers/pass.so" "$page" "$page" "$page"
check "run: three files" lines 3
check "run: three files, exit code" code 0
for file in "$events"/*.json; do tr -d '\n' <"$file"; echo; done >"$tmp/lines"
count=$(wc -l <"$tmp/lines")
fed "$tmp/lines" "$edgefn" run "$handlers/pass.so" -
check "run: one event a line" lines "$count"
cp "$tmp/out" "$tmp/expected"
fed "$tmp/lines" "$edgefn" run "$handlers/pass.so" - --jobs 3
check "run: --jobs keeps the order" same "$tmp/out" "$tmp/expected"
fed "$page" "$edgefn" run "$handlers/pass.so" -
cp "$tmp/out" "$tmp/expected"
run "$edgefn" run "$handlers/pass.so" "$page"
check "run: an event over many lines" same "$tmp/out" "$tmp/expected"
head -n 1 "$tmp/lines" >"$tmp/one"
fed "$tmp/one" "$edgefn" run "$handlers/pass.so" -
check "run: one line is one event" lines 1
{ head -n 1 "$tmp/lines"; echo; echo '{"a":1}'; echo '{"a"'; echo; sed -n 2p "$tmp/lines"; } >"$tmp/mixed"
fed "$tmp/mixed" "$edgefn" run "$handlers/pass.so" -
check "run: refused lines, exit code" code 1
check "run: refused lines, the rest" lines 2
check "run: refused lines, where" says '^-:3: error: .*EDGEFN_E_NOT_AN_EVENT'
check "run: refused lines, the other" says '^-:4: error: .*EDGEFN_E_JSON_EOF'
{ echo; head -n 1 "$tmp/lines"; printf '{"a":1}'; } >"$tmp/mixed"
fed "$tmp/mixed" "$edgefn" run "$handlers/pass.so" -
check "run: a last line without an end" says '^-:3: error: '
: >"$tmp/empty"
fed "$tmp/empty" "$edgefn" run "$handlers/pass.so" -
check "run: nothing on standard input" fails 1 '^-:1:1: error: '
run "$edgefn" run "$handlers/pass.so" "$tmp/none" "$page"
check "run: the worst exit code" code 2
check "run: the others are run" lines 1
usage "run: --jobs 0" run "$handlers/pass.so" "$page" --jobs 0
usage "run: --json without --summary" run "$handlers/pass.so" "$page" --json

fed "$tmp/lines" "$edgefn" run "$handlers/redirect_https.so" - --summary
check "summary" code 0
check "summary: all events" prints "^$count events\$"
check "summary: answers by status" prints '301 Moved Permanently: 3'
check "summary: examples" prints '^ *-:[0-9]* GET /'
check "summary: times" prints 'time per event'
fed "$tmp/lines" "$edgefn" run "$handlers/index_pages.so" - --summary
check "summary: what changed" prints 'request.uri changed: [1-9]'
check "summary: examples show the path as it came" prints '^ *-:[0-9]* GET /guides/getting-started/$'
fed "$tmp/lines" "$edgefn" run "$handlers/redirect_https.so" - --summary --jobs 2
check "summary: --jobs counts all" prints "^$count events\$"
fed "$tmp/lines" "$edgefn" run "$handlers/add_security_headers.so" - --summary --json
check "summary: --json" python3 -c "
import json
s = json.load(open('$tmp/out'))
assert s['events'] == $count and s['edited'] > 0
assert any(k['what'] == 'header strict-transport-security added' and k['examples'] for k in s['kinds'])"
fed "$tmp/mixed" "$edgefn" run "$handlers/pass.so" - --summary
check "summary: refused events" prints 'EDGEFN_E_NOT_AN_EVENT: 1'

{ log; usual; usual cs-uri-stem=/old; } >"$tmp/log"
"$edgefn" events "$tmp/log" 2>/dev/null | "$edgefn" run "$handlers/redirect_https.so" - --summary >"$tmp/out" 2>"$tmp/err"
check "a log through a handler" prints '^2 events$'
if there parallel; then
    for i in 1 2 3 4 5 6 7 8 9; do usual cs-uri-stem=/$i; done >"$tmp/many"
    { log; cat "$tmp/many"; } >"$tmp/log"
    "$edgefn" events "$tmp/log" 2>/dev/null >"$tmp/expected"
    parallel --pipe -k -N 2 "$edgefn" events --fields "'$names'" <"$tmp/many" >"$tmp/out" 2>/dev/null
    check "after parallel --pipe" same "$tmp/out" "$tmp/expected"
    parallel --pipe -k --block 2k --header '(#.*\n)*' "$edgefn" events <"$tmp/log" >"$tmp/out" 2>/dev/null
    check "after parallel --pipe --header" same "$tmp/out" "$tmp/expected"
else
    echo "SKIP after parallel --pipe: no parallel"
fi

#--- bench ---------------------------------------------------------------------------------------------------------------

run "$edgefn" bench "$handlers/pass.so" "$page"
check "bench" code 0
for word in parse handler write check total instructions 'arena [0-9]* bytes'; do check "bench prints $word" prints "^ *$word"; done
check "bench: five rows of three figures" [ "$(sed -n '3,7p' "$tmp/out" | awk 'NF == 4 { print $1 }' | tr '\n' ' ')" = 'parse handler write check total ' ]
check "bench: no cost below 0" sh -c "! grep -q ' -[0-9]' '$tmp/out'"
check "bench: what cannot be told from 0 is explained" [ "$(grep -c '~0$\|~0 ' "$tmp/out")" = 0 -o "$(grep -c '^  ~0: ' "$tmp/out")" = 1 ]
run "$edgefn" bench "$handlers/pass.so" "$page" --against "$handlers/redirect_https.so" --json
check "bench --json" python3 -c "
import json
rows = [json.loads(l) for l in open('$tmp/out')]
steps = ('parse', 'handler', 'write', 'check', 'total')
assert all(ns >= 0 for row in rows[:2] for step in steps for ns in row[step].values())
assert all(sum(row[step]['median_ns'] for step in steps[:4]) < 2 * row['total']['median_ns'] for row in rows[:2]) # each step without those before it
assert all(row[step]['p10_ns'] <= row[step]['median_ns'] <= row[step]['p90_ns'] for row in rows[:2] for step in steps)
assert len(rows) == 3 and rows[0]['parse']['median_ns'] > 0 and 0 < rows[2]['ratio']['p10'] <= rows[2]['ratio']['median'] <= rows[2]['ratio']['p90']"
usage "bench without event" bench "$handlers/pass.so"

#--- handlers that crash, wait or fail -------------------------------------------------------------------------------------

cat >"$tmp/bad.c" <<'C'
#include "edgefn.h"
#include <unistd.h>
bool edgefn_handler(edgefn_event *ev)
{
    if (edgefn_str_eq(ev->request.uri, EDGEFN_S("/crash"))) *(volatile int *)0 = 1;
    while (edgefn_str_eq(ev->request.uri, EDGEFN_S("/hang"))) { }
    while (edgefn_str_eq(ev->request.uri, EDGEFN_S("/waits"))) pause();
    if (edgefn_str_eq(ev->request.uri, EDGEFN_S("/refused"))) edgefn_set(&ev->request.headers, EDGEFN_S("via"), EDGEFN_S("x"));
    return !edgefn_str_eq(ev->request.uri, EDGEFN_S("/fails"));
}
C
job "a handler that crashes" ${CC:-cc} -std=c99 -O0 -w -shared -fPIC -fvisibility=hidden -I. -Iexamples/hosts "$tmp/bad.c" build/obj/edgefn_host.o -o "$tmp/bad.so"
"$edgefn" sample viewer-request --uri /waits >"$tmp/waits.json"
"$edgefn" run "$tmp/bad.so" "$tmp/waits.json" --timeout 1 >"$tmp/waits.out" 2>&1 & # checked at the end of this suite
waits=$!
for uri in /a /crash /b /hang /fails /refused /c; do "$edgefn" sample viewer-request --uri $uri; done >"$tmp/bad"
fed "$tmp/bad" "$edgefn" run "$tmp/bad.so" -
check "crash: exit code" code 3
check "crash: the event" says '^-:2: error: the handler crashed: '
check "crash: what came before" lines 1
fed "$tmp/bad" "$edgefn" run "$tmp/bad.so" - --keep-going --timeout 1
check "--keep-going: exit code" code 3
check "--keep-going: the others" lines 3
check "--keep-going: the one that hangs" says '^-:4: error: the handler took more than 1 seconds'
check "--keep-going: the one that fails" says '^-:5: error: .*EDGEFN_E_HANDLER'
fed "$tmp/bad" "$edgefn" run "$tmp/bad.so" - --keep-going --timeout 1 --summary
check "summary: refused by rule" prints 'header.read-only.added: 1'
check "summary: crashes" prints 'the handler crashed: .*: 1'
check "summary: forwarded" prints '^ *3  forwarded unchanged'
sed -n 2p "$tmp/bad" >"$tmp/crash.json"
run "$edgefn" run "$tmp/bad.so" "$tmp/crash.json"
check "one event that crashes" fails 3 "^$tmp/crash.json: error: the handler crashed: "
run "$edgefn" bench "$tmp/bad.so" "$tmp/crash.json.none"
check "bench: no such event" code 2
sed -n 5p "$tmp/bad" >"$tmp/fails.json"
if there script; then
    script -qec "$edgefn run $tmp/bad.so $tmp/fails.json $tmp/fails.json" /dev/null >"$tmp/out" 2>/dev/null </dev/null
    check "a handler that returns false, on a terminal: a hint, once" [ "$(grep -c '^edgefn: the handler returned false' "$tmp/out")" = 1 ]
fi
run "$edgefn" run "$tmp/bad.so" "$tmp/fails.json"
check "a handler that returns false, on other lines: no error" [ "$(wc -l <"$tmp/err")" = 2 ]
run "$edgefn" bench "$tmp/bad.so" "$tmp/fails.json"
check "bench: a handler that fails" fails 3 'EDGEFN_E_HANDLER'

wait $waits
rc=$?
cp "$tmp/waits.out" "$tmp/err"
: >"$tmp/out"
check "a handler that waits" fails 3 "^$tmp/waits.json: error: the handler took more than 1 seconds$"

#--- a million events ----------------------------------------------------------------------------------------------------

if [ -n "${DEEP:-}" ]; then
    { log; usual 'cs(User-Agent)=Mozilla/5.0%20(X11;%20Linux)'; } >"$tmp/log"
    usual >"$tmp/line"
    awk '{ for (i = 0; i < 1000000; i++) print }' "$tmp/line" >>"$tmp/log"
    "$edgefn" events "$tmp/log" 2>/dev/null | "$edgefn" run "$handlers/pass.so" - --summary >"$tmp/out" 2>"$tmp/err"
    check "a million lines of a log" prints '^1000001 events$'
fi
end
