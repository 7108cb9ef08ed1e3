#!/bin/sh
# Tests edgefn check, rules and convert, and the messages of edgefn run for refused results. Started in the top directory.
#     sh tests/test_check_cli.sh             prints what failed and the number of checks
suite=test_check_cli
. tests/lib.sh
tab=$(printf '\t')

lambda='{"Records":[{"cf":{"config":{"eventType":"viewer-request"},"request":'
functions='{"version":"1.0","context":{"eventType":"viewer-request"},"viewer":{"ip":"192.0.2.1"},"request":'
printf '%s%s}}]}' "$lambda" '{"method":"GET","uri":"/","headers":{"host":[{"key":"Host","value":"h"}]}}' >"$tmp/l.json"
printf '%s%s}' "$functions" '{"method":"GET","uri":"/","headers":{"host":{"value":"h"}}}' >"$tmp/f.json"

#--- check --------------------------------------------------------------------------------------------------------------

# checked NAME EXIT RESULT [LINE...]: edgefn check, for the event $for, must print exactly these lines
for=$tmp/l.json
checked() {
    name=$1 code=$2
    printf '%s' "$3" >"$tmp/r.json"
    shift 3
    run "$edgefn" check "$for" "$tmp/r.json"
    check "check, $name: exit" exits "$code"
    check "check, $name: $# lines" [ "$(wc -l <"$tmp/out")" -eq $# ]
    for line in "$@"; do check "check, $name: $line" has_line "$line"; done
}

readonly_says='The Lambda function result failed validation: The function tried to add, delete, or change a read-only header.'
checked "passed on" 0 '{"method":"GET","uri":"/","headers":{"host":[{"key":"Host","value":"h"}]}}'
checked "an answer" 0 '{"status":"403"}'
checked "two findings" 1 '{"method":"PUT","uri":"/","headers":{"host":[{"key":"Host","value":"i"}]}}' \
    "method.changed${tab}method${tab}-${tab}refused${tab}10" "header.read-only.changed${tab}host${tab}$readonly_says${tab}refused${tab}37"
checked "doubtful only" 0 '{"status":200}' "status.number${tab}status${tab}-${tab}doubtful${tab}10"
checked "not JSON" 4 '{"status":' "result.json${tab}-${tab}The Lambda function returned invalid JSON: The JSON output is not parsable.${tab}refused${tab}10"
checked "empty" 4 '' "result.json${tab}-${tab}The Lambda function returned invalid JSON: The JSON output is not parsable.${tab}refused${tab}0"
for what in null '[]' '"x"' 1; do
    checked "$what" 4 "$what" "result.object${tab}-${tab}The Lambda function returned invalid JSON: The JSON output must be an object type.${tab}refused${tab}0"
done
checked "control characters" 1 '{"status":"302","headers":{"x\t\u001b[31m":[{"value":"1"}]}}' "header.name${tab}x\\t\\x1b[31m${tab}-${tab}refused${tab}27"

# the rules of CloudFront Functions: "-" if the text of CloudFront's message is not known
for=$tmp/f.json
checked "functions, passed on" 0 '{"method":"GET","uri":"/","headers":{"host":{"value":"h"}}}'
checked "functions, not JSON" 4 '{' "functions.result.json${tab}-${tab}-${tab}refused${tab}1"
checked "functions, not an object" 4 '[]' "functions.result.object${tab}-${tab}-${tab}refused${tab}0"
checked "functions, uri" 1 '{"method":"GET","uri":"x","headers":{"host":{"value":"h"}}}' \
    "functions.uri.start${tab}uri${tab}-${tab}refused${tab}22"
checked "functions, characters" 1 '{"method":"GET","uri":"/ ","headers":{"host":{"value":"h"}}}' \
    "functions.uri.characters${tab}uri${tab}-${tab}refused${tab}22"
checked "functions, body" 1 '{"statusCode":200,"body":1}' "functions.body.type${tab}body${tab}-${tab}refused${tab}25"
checked "functions, value" 1 '{"statusCode":200,"headers":{"a":{"value":"\n"}}}' \
    "functions.header.value${tab}a${tab}-${tab}refused${tab}42"
checked "functions, wrapped" 0 '{"response":{"statusCode":200}}' \
    "functions.result.wrapped${tab}response${tab}-${tab}doubtful${tab}0"
checked "functions, test-function" 1 '{"TestResult":{"FunctionOutput":"{\"response\":{\"statusCode\":600}}"}}' \
    "functions.result.wrapped${tab}FunctionOutput${tab}-${tab}doubtful${tab}0" \
    "status.range${tab}statusCode${tab}-${tab}refused${tab}63"
checked "functions, a failed test-function" 4 '{"TestResult":{"FunctionOutput":""}}' \
    "functions.result.wrapped${tab}FunctionOutput${tab}-${tab}doubtful${tab}0" \
    "functions.result.object${tab}-${tab}-${tab}refused${tab}32"
for=$tmp/l.json

# shape WHOSE EVENT RESULT MEMBER: refused as a result of another format, whose name is on stderr; one line each
shape() {
    printf '%s' "$3" >"$tmp/r.json"
    printf 'edgefn: this is %s\n' "$1" >"$tmp/want"
    run "$edgefn" check "$tmp/$2.json" "$tmp/r.json"
    check "check, shape, $3: exit" [ "$rc" -eq 1 ]
    check "check, shape, $3: $1" same "$tmp/want" "$tmp/err"
    printf 'result.shape\t%s\t-\trefused\t0\n' "$4" >"$tmp/want"
    check "check, shape, $3: $4" same "$tmp/want" "$tmp/out"
}
shape "an API Gateway answer" l '{"statusCode":200,"isBase64Encoded":true,"multiValueHeaders":{}}' isBase64Encoded
shape "an API Gateway answer" l '{"statusCode":200,"multiValueHeaders":{}}' multiValueHeaders
shape "an API Gateway answer" l '{"statusCode":200,"headers":{"a":"1"},"body":"x"}' headers
shape "a CloudFront Functions answer" l '{"statusCode":200,"headers":{"a":{"value":"1"}}}' value
shape "a CloudFront Functions answer" l '{"statusCode":200,"cookies":{}}' cookies
shape "a CloudFront Functions answer" l '{"statusCode":200,"body":{"data":""}}' body
shape "a CloudFront Functions or an API Gateway answer" l '{"statusCode":200}' statusCode
shape "a CloudFront Functions request" l \
    '{"method":"GET","uri":"/","querystring":{},"headers":{"host":{"value":"h"}},"cookies":{}}' uri
shape "a Lambda@Edge answer" f '{"status":"200"}' status
shape "a Lambda@Edge request" f \
    '{"clientIp":"192.0.2.1","method":"GET","uri":"/","querystring":"","headers":{"host":[{"value":"h"}]}}' uri

# foreign WHAT EVENT RESULT: the format is named, whatever the findings are
foreign() {
    printf '%s' "$3" >"$tmp/r.json"
    run "$edgefn" check "$tmp/$2.json" "$tmp/r.json"
    check "check, foreign, $3" [ "$(cat "$tmp/err")" = "edgefn: this is $1" ]
}
foreign "an API Gateway answer" f '{"statusCode":200,"headers":{"content-type":"text/html"},"body":"x"}'
foreign "an API Gateway answer" f '{"statusCode":200,"isBase64Encoded":true}'
foreign "the output of AWS's test-function, which runs CloudFront Functions: the event is Lambda@Edge's" l \
    '{"TestResult":{"FunctionOutput":"{\"request\":{\"uri\":\"/\"}}"}}'
foreign "Lambda's report of a failed function" l '{"errorType":"x","errorMessage":"y"}'
foreign "the output of aws lambda invoke: the result is in the file that it wrote" l '{"StatusCode":200,"ExecutedVersion":"1"}'

printf '{"response":{"status":"200"}}' >"$tmp/r.json"
"$edgefn" check "$tmp/f.json" "$tmp/r.json" >"$tmp/out" 2>&1
rc=$?
check "check, shape inside: the format comes first" [ "$(head -n 1 "$tmp/out")" = "edgefn: this is a Lambda@Edge answer" ]
check "check, shape inside: then both findings" [ "$(wc -l <"$tmp/out")" -eq 3 ]

printf '{"method":"PUT","uri":"/","headers":{"host":[{"key":"Host","value":"h"}]}}' >"$tmp/r.json"
for pair in "$tmp/l.json -" "- $tmp/r.json"; do
    case $pair in -*) from=$tmp/l.json ;; *) from=$tmp/r.json ;; esac
    "$edgefn" check $pair >"$tmp/out" 2>"$tmp/err" <"$from"
    rc=$?
    check "check $pair: exit" exits 1
    check "check $pair: line" has_line "method.changed${tab}method${tab}-${tab}refused${tab}10"
