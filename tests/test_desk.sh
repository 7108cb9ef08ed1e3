#!/bin/sh
# `make cloudfront` as somebody uses it who is new to it: edgefn watch, what is recorded and what is masked, https, redirects that can be followed, and in
# Chromium the start page, /__edge and what recipes can be tried with (twelve of them, with DEEP=1 all). Started in the top directory, after make.
#     sh tests/test_desk.sh [RECIPE...]      only these recipes in Chromium; PICTURES=directory takes pictures
suite=test_desk
. tests/lib.sh
tab=$(printf '\t')

#--- edgefn watch

event='{"Records":[{"cf":{"config":{"distributionDomainName":"d.example","distributionId":"E","eventType":"viewer-request","requestId":"1"},"request":{"clientIp":"192.0.2.1","headers":{"host":[{"key":"Host","value":"a.example"}]},"method":"GET","querystring":"","uri":"/a"}}}]}'
result='{"clientIp":"192.0.2.1","headers":{"host":[{"key":"Host","value":"a.example"}]},"method":"GET","querystring":"","uri":"/b"}'
line() { # FIELD...: a line of the file
    out=$1
    shift
    for field in "$@"; do out=$out$tab$field; done
    printf '%s\n' "$out"
}
{
    line trigger 1 viewer-request lambda own.so 12 forward "$event" "$result" ''
    line trigger 2 viewer-request lambda own.so 12 unchanged "$event" "$event" ''
    line log 1 viewer-request 'it is [31m red'
    line trigger 1 viewer-response lambda own.so 5 unchanged "$event" "$event" ''
    line request 2 1.5 GET '/a?token=***' 200 'Hit from cloudfront' 3 http a.example
    line request 1 1.5 GET /a 200 'Miss from cloudfront' 17 http a.example
    line trigger 3 viewer-request lambda own.so 12 fail "$event" '' 'error: refused (EDGEFN_E_CHECK)'
    line finding 3 viewer-request refused header.read-only.added 'a read-only header was added: via' 'The function tried to add it.'
    line request 3 1.5 POST /c 502 'LambdaValidationError from cloudfront' 1 http a.example
    line trigger 4 viewer-request lambda own.so 12 fail "$event" '' 'error: the handler returned false (EDGEFN_E_HANDLER)'
    line request 4 1.5 GET /d 503 'LambdaExecutionError from cloudfront' 1 http a.example
    line trigger 5 viewer-request lambda own.so 12 forward "$event" "$(printf %s "$result" | sed 's,/b,/a,')" ''
    line request 5 1.5 GET /e 200 'Miss from cloudfront' 1 http a.example
} >"$tmp/lines"
cat >"$tmp/expected" <<'END'
GET /a?token=***  200  Hit  3 ms
    = unchanged