done
printf '{"Records":[]}' >"$tmp/bad.json"
run "$edgefn" check "$tmp/bad.json" "$tmp/r.json"
check "check, not an event" fails 4 "^$tmp/bad.json:1:1: error: .*(EDGEFN_E_NOT_AN_EVENT)\$"
run "$edgefn" check "$tmp/none.json" "$tmp/r.json"
check "check, no such event" fails 2 "none.json"
run "$edgefn" check "$tmp/l.json" "$tmp/none.json"
check "check, no such result" fails 2 "none.json"
usage "check" check
usage "check, one file" check "$tmp/l.json"
usage "check, three files" check "$tmp/l.json" "$tmp/r.json" "$tmp/r.json"
usage "check - -" check - -
usage "check, unknown option" check "$tmp/l.json" "$tmp/r.json" --strict
usage "check --json=x" check "$tmp/l.json" "$tmp/r.json" --json=x

# json PROGRAM: the output is JSON, and this Python expression is true for it
if command -v python3 >/dev/null 2>&1; then
    json() { python3 -c "import json,sys; x = json.load(open('$tmp/out')); sys.exit(0 if ($1) else 1)"; }
    run "$edgefn" check "$tmp/l.json" "$tmp/r.json" --json
    check "check --json: exit" exits 1
    check "check --json: one finding" json 'len(x) == 1'
    check "check --json: members" json 'set(x[0]) == {"rule", "verdict", "confidence", "status", "events", "text", "says", "source", "subject", "offset", "line", "column", "limit", "actual"}'
    check "check --json: values" json 'x[0]["rule"] == "method.changed" and x[0]["verdict"] == "refused" and x[0]["confidence"] == "inferred" and x[0]["status"] == 502
        and x[0]["says"] is None and x[0]["subject"] == "method" and (x[0]["offset"], x[0]["line"], x[0]["column"]) == (10, 1, 11)'
    printf '{"status":\n "600","headers":{"location":[{"value":"/\\r"}]}}' >"$tmp/r.json"
    run "$edgefn" check --json "$tmp/l.json" "$tmp/r.json"
    check "check --json: numbers" json '[(f["limit"], f["actual"], f["line"], f["column"]) for f in x if f["rule"] == "status.range"] == [(599, 600, 2, 2)]'
    check "check --json: sentence" json '[f["says"] for f in x if f["rule"] == "header.value"] == ["Lambda function result validation failed, the function returned an invalid header, invalid character : '"'%0D'"' in header value, headerName : location."]'
    printf '{"status":"200"}' >"$tmp/r.json"
    run "$edgefn" check --json "$tmp/l.json" "$tmp/r.json"
    check "check --json: nothing" json 'x == []'
    printf 'null' >"$tmp/r.json"
    run "$edgefn" check --json "$tmp/l.json" "$tmp/r.json"
    check "check --json: no object" json 'x[0]["rule"] == "result.object" and x[0]["subject"] is None'
    check "check --json: no object, exit" exits 4
    run "$edgefn" rules --json
    check "rules --json: exit" exits 0
    check "rules --json: many" json 'len(x) > 60 and len({r["rule"] for r in x}) == len(x)'
    check "rules --json: members" json 'all(set(r) == {"rule", "verdict", "confidence", "status", "events", "text", "says", "source"} for r in x)'
    cp "$tmp/out" "$tmp/rules.json"
    run "$edgefn" rules
    check "rules: exit" exits 0
    awk '{ print $1 }' "$tmp/out" >"$tmp/ids"
    while read -r id; do
        check "check on a terminal prints advice for $id" \
            grep -q "\"${id#functions.}\",\|\"$id\"," examples/hosts/cli/advice.c
    done <"$tmp/ids"
    check "rules: as many" [ "$(wc -l <"$tmp/out")" -eq "$(grep -c '"rule"' "$tmp/rules.json")" ]
    check "rules: a line" grep -q '^header\.read-only\.changed  *documented  *[a-zA-Z]' "$tmp/out"
    check "rules: aligned" [ "$(cut -c 1-200 "$tmp/out" | awk '{ print match($0, / (documented|reported|inferred|doubtful) /) }' | sort -u | wc -l)" -eq 1 ]
else
    echo "SKIP --json: no python3"
fi
start=$(date +%s)
awk 'BEGIN { printf "{\"method\":\"GET\",\"uri\":\"/\",\"headers\":{"; for (i = 0; i < 100000; i++) printf "%s\n\"x-edge-%d\":[{\"value\":\"%d\\n\"}]", i ? "," : "", i, i; print "}}" }' >"$tmp/many.json"
for option in --json --; do
    run "$edgefn" check $option "$tmp/l.json" "$tmp/many.json"
    check "check $option, 200,001 findings" [ "$(wc -l <"$tmp/out")" -eq 200001 ]
done
check "check, 200,001 findings: seconds" [ $(($(date +%s) - start)) -lt 20 ]
usage "rules FILE" rules "$tmp/l.json"
usage "rules, unknown option" rules --xml

if command -v script >/dev/null 2>&1; then
    esc=$(printf '\033')
    printf '{"method":"GET",\n "uri":"/\303\274 x","headers":{"host":[{"key":"Host","value":"h"}]}}' >"$tmp/r.json"
    tty() { script -q -e -c "$1" /dev/null </dev/null 2>"$tmp/err" | tr -d '\r' >"$tmp/out"; rc=0; }
    tty "NO_COLOR=1 $edgefn check $tmp/l.json $tmp/r.json"
    check "check on a terminal: place" grep -q "^$tmp/r.json:2:8: refused: .* (uri.characters)\$" "$tmp/out"
    awk '/^     "uri"/ { line = $0; getline; print index(line, ":") + 1 == index($0, "^") ? "good" : "bad" }' "$tmp/out" >"$tmp/caret"
    check "check on a terminal: caret" grep -q -x good "$tmp/caret"
    check "check on a terminal: no colour" [ "$(grep -c "$esc" "$tmp/out")" -eq 0 ]
    tty "$edgefn check $tmp/l.json $tmp/r.json"
    check "check on a terminal: colour" grep -q "$esc\[31m^" "$tmp/out"
    tty "$edgefn check $tmp/l.json $tmp/r.json 2>/dev/null"
    check "check on a terminal: everything is on standard output" prints "^$tmp/r.json:2:8: "
    tty "$edgefn check $tmp/l.json $tmp/r.json | cat"
    check "check in a pipe, stderr a terminal: the line only" [ "$(wc -l <"$tmp/out")" -eq 1 ]
    tty "$edgefn check $tmp/l.json $tmp/r.json --json"
    check "check --json on a terminal: JSON" prints '^\[{"rule":"uri.characters"'
    printf '{"method":"PUT","uri":"/","headers":{"host":[{"key":"Host","value":"i"}]}}' >"$tmp/r.json"
    tty "NO_COLOR=1 $edgefn check $tmp/l.json $tmp/r.json"
    check "check on a terminal, no words of CloudFront's: the rule's own" \
        has_line "$tmp/r.json:1:11: refused: method: method is read-only (method.changed)"
    check "check on a terminal: no words of CloudFront's there" [ "$(grep -c 'CloudFront says' "$tmp/out")" -eq 1 ]
    check "check on a terminal: CloudFront's words" has_line "    CloudFront says: $readonly_says"
    check "check on a terminal: what to do" has_line "    what to do: leave method unchanged"
    check "check on a terminal: the conclusion" has_line "$tmp/r.json: CloudFront would answer with status 502 instead: 2 refused"
    printf '{"status":200}' >"$tmp/r.json"
    tty "NO_COLOR=1 $edgefn check $tmp/l.json $tmp/r.json"
    check "check on a terminal: doubtful only" has_line "$tmp/r.json: CloudFront would accept it, 1 doubtful"
    printf '{"status":"200"}' >"$tmp/r.json"
    tty "$edgefn check $tmp/l.json $tmp/r.json"
    check "check on a terminal: nothing found" has_line "$tmp/r.json: CloudFront would accept it"
    printf '{"statusCode":200,"isBase64Encoded":true}' >"$tmp/r.json"
    tty "$edgefn check $tmp/l.json $tmp/r.json 2>/dev/null"
    check "check on a terminal: the format comes first" [ "$(head -n 1 "$tmp/out")" = "edgefn: this is an API Gateway answer" ]
    printf '{"method":"PUT","uri":"/","headers":{"host":[{"key":"Host","value":"h"}]}}' >"$tmp/r.json"
    run "$edgefn" check "$tmp/l.json" "$tmp/r.json"
    check "check elsewhere, no words of CloudFront's: a dash" \
        has_line "method.changed${tab}method${tab}-${tab}refused${tab}10"