GET /a  200  Miss  17 ms
    viewer-request   ~ uri "/a" -> "/b"
    viewer-request   log: it is [31m red
POST /c  502  LambdaValidationError  1 ms
    viewer-request   ! refused: a read-only header was added: via (header.read-only.added)
                       CloudFront says: The function tried to add it.
GET /d  503  LambdaExecutionError  1 ms
    viewer-request   ! own.so failed: the handler returned false (EDGEFN_E_HANDLER)
GET /e  200  Miss  1 ms
    viewer-request   ~ only values that are not shown
END
run $edgefn watch "$tmp/lines" --once
check "watch: lines" same "$tmp/out" "$tmp/expected"
check "watch: exit" exits 0
usage "watch without a file" watch
usage "watch with two files" watch a b
usage "watch with another option" watch a --all
run $edgefn watch "$tmp/none" --once
check "watch: no such file" fails 2 none
head -c 300 "$tmp/lines" >"$tmp/grows"
$edgefn watch "$tmp/grows" >"$tmp/follows" &
watcher=$!
sleep 0.3
tail -c +301 "$tmp/lines" >>"$tmp/grows"
i=0
until cmp -s "$tmp/follows" "$tmp/expected" || [ $i = 150 ]; do i=$((i + 1)); sleep 0.1; done
check "watch: follows a file" same "$tmp/follows" "$tmp/expected"
line request 9 1.5 GET /again 200 'Miss from cloudfront' 1 http a.example >"$tmp/grows"
i=0
until grep -q /again "$tmp/follows" || [ $i = 150 ]; do i=$((i + 1)); sleep 0.1; done
check "watch: a file that is begun again" grep -q '^GET /again  200' "$tmp/follows"
kill $watcher
wait $watcher 2>/dev/null

#--- what the first comments of recipes say

recipe() { awk -v mode="$1" -f examples/hosts/nginx/desk/recipe.awk "examples/handlers/$2.c" examples/hosts/nginx/desk/try.txt | tr '\n' ' '; }
check "key: redirect_https" [ "$(recipe key redirect_https)" = "CloudFront-Forwarded-Proto " ]
check "key: country_redirect" [ "$(recipe key country_redirect)" = "CloudFront-Viewer-Country Host " ]
check "key: ab_sticky" [ "$(recipe key ab_sticky)" = "" ]
check "key: image_by_accept" [ "$(recipe key image_by_accept)" = "" ]
check "body: form_guard" [ "$(recipe body form_guard)" = "on " ]
check "body: cache_key" [ "$(recipe body cache_key)" = " " ]
for file in examples/handlers/*.c; do
    name=$(basename "$file" .c)
    grep -q -x "$name" examples/hosts/nginx/desk/try.txt || not_ok "desk/try.txt has no $name"
done
ok "every recipe can be tried"

#--- the desk

needs_nginx
needs curl openssl node
rm -f "$tmp/out" "$tmp/err"
job "make nginx" make -s --no-print-directory nginx build/obj/edgefn_host.o || end

port() { # a port that nobody listens on, and that the system gives to no outgoing connection
    node -e 'const find = () => { const port = 20000 + Math.floor(Math.random() * 12000), s = require("net").createServer();
        s.once("error", find).listen(port, "127.0.0.1", () => { console.log(port); s.close(); }); }; find()'
}
# desk HANDLER.so SETTING=VALUE...: starts it; $http and $https are its ports
desk() {
    handler=$1
    shift
    http=$(port) https=$(port)
    env HANDLER="$handler" PORT="$http" HTTPS_PORT="$https" DIR="$tmp/desk" CERTIFICATE="$tmp/certificate" "$@" sh examples/hosts/nginx/cloudfront.sh >"$tmp/terminal" 2>&1 &
    desk=$!
    i=0
    until curl -s -o "$tmp/page" "http://127.0.0.1:$http/__edge/" || [ $i = 100 ]; do i=$((i + 1)); sleep 0.1; done
}
ends() {
    kill $desk
    wait $desk 2>/dev/null
}
get() { run curl -s -i --max-time 10 "$@"; }
has() { grep -q -i -e "$1" "$tmp/out"; }
hasnt() { ! has "$1"; }
terminal() { # REGEX: waits for a line in the terminal
    i=0
    until grep -q -e "$1" "$tmp/terminal"; do
        i=$((i + 1))
        [ $i -lt 100 ] || { cat "$tmp/terminal"; return 1; }
        sleep 0.1
    done
}

desk "$handlers/redirect_https.so"
check "its addresses" grep -q "^  https://127.0.0.1:$https/$" "$tmp/terminal"
check "how to trust the certificate" grep -q 'certutil' "$tmp/terminal"
get "http://127.0.0.1:$http/a?b=1"
check "Location is unchanged" has "^Location: https://www.example.com/a?b=1"
check "the terminal" terminal '^GET /a?b=1  301  MissGeneratedResponse  [0-9]* ms$'
check "what it changed" terminal '^    origin-request   + header Location: https://www.example.com/a?b=1$'
get -H 'Sec-Fetch-Dest: document' "http://127.0.0.1:$http/a?b=1&c=2"
check "a browser gets a page" has '^HTTP/1.1 301'
check "with the address" has "^X-Edge-Location: https://www.example.com/a?b=1&c=2"
check "and no Location" hasnt '^Location'
check "and a link" has "href=\"https://www.example.com.localhost:$https/a?b=1&amp;c=2\""
get -H 'Upgrade-Insecure-Requests: 1' "http://127.0.0.1:$http/a"
check "Safari gets that page" has "^X-Edge-Location: https://www.example.com/a"
get -H 'Upgrade-Insecure-Requests: 1' -H 'Sec-Fetch-Dest: iframe' "http://127.0.0.1:$http/a"
check "a frame gets the redirect" has "^Location: https://www.example.com/a"
get -H 'Sec-Fetch-Dest: document' -H 'Host: www.example.com.localhost' "http://127.0.0.1:$http/missing"
check "a host of the desk" has '^HTTP/1.1 301'
get --cacert "$tmp/certificate/localhost.pem" --resolve "www.example.com.localhost:$https:127.0.0.1" "https://www.example.com.localhost:$https/echo"
check "it can be followed" has '^GET /echo'
get --cacert "$tmp/certificate/localhost.pem" "https://127.0.0.1:$https/docs/"
check "https" has '<h1>Docs'
get -H 'Host: evil.example' "http://127.0.0.1:$http/__edge/trace"
check "another site's name does not see what is recorded" has '^HTTP/1.1 403'
ends
run env HANDLER="$handlers/pass.so" PORT="$http" HTTPS_PORT="$http" DIR="$tmp/desk" CERTIFICATE="$tmp/certificate" sh examples/hosts/nginx/cloudfront.sh
check "a port that is in use" [ $rc != 0 ]
check "a port that is in use: what to do" says 'set PORT or HTTPS_PORT'
desk "$handlers/redirect_https.so"
check "the certificate is kept" [ "$(grep -c certutil "$tmp/terminal")" = 0 ]
ends

desk "$handlers/pass.so" TABLES='secret key wonderful'
get -X POST -H 'Cookie: a=yellow; b=green' -H 'Authorization: Bearer purple' -H 'X-Say: so wonderful indeed' -d 'x=1' "http://127.0.0.1:$http/p?token=orange&x=1"
check "terminal: masked" terminal '^POST /p?token=\*\*\*&x=1  200  Miss'
get "http://127.0.0.1:$http/__edge/trace"
for word in yellow green purple orange wonderful; do check "not recorded: $word" hasnt $word; done
check "recorded: names of cookies" has 'a=\*\*\*; b=\*\*\*'
check "recorded: around a secret" has 'so \*\*\* indeed'
check "recorded: four triggers" [ "$(grep -c '^trigger' "$tmp/out")" = 4 ]
grep '^trigger' "$tmp/out" | cut -f8 | while IFS= read -r one; do printf '%s' "$one" | $edgefn show - >"$tmp/shown" 2>&1 || { echo "not ok an event: $(cat "$tmp/shown")"; echo x >"$tmp/wrong"; }; done
check "recorded events can be read" [ ! -e "$tmp/wrong" ]
ends

for functions in lambda functions; do
    desk "$handlers/session_cookie.so" DIALECT=$functions
    get "http://127.0.0.1:$http/?a=1&a=2" -H 'Cookie: c=1'
    check "$functions: a cookie" terminal '^    viewer-response  + set-cookie __Host-visit: \*\*\*; '
    get "http://127.0.0.1:$http/__edge/trace"
    grep '^trigger' "$tmp/out" | cut -f8 | while IFS= read -r one; do printf '%s' "$one" | $edgefn show - >"$tmp/shown" 2>&1 || { echo "not ok an event: $(cat "$tmp/shown")"; echo x >"$tmp/wrong"; }; done
    check "$functions: recorded events can be read" [ ! -e "$tmp/wrong" ]
    ends
done

desk "$handlers/read_form.so"
get -d 'name=Ada&password=x' "http://127.0.0.1:$http/feedback"
check "a log line" terminal '^    viewer-request   log: name=Ada$'
ends

own=$PWD/$tmp/saved.c
cp examples/handlers/pass.c "$own"
job "make handler-so" make -s --no-print-directory handler-so HANDLER="$own"
rm -f "$tmp/out" "$tmp/err"
desk build/own/saved.so REBUILD="$own" SOURCES="$own"
get "http://127.0.0.1:$http/saved"
cp examples/handlers/robots_txt.c "$own"
check "a handler that is saved: reloaded" terminal '^reloaded; the cache is kept$'
i=0
until get "http://127.0.0.1:$http/robots.txt" && has '^X-Cache: LambdaGenerated' || [ $i = 50 ]; do i=$((i + 1)); sleep 0.1; done
check "a handler that is saved runs" has '^X-Cache: LambdaGenerated'
get "http://127.0.0.1:$http/saved"
check "a handler that is saved: the cache" has '^X-Cache: Hit'
ends

http=$(port)
env HANDLER="$handlers/pass.so" PORT="$http" HTTPS_PORT=off TRACE=off DIR="$tmp/desk" sh examples/hosts/nginx/cloudfront.sh >"$tmp/terminal" 2>&1 &
desk=$!
i=0
until curl -s -o "$tmp/page" "http://127.0.0.1:$http/" || [ $i = 100 ]; do i=$((i + 1)); sleep 0.1; done
check "TRACE=off: the access log" terminal '"GET / HTTP/1.1" 200'
check "TRACE=off: nothing is recorded" [ ! -s "$tmp/desk/trace" ]
ends
run env HANDLER="$handlers/pass.so" TRACE=maybe sh examples/hosts/nginx/cloudfront.sh
check "TRACE=maybe" fails 2 TRACE
run env HANDLER="$handlers/pass.so" HTTPS_PORT=x sh examples/hosts/nginx/cloudfront.sh
check "HTTPS_PORT=x" fails 2 HTTPS_PORT

#--- in Chromium

if there chromium; then
    twelve='redirect_https redirect_map index_pages cache_key language_path image_by_accept basic_auth jwt_sign_in ab_test security_headers read_form json_api'
    if [ $# -gt 0 ]; then names=$*; elif [ "${DEEP:-}" = 1 ]; then names=$(ls examples/handlers | sed 's/\.c$//'); else names=$twelve; fi
    mkdir -p "$tmp/chromium"
    # shellcheck disable=SC2086
    counted node tests/hosts/desk.mjs "$tmp/chromium" $names
else echo "SKIP the desk's pages: no chromium"
fi
end