else
    echo "SKIP check on a terminal: no script(1)"
fi

#--- every sample event as its own result, and the results of recipes ----------------------------------------------------

# pass_of FILE: the bytes of the request or response, as an unchanged result
pass_of() { "$edgefn" run "$handlers/pass.so" "$1" >"$tmp/member" 2>/dev/null; }
for event in "$events"/*.json; do
    pass_of "$event"
    run "$edgefn" check "$event" "$tmp/member"
    check "check ${event##*/}, passed on" exits 0
    check "check ${event##*/}, passed on: nothing" [ ! -s "$tmp/out" ]
    run "$edgefn" check "$event" "$event"
    check "check ${event##*/}, returned whole" exits 1
    check "check ${event##*/}, returned whole: rule" grep -q "^result.whole-event$tab" "$tmp/out"
    for so in "$handlers"/*.so; do
        "$edgefn" run "$so" "$event" --now 1700000000 --random 0.5 >"$tmp/result" 2>"$tmp/why"
        code=$?
        if [ $code = 0 ]; then
            run "$edgefn" check "$event" "$tmp/result"
            check "${so##*/}, ${event##*/}: nothing is refused" exits 0
        elif [ $code = 3 ]; then check "${so##*/}, ${event##*/}: not for reasons of policy" sh -c '! grep -q "EDGEFN_E_CHECK" "$1"' sh "$tmp/why"
        fi
    done
done

#--- run: results that CloudFront would refuse -----------------------------------------------------------------------------

cat >"$tmp/bad.c" <<'C'
#include "edgefn.h"
bool edgefn_handler(edgefn_event *ev)
{
    edgefn_fields *h = edgefn_is_request(ev) ? &ev->request.headers : &ev->response.headers;
    return edgefn_set(h, EDGEFN_S("via"), EDGEFN_S("me")) && edgefn_set(h, EDGEFN_S("x-edge-a"), EDGEFN_S("1"));
}
C
if ${CC:-cc} -std=c99 -O0 -fPIC -fvisibility=hidden -shared -I. -Iexamples/hosts "$tmp/bad.c" examples/hosts/edgefn_host.c -o "$tmp/bad.so" 2>"$tmp/err"; then
    for event in viewer-request-page origin-request-s3 origin-response-404 viewer-response-page functions-viewer-request functions-viewer-response; do
        case $event in functions-*) prefix=functions. ;; *) prefix= ;; esac
        run "$edgefn" run "$tmp/bad.so" "$events/$event.json"
        check "run, refused, $event" fails 3 "^$events/$event.json: error: .*(EDGEFN_E_CHECK)\$"
        check "run, refused, $event: via" says "^$events/$event.json: refused: .*: via (${prefix}header.read-only\.\(added\|changed\))\$"
        check "run, refused, $event: x-edge-a" says "^$events/$event.json: refused: .*: x-edge-a (${prefix}header.disallowed)\$"
        check "run, refused, $event: the answer that lets nothing through" says "^edgefn: fail-closed answer: "
    done
else not_ok "a handler that CloudFront refuses compiles"
fi

#--- convert ---------------------------------------------------------------------------------------------------------------

# to DIALECT EVENT: converts to $tmp/out
to() { run "$edgefn" convert --to "$1" "$2"; }
shown() { "$edgefn" show "$1" | sed 1d; }

# converts NAME DIALECT EVENT WANTED: the output must be this line of JSON, byte for byte
converts() {
    printf '%s' "$3" >"$tmp/e.json"
    printf '%s\n' "$4" >"$tmp/want"
    to "$2" "$tmp/e.json"
    check "convert, $1: exit" exits 0
    check "convert, $1" same "$tmp/out" "$tmp/want"
}

converts "an event" functions "$lambda"'{"clientIp":"192.0.2.1","method":"GET","uri":"/p","querystring":"a=1&b=&a%20=x","headers":{"host":[{"key":"Host","value":"h"}],"x-m":[{"key":"X-M","value":"1"},{"key":"x-m","value":"2, 3"}],"cookie":[{"key":"Cookie","value":"s=1; t=\"2\""}]}}}}]}' \
    "$functions"'{"method":"GET","uri":"/p","querystring":{"a":{"value":"1"},"b":{"value":""},"a%20":{"value":"x"}},"headers":{"host":{"value":"h"},"x-m":{"value":"1","multiValue":[{"value":"1"},{"value":"2, 3"}]}},"cookies":{"s":{"value":"1"},"t":{"value":"\"2\""}}}}'
converts "the way back" lambda "$functions"'{"method":"GET","uri":"/p","querystring":{"a":{"value":"1","multiValue":[{"value":"1"},{"value":"2"}]},"flag":{"value":""}},"headers":{"x-my-id":{"value":"h"}},"cookies":{"s":{"value":"1"},"t":{"value":"2"}}}}' \
    "$lambda"'{"clientIp":"192.0.2.1","headers":{"x-my-id":[{"key":"X-My-Id","value":"h"}],"cookie":[{"key":"Cookie","value":"s=1; t=2"}]},"method":"GET","querystring":"a=1&a=2&flag=","uri":"/p"}}}]}'
converts "a key without value" functions "$lambda"'{"method":"GET","uri":"/","querystring":"a&b=1&b"}}}]}' \
    '{"version":"1.0","context":{"eventType":"viewer-request"},"request":{"method":"GET","uri":"/","querystring":{"a":{"value":""},"b":{"value":"1","multiValue":[{"value":"1"},{"value":""}]}},"headers":{},"cookies":{}}}'
converts "a query that is a string" lambda '{"version":"1.0","context":{"eventType":"viewer-request"},"request":{"method":"GET","uri":"/","querystring":"a&b=1&a"}}' \
    "$lambda"'{"headers":{},"method":"GET","querystring":"a&b=1&a","uri":"/"}}}]}'
converts "escapes" functions "$lambda"'{"method":"GET","uri":"/\u00fc\"\\\/\n","headers":{"x":[{"value":"\u0001\ud83d\ude00"}]}}}}]}' \
    '{"version":"1.0","context":{"eventType":"viewer-request"},"request":{"method":"GET","uri":"/ü\"\\/\n","querystring":{},"headers":{"x":{"value":"\u0001😀"}},"cookies":{}}}'
converts "a response" functions '{"Records":[{"cf":{"config":{"eventType":"viewer-response"},"request":{"method":"GET","uri":"/"},"response":{"status":"404","statusDescription":"Not Found","headers":{"set-cookie":[{"value":"a=1; Path=/; Secure"},{"value":"b=2"},{"value":"a=3"}],"server":[{"value":"s"}]}}}}]}' \
    '{"version":"1.0","context":{"eventType":"viewer-response"},"request":{"method":"GET","uri":"/","querystring":{},"headers":{},"cookies":{}},"response":{"statusCode":404,"statusDescription":"Not Found","headers":{"server":{"value":"s"}},"cookies":{"a":{"value":"1","attributes":"Path=/; Secure","multiValue":[{"value":"1","attributes":"Path=/; Secure"},{"value":"3"}]},"b":{"value":"2"}}}}'
converts "a response, the way back" lambda '{"version":"1.0","context":{"eventType":"viewer-response"},"request":{"method":"GET","uri":"/"},"response":{"statusCode":200,"headers":{"server":{"value":"s"}},"cookies":{"a":{"value":"1","attributes":"Path=/; Secure"},"b":{"value":"2"}},"body":{"encoding":"base64","data":"eA=="}}}' \
    '{"Records":[{"cf":{"config":{"eventType":"viewer-response"},"request":{"headers":{},"method":"GET","querystring":"","uri":"/"},"response":{"status":"200","headers":{"server":[{"key":"Server","value":"s"}],"set-cookie":[{"key":"Set-Cookie","value":"a=1; Path=/; Secure"},{"key":"Set-Cookie","value":"b=2"}]},"body":"eA==","bodyEncoding":"base64"}}}]}'

for event in "$events"/*.json; do
    name=${event##*/}
    case $name in
    functions-*) there=lambda back=functions ;;
    *) there=functions back=lambda ;;
    esac
    to $back "$event"
    check "convert $name to what it is: exit" exits 0
    { cat "$event"; [ -z "$(tail -c 1 "$event")" ] || echo; } >"$tmp/same"
    check "convert $name to what it is" same "$tmp/same" "$tmp/out"
    to $there "$event"
    case $name in
    origin-*) check "convert $name" fails 1 "^$event: error: .*config.eventType: origin-re.*(EDGEFN_E_DIALECT)\$" && continue ;;
    viewer-request-form.json | viewer-request-truncated.json | viewer-request-upload.json)
        check "convert $name" fails 1 "^$event: error: .*request.body (EDGEFN_E_DIALECT)\$" && continue ;;
    viewer-request-cookies.json)
        check "convert $name" fails 1 "^$event:.* error: .*a cookie without a name: flag (EDGEFN_E_DIALECT)\$" && continue ;;
    esac
    check "convert $name: exit" exits 0
    cp "$tmp/out" "$tmp/there.json"
    to $back "$tmp/there.json"
    check "convert $name and back: exit" exits 0
    cp "$tmp/out" "$tmp/back.json"
    shown "$event" | tr 'A-Z' 'a-z' | sed 's/^  \([^=]*\) = $/  \1 =/' | sort >"$tmp/want"
    shown "$tmp/back.json" | tr 'A-Z' 'a-z' | sed 's/^  \([^=]*\) = $/  \1 =/' | sort >"$tmp/is"
    case $name in viewer-re*) # the Cookie header is generated
        grep -v '^  cookie: ' "$tmp/want" >"$tmp/x" && mv "$tmp/x" "$tmp/want"
        grep -v '^  cookie: ' "$tmp/is" >"$tmp/x" && mv "$tmp/x" "$tmp/is" ;;
    esac
    check "convert $name and back shows the same" same "$tmp/want" "$tmp/is"
    to $there "$tmp/back.json"
    check "convert $name, back and there again" same "$tmp/out" "$tmp/there.json"
done

# dialect NAME DIALECT EVENT REGEX: the conversion must fail with this message
dialect() {
    printf '%s' "$3" >"$tmp/e.json"
    to "$2" "$tmp/e.json"
    check "convert, $1" fails 1 "^$tmp/e.json:.*error: .*$4.*(EDGEFN_E_DIALECT)\$"
}

dialect "a cookie without a name" functions "$lambda"'{"method":"GET","uri":"/","headers":{"cookie":[{"value":"a=1; b"}]}}}}]}' 'cookie without a name: b'
dialect "a set-cookie without a name" functions '{"Records":[{"cf":{"config":{"eventType":"viewer-response"},"request":{"method":"GET","uri":"/"},"response":{"status":"200","headers":{"set-cookie":[{"value":"x; Path=/"}]}}}}]}' 'cookie without a name: x'
dialect "a body" functions "$lambda"'{"method":"GET","uri":"/","body":{"action":"read-only","data":"","encoding":"base64","inputTruncated":false}}}}]}' 'request.body'
dialect "a cookie header" lambda "$functions"'{"method":"GET","uri":"/","headers":{"cookie":{"value":"a=1"}}}}' 'request.headers: cookie'
dialect "a parameter that would be two" lambda "$functions"'{"method":"GET","uri":"/","querystring":{"a":{"value":"1&b=2"}}}}' 'request.querystring: 1&b=2'
dialect "a name that would be cut" lambda "$functions"'{"method":"GET","uri":"/","querystring":{"a=b":{"value":"1"}}}}' 'request.querystring: a=b'
dialect "a cookie that would be two" lambda "$functions"'{"method":"GET","uri":"/","cookies":{"a":{"value":"1; b=2"}}}}' 'request.cookies: 1; b=2'
printf '{"Records":[]}' >"$tmp/bad.json"
run "$edgefn" convert --to lambda "$tmp/bad.json"
check "convert, not an event" fails 1 "EDGEFN_E_NOT_AN_EVENT"
usage "convert" convert
usage "convert without --to" convert "$tmp/f.json"
usage "convert without event" convert --to lambda
usage "convert --to elsewhere" convert --to nginx "$tmp/f.json"
usage "convert, two events" convert --to lambda "$tmp/f.json" "$tmp/l.json"
usage "convert, unknown option" convert --to lambda "$tmp/f.json" --pretty
"$edgefn" convert --to functions - <"$tmp/l.json" >"$tmp/out" 2>"$tmp/err"
rc=$?
check "convert -" exits 0

end
