#!/bin/sh
# Tests build/edgefn and build/handlers/*.so as built by `make`. Started in the top directory.
#     sh tests/test_cli.sh             prints what failed and the number of checks
#     VERBOSE=1 sh tests/test_cli.sh   prints every check
# tests/golden/HANDLER.EVENT.json is the expected result of a recipe for an event (random draw 0.5); without such a file
# the event must pass unchanged. UPDATE=1 rewrites the golden files: check the difference against CloudFront's rules before committing it.
suite=test_cli golden=tests/golden
. tests/lib.sh

#--- helpers ------------------------------------------------------------------------------------------------------------

# fed FILE COMMAND...: like run, with this file as standard input
fed() {
    cp "$1" "$tmp/in" # the file may be $tmp/out
    shift
    "$@" >"$tmp/out" 2>"$tmp/err" <"$tmp/in"
    rc=$?
}

succeeds() { exits 0; }

# refused NAME FILE CODE POSITION: show and run must refuse the file, at this position (a regex)
refused() {
    run "$edgefn" show "$2"
    check "$1, show" fails 1 "^$2:$4: error: .*(EDGEFN_E_$3)\$"
    run "$edgefn" run "$handlers/pass.so" "$2"
    check "$1, run" fails 1 "^$2:$4: error: .*(EDGEFN_E_$3)\$"
    check "$1, one line" [ "$(wc -l <"$tmp/err")" -eq 1 ]
}

# Prints the bytes of the request or response member, found by counting brackets, and a newline.
cat >"$tmp/member.awk" <<'AWK'
function blank(i) { while (index(" \t\n\r", substr(s, i, 1)) && i <= n) i++; return i }
function string(i,   c) { # i: the quotation mark; returns the position after the string
    for (i++; (c = substr(s, i, 1)) != "\""; i++) if (c == "\\") i++
    return i + 1
}
function value(i,   c, depth) { # returns the position after the value
    depth = 0
    do {
        c = substr(s, i, 1)
        if (c == "\"") i = string(i)
        else {
            if (c == "{" || c == "[") depth++
            if (c == "}" || c == "]") depth--
            i++
        }
    } while (depth > 0)
    return i
}
function member(i, name,   key) { # i: the brace; returns the position of the member's value
    for (i = blank(i + 1); substr(s, i, 1) == "\""; i = blank(blank(i) + 1)) {
        key = substr(s, i + 1, string(i) - i - 2)
        i = blank(blank(string(i)) + 1)
        if (key == name) return i
        i = scalar_or_value(i)
    }
    return 0
}
function scalar_or_value(i) {
    if (index("{[\"", substr(s, i, 1))) return value(i)
    while (!index(",}] \n", substr(s, i, 1))) i++
    return i
}
{ s = s (NR > 1 ? "\n" : "") $0 }
END {
    n = length(s)
    at = blank(1)
    config = "context"
    if (records = member(at, "Records")) {
        at = member(blank(records + 1), "cf")
        config = "config"
    }
    type = member(member(at, config), "eventType")
    at = member(at, substr(s, type, value(type) - type) ~ /request"$/ ? "request" : "response")
    print substr(s, at, value(at) - at)
}
AWK

member_of() { awk -f "$tmp/member.awk" "$1"; }

page=$events/viewer-request-page.json
lambda='{"Records":[{"cf":{"config":{"eventType":"viewer-request"},"request":'
esc=$(printf '\033')
tab=$(printf '\t')

# recipe HANDLER EVENT [OPTION...]
recipe() {
    recipe_so=$handlers/$1.so recipe_event=$events/$2.json
    shift 2
    run "$edgefn" run "$recipe_so" "$recipe_event" "$@"
}

# on HANDLER [OPTION...]: runs a recipe on $tmp/e.json
on() {
    on_so=$handlers/$1.so
    shift
    run "$edgefn" run "$on_so" "$tmp/e.json" --now 1767864000 --secret link=example-secret --secret code=example-code --secret jwt=example-secret "$@"
}

# built NAME FLAGS: compiles a handler
cc=${CC:-cc}
host=build/obj/edgefn_host.o
[ -e $host ] || host="-fPIC examples/hosts/edgefn_host.c"
# shellcheck disable=SC2086
built() { run $cc -std=c99 -O1 -shared -fPIC -fvisibility=hidden -I. -o "$tmp/$1.so" "$tmp/$1.c" $2; [ "$rc" -eq 0 ]; }

if [ ! -x "$edgefn" ] || [ ! -e "$handlers/pass.so" ]; then
    echo "build/edgefn or build/handlers/pass.so is not there: run make first"
    failed=1
    end
fi

#--- every recipe on every event ----------------------------------------------------------------------------------------

for event in "$events"/*.json; do
    name=${event##*/}
    member_of "$event" >"$tmp/member"
    for so in "$handlers"/*.so; do
        handler=${so##*/}
        handler=${handler%.so}
        run "$edgefn" run "$so" "$event" --random 0.5 --random-bytes 000102030405060708090a0b0c0d0e0f --now 1767864000 --secret jwt=example-secret --secret AWS_ACCESS_KEY_ID=AKIDEXAMPLE \
            --secret AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY --secret AWS_SESSION_TOKEN=example-token
        if [ -n "${UPDATE:-}" ] && [ "$rc" -eq 0 ] && ! cmp -s "$tmp/out" "$tmp/member"; then
            cp "$tmp/out" "$golden/$handler.$name"
        fi
        expected=$golden/$handler.$name
        [ -e "$expected" ] || expected=$tmp/member
        check "$handler on $name exits 0" succeeds
        check "$handler on $name" cmp -s "$expected" "$tmp/out"
    done
    [ ! -e "$golden/pass.$name" ] || check "pass changes nothing in $name" false
    fed "$event" "$edgefn" run "$handlers/pass.so" -
    check "pass on $name through stdin" cmp -s "$tmp/member" "$tmp/out"
    run "$edgefn" run "$handlers/pass.so" "$event" --diff
    check "pass on $name, --diff" has_line "= unchanged"
    run "$edgefn" show "$event"
    check "show $name" succeeds
    case $name in
    functions-*) type="CloudFront Functions ${name#functions-}" ;;
    *) type="Lambda@Edge $name" ;;
    esac
    check "show $name names its type" prints "^$(echo "$type" | sed 's/\(.*-re[a-z]*\).*/\1/')"
done
for file in "$golden"/*.json; do
    name=${file##*/}
    check "golden file $name has an event" [ -e "$events/${name#*.}" ]
    check "golden file $name has a handler" [ -e "$handlers/${name%%.*}.so" ]
done

#--- what the recipes must do -------------------------------------------------------------------------------------------

recipe redirect_https viewer-request-http
check "redirect_https, Lambda@Edge: status" prints '"status":"301","statusDescription":"Moved Permanently"'
check "redirect_https, Lambda@Edge: location" prints '"location":\[{"key":"Location","value":"https://www.example.com/news/2026/launch%20day.html?ref=print&page=2"}\]'
recipe redirect_https origin-request-http
check "redirect_https, origin-request: location" prints '"value":"https://www.example.com/downloads/tool.tar.gz"'
check "redirect_https, origin-request: not cached for everybody" prints '"cache-control":\[{"key":"Cache-Control","value":"no-store"}\]'
recipe redirect_https functions-viewer-request-http
check "redirect_https, Functions: status" prints '"statusCode":301,"statusDescription":"Moved Permanently"'
check "redirect_https, Functions: location" prints '"location":{"value":"https://www.example.com/offers/summer?ref=poster-07&page=2"}'

for draw in 0 0.5 0.7499999999 0.75 0.999999; do
    case $draw in 0.75 | 0.99*) group=treatment ;; *) group=control ;; esac
    recipe ab_test viewer-request-experiment --random "$draw"
    check "ab_test with draw $draw" prints "\"uri\":\"/experiment-group/$group-pixel.jpg\""
    recipe ab_test viewer-request-cookies --random "$draw"
    check "ab_test with cookie B and draw $draw" prints '"uri":"/experiment-group/treatment-pixel.jpg"'
    recipe ab_test functions-viewer-request-experiment --random "$draw"
    check "ab_test, Functions, with cookie A and draw $draw" prints '"uri":"/experiment-group/control-pixel.jpg"'
done
"$edgefn" sample functions-viewer-request --uri /experiment-pixel.jpg >"$tmp/e.json"
run "$edgefn" run "$handlers/ab_test.so" "$tmp/e.json" --random 0.75
check "ab_test, Functions, with draw 0.75" prints '"uri":"/experiment-group/treatment-pixel.jpg"'
run "$edgefn" run "$handlers/ab_test.so" "$tmp/e.json"
check "ab_test with a fresh draw" prints '"uri":"/experiment-group/'

recipe path_by_device origin-request-custom
check "path_by_device: desktop" prints '"uri":"/desktop/guides/getting-started/"'
recipe path_by_device origin-request-s3
check "path_by_device: mobile" prints '"uri":"/mobile/img/hero.webp"'
recipe path_by_device origin-request-pretty
check "path_by_device: tablet, white space stays" prints '"uri": "/tablet/catalog/lamps"'
recipe path_by_device functions-viewer-request-http
check "path_by_device, Functions: mobile" prints '"uri":"/mobile/offers/summer"'
recipe path_by_device functions-viewer-request-multivalue
check "path_by_device, Functions: mobile comes before tablet" prints '"uri":"/mobile/search"'
"$edgefn" sample origin-request --header 'CloudFront-Is-Desktop-Viewer: false' --header 'CloudFront-Is-SmartTV-Viewer: true' >"$tmp/e.json"
run "$edgefn" run "$handlers/path_by_device.so" "$tmp/e.json"
check "path_by_device: television" prints '"uri":"/smarttv/index.html"'

# at HANDLER TYPE URI [OPTION...]
at() {
    at_so=$handlers/$1.so
    at_type=$2 at_uri=$3
    shift 3
    "$edgefn" sample "$at_type" --uri "$at_uri" "$@" >"$tmp/e.json"
    run "$edgefn" run "$at_so" "$tmp/e.json"
}

recipe cache_key viewer-request-page
check "cache_key: campaign parameters go" prints '"querystring":"lang=en"'
recipe cache_key functions-viewer-request-multivalue
check "cache_key, Functions" prints '"querystring":"ID=42&color=red&color=blue&color=off-white&exact=&q=lamp%20oak&sort=price"'
recipe cache_key viewer-request-unicode
check "cache_key: encoded, reserved characters stay" prints '"querystring":"emoji=%F0%9F%9A%80&path=a/b&q=t%C3%B8m&tag=A%26b"'

at index_pages viewer-request /guides
check "index_pages: redirect" prints '"value":"https://[^"]*/guides/"'
at index_pages viewer-request //evil
check "index_pages: not to another site" prints '"value":"https://[a-z0-9.]*/evil/"'
at index_pages viewer-request /guides/
check "index_pages: the folder itself passes" prints '"uri":"/guides/"'
at index_pages viewer-request /guides --method POST
check "index_pages: POST passes" prints '"uri":"/guides"'
at index_pages origin-request /guides/
check "index_pages: the file" prints '"uri":"/guides/index.html"'
at index_pages functions-viewer-request /guides/
check "index_pages, Functions: the file" prints '"uri":"/guides/index.html"'

for uri in /offers/summer /offers/summer/ //offers/summer /x/../offers/summer /offers/%73ummer; do
    at redirect_map viewer-request "$uri"
    check "redirect_map: $uri" prints '"value":"https://[^"]*/offers/autumn'
done
at redirect_map functions-viewer-request /contact --method POST
check "redirect_map: another site, with the body" prints '"statusCode":308.*"https://help.example.com/contact"'
at redirect_map viewer-request //offers/other
check "redirect_map: all else passes as it came" prints '"uri":"//offers/other"'

for uri in /internal/a /x/../internal/a //internal/a /%69nternal/a /internal%2fa '/internal\\a' /%2569nternal/a '/internal;x/a' /a%00; do
    at rewrite_prefix functions-viewer-request "$uri"
    check "rewrite_prefix guards $uri" prints '"statusCode":403'
done
for uri in /a%2fb /%252e '/a;b' /%; do
    at rewrite_prefix functions-viewer-request "$uri"
    check "rewrite_prefix refuses $uri" prints '"statusCode":400'
done
at rewrite_prefix functions-viewer-request /x/..//api/v2/users
check "rewrite_prefix: strips" prints '"uri":"/users"'
at rewrite_prefix origin-request /api/v20/users
check "rewrite_prefix: whole segments" prints '"uri":"/api/v20/users"'
recipe rewrite_prefix origin-request-pretty
check "rewrite_prefix: replaces" prints '"uri": "/shop/lamps"'

at maintenance_page viewer-request '/search/<script>'
check "maintenance_page: escaped" prints '<p>/search/&lt;script&gt; is being repaired'
at maintenance_page viewer-request '/search/{home}'
check "maintenance_page: what was put in is not a template" prints '<p>/search/{home} is being repaired'
at maintenance_page functions-viewer-request /search --cookie preview=1
check "maintenance_page: preview" prints '"uri":"/search"'
at maintenance_page functions-viewer-request /x/../%73earch
check "maintenance_page: no way round" prints '"statusCode":503'

for type in viewer-request functions-viewer-request; do
    at robots_txt $type /robots.txt --header 'Host: www.example.com'
    check "robots_txt, $type" prints 'CCBot.nUser-agent: Google-Extended.nDisallow: /.n.nUser-agent: \*.*Sitemap: https://www.example.com/sitemap.xml.n'
    at robots_txt $type /robots.txt.bak
    check "robots_txt, $type: another file" prints '"uri":"/robots.txt.bak"'
done

for status in 399 400 401 403 404 410 429 500 503 599; do
    "$edgefn" sample origin-response --status $status --status-text Odd --set-cookie lb=3 >"$tmp/e.json"
    run "$edgefn" run "$handlers/error_to_static_page.so" "$tmp/e.json"
    case $status in
    404 | 410) age=60 words='No such page' ;;
    5*) age=5 words='Please try again' ;;
    *) age='' ;;
    esac
    check "error_to_static_page keeps the status $status" prints "\"status\":\"$status\""
    if [ -z "$age" ]; then
        check "error_to_static_page leaves $status" prints 'lb=3.*"statusDescription":"Odd"'
    else
        check "error_to_static_page on $status, body" prints "\"body\":\"<h1>$words</h1>"
        check "error_to_static_page on $status, kept for $age s" prints "\"cache-control\":\[{[^}]*\"value\":\"max-age=$age\"}\]"
        check "error_to_static_page on $status, no cookie" [ "$(grep -c lb=3 "$tmp/out")" -eq 0 ]
    fi
done

security_headers="strict-transport-security|max-age=63072000; includeSubdomains; preload
content-security-policy|default-src 'none'; img-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; frame-ancestors 'none'
x-content-type-options|nosniff
x-frame-options|DENY
x-xss-protection|1; mode=block
referrer-policy|same-origin"
for event in origin-response-ok viewer-response-policies functions-viewer-response; do
    recipe add_security_headers $event
    echo "$security_headers" | while IFS='|' read -r name value; do
        case $event in
        functions-*) text="\"$name\":{\"value\":\"$value\"}" ;;
        *) text="\"value\":\"$value\"}]" ;;
        esac
        grep -q -F -e "$text" "$tmp/out" || echo "$name"
    done >"$tmp/lost"
    check "add_security_headers on $event" [ ! -s "$tmp/lost" ]
    check "add_security_headers on $event overwrites" [ "$(grep -o -c SAMEORIGIN "$tmp/out")" -eq 0 ]
done

for type in viewer-request functions-viewer-request; do
    preflight() { "$edgefn" sample $type --method OPTIONS --uri /api/carts --header "Origin: $1" --header 'Access-Control-Request-Method: PUT' >"$tmp/e.json"; }
    preflight https://shop.example.com
    run "$edgefn" run "$handlers/cors_preflight.so" "$tmp/e.json"
    check "cors_preflight, $type: answered" prints '"status\(Code\)\{0,1\}":"\{0,1\}204'
    check "cors_preflight, $type: the site" prints '"access-control-allow-origin":.*"value":"https://shop.example.com"'
    check "cors_preflight, $type: the methods" prints '"access-control-allow-methods":.*"value":"PUT, PATCH, DELETE"'
    preflight https://shop.example.com.evil.net
    run "$edgefn" run "$handlers/cors_preflight.so" "$tmp/e.json"
    check "cors_preflight, $type: another site is answered" prints '204'
    check "cors_preflight, $type: another site gets nothing" [ "$(grep -c access-control "$tmp/out")" -eq 0 ]
    for language in de-AT=de 'fr;q=0.3, de;q=0.2=fr' 'it=en' '*=en'; do
        "$edgefn" sample $type --uri / --header "Accept-Language: ${language%=*}" >"$tmp/e.json"
        run "$edgefn" run "$handlers/language_path.so" "$tmp/e.json"
        check "language_path, $type: ${language%=*}" prints "\"uri\":\"/${language##*=}/\""
    done
    "$edgefn" sample $type --uri /de/ --header "Accept-Language: fr" >"$tmp/e.json"
    run "$edgefn" run "$handlers/language_path.so" "$tmp/e.json"
    check "language_path, $type: a path that names its language" prints '"uri":"/de/"'
    for user in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
        "$edgefn" sample $type --uri /a --cookie "uid=$user" >"$tmp/e.json"
        run "$edgefn" run "$handlers/rollout.so" "$tmp/e.json"
        sed -n 's/.*"uri":"\([^"]*\)".*/\1/p' "$tmp/out"
    done >"$tmp/shares"
    check "rollout, $type: an eighth of sixteen users" [ "$(grep -c '^/next/a$' "$tmp/shares")" -eq 2 ]
    check "rollout, $type: the others stay" [ "$(grep -c '^/a$' "$tmp/shares")" -eq 14 ]
done
for type in viewer functions-viewer; do
    "$edgefn" sample $type-request --uri / >"$tmp/e.json"
    run "$edgefn" run "$handlers/ab_sticky.so" "$tmp/e.json"
    front=$(sed -n 's/.*"uri":"\/index-\{0,1\}\([a-z]*\).html".*/\1/p' "$tmp/out")
    "$edgefn" sample $type-response --uri / >"$tmp/e.json"
    run "$edgefn" run "$handlers/ab_sticky.so" "$tmp/e.json"
    check "ab_sticky, $type: the response names the page of the request" prints "front[^}]*${front:-old}.*Max-Age=2592000; Secure"
    "$edgefn" sample $type-request --uri / --cookie 'front=loud' >"$tmp/e.json"
    run "$edgefn" run "$handlers/ab_sticky.so" "$tmp/e.json"
    check "ab_sticky, $type: a viewer with the cookie" prints '"uri":"/index-loud.html"'
    "$edgefn" sample $type-response --uri /logout >"$tmp/e.json"
    run "$edgefn" run "$handlers/session_cookie.so" "$tmp/e.json"
    check "session_cookie, $type: after /logout" prints '__Host-visit.*Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure'
    "$edgefn" sample $type-response --uri /assets/app.5f3a.js >"$tmp/e.json"
    run "$edgefn" run "$handlers/cache_control_by_path.so" "$tmp/e.json"
    check "cache_control_by_path, $type: an asset" prints '"value":"max-age=31536000, immutable"'
done

# {"iss":"https://id.example.com","sub":"ana","exp":1767864100}, signed with example-secret; then with another issuer
token=eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUuY29tIiwic3ViIjoiYW5hIiwiZXhwIjoxNzY3ODY0MTAwfQ.7HjnJoUHAkuozlMUsjb88Lie4a8lFWOv2vwlz302Drc
foreign=eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUub3JnIiwic3ViIjoiYW5hIiwiZXhwIjoxNzY3ODY0MTAwfQ.Ydvn3d7CIDJqYPw_ocv7m89l93f3Tloy1Dl04dhpfV0
for type in viewer-request functions-viewer-request; do
    sign_in() { # NOW OPTION...
        sign_in_now=$1
        shift
        "$edgefn" sample $type --uri /guides/a --query x=1 "$@" >"$tmp/e.json"
        run "$edgefn" run "$handlers/jwt_sign_in.so" "$tmp/e.json" --now "$sign_in_now" --secret jwt=example-secret
    }
    sign_in 1767864000 --header "Authorization: bearer $token" --header 'X-User: root'
    check "jwt_sign_in, $type: header" prints '[Xx]-[Uu]ser".*"value":"ana"'
    check "jwt_sign_in, $type: no status" [ "$(grep -c -i status "$tmp/out")" -eq 0 ]
    sign_in 1767864129 --cookie "session=$token"
    check "jwt_sign_in, $type: cookie, within the leeway" prints '[Xx]-[Uu]ser".*"value":"ana"'
    sign_in 1767864130 --cookie "session=$token"
    check "jwt_sign_in, $type: expired" prints '/sign-in?next=%2Fguides%2Fa%3Fx%3D1"'
    sign_in 1767864130 --header "Authorization: Bearer $token"
    check "jwt_sign_in, $type: expired, header" prints '401.*Bearer error=.*invalid_token.*error_description=.*expired'
    sign_in 1767864000 --header "Authorization: Bearer $foreign"
    check "jwt_sign_in, $type: another issuer, header" prints '401.*Bearer error=.*invalid_token'
    check "jwt_sign_in, $type: another issuer is not expired" [ "$(grep -c error_description "$tmp/out")" -eq 0 ]
    sign_in 1767864000 --cookie "session=$foreign"
    check "jwt_sign_in, $type: another issuer" prints '/sign-in?next=%2Fguides%2Fa%3Fx%3D1"'
    sign_in 1767864000 --cookie "session=${token%?}"
    check "jwt_sign_in, $type: truncated" prints '/sign-in?next=%2Fguides%2Fa%3Fx%3D1"'
    run "$edgefn" run "$handlers/jwt_sign_in.so" "$tmp/e.json" --secret other=example-secret
    check "jwt_sign_in, $type: no secret" fails 3 'EDGEFN_E_ENVIRONMENT'
    "$edgefn" sample $type --client-ip 192.0.2.128 >"$tmp/e.json"
    run "$edgefn" run "$handlers/allow_networks.so" "$tmp/e.json"
    check "allow_networks, $type: outside" prints '403.*Forbidden'
    "$edgefn" sample $type --client-ip 2001:DB8:85a3:0::1 >"$tmp/e.json"
    run "$edgefn" run "$handlers/allow_networks.so" "$tmp/e.json" --diff
    check "allow_networks, $type: inside" has_line "= unchanged"

    for until in 'Thu, 08 Jan 2026 09:20:01 GMT' 'Thu Jan  8 09:20:01 2026' 'Thursday, 08-Jan-26 09:20:01 GMT'; do
        run "$edgefn" run "$handlers/maintenance.so" "$tmp/e.json" --now 1767864000 --kv maintenance_until="$until"
        check "maintenance, $type: until $until" prints '503.*[Rr]etry-[Aa]fter".*Thu, 08 Jan 2026 09:20:01 GMT'
    done
    for until in 'Thu, 08 Jan 2026 09:20:00 GMT' 'Thu, 32 Jan 2026 09:20:01 GMT' soon ''; do
        run "$edgefn" run "$handlers/maintenance.so" "$tmp/e.json" --now 1767864000 --kv "maintenance_until=$until" --diff
        check "maintenance, $type: not until '$until'" has_line "= unchanged"
    done
    run "$edgefn" run "$handlers/maintenance.so" "$tmp/e.json" --now 1767864000 --kv maintenance_until=2026-01-09
    check "maintenance, $type: the log names what is not a date" grep -q 'maintenance: not a date: 2026-01-09$' "$tmp/err"
done
recipe sign_origin origin-request-s3 --now 1767864000 --secret AWS_ACCESS_KEY_ID=a
check "sign_origin without its secrets" fails 3 'EDGEFN_E_ENVIRONMENT'
sign() { # NOW: signs a body for a function URL
    run "$edgefn" run "$handlers/sign_origin.so" "$tmp/e.json" --now "$1" --secret AWS_ACCESS_KEY_ID=AKIDEXAMPLE --secret AWS_SECRET_ACCESS_KEY=hunter2 --secret AWS_SESSION_TOKEN=t
}
"$edgefn" sample origin-request --origin abc.lambda-url.eu-west-1.on.aws --body hello >"$tmp/e.json"
sign 1767864000
check "sign_origin, function URL" prints 'Credential=AKIDEXAMPLE/20260108/eu-west-1/lambda/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token, Signature='
"$edgefn" sample origin-request --origin abc.lambda-url.eu-west-1.on.aws --body hello --truncated >"$tmp/e.json"
sign 1767864000
check "sign_origin, truncated body" fails 3 'EDGEFN_E_OPTIONS'
check "sign_origin keeps its secrets" [ "$(grep -c hunter2 "$tmp/err")" -eq 0 ]

# python3 -c 'import hmac; print(hmac.new(b"example-secret", b"/downloads/a.pdf\n1767864001", "sha256").hexdigest())', and the same with 1767864000
# and with "soon"; then of "ana.1767864001", "ana.1767864000" and ".1767864001" with the key example-code
signed=959487493ac2433011ec401c9efe211f8928dcb1ea432c045a36d22c55a22960
signed_now=d6da5d041af642b1d25d8bdc54e4d9a5251f6c7317dacabaf7f3c558e82f8df1
signed_soon=18e68eec19e2f3526c0f4af107e9d7fca366e47310779958bc9d688c1f4d2d99
code_ana=d42f08d46567b5c89dc9f14c8dd534535e702492afe8debdbf9a0db987c6fc02
code_now=017c21f063fceae2230aa4d5e19a3ac900192db2ec553fe251f66b5a1fca58c6
code_nobody=efcea838e1375a6d16f1ea8bfda9323b258c5cdc946c48569f17cd7feb86893b
for type in viewer-request functions-viewer-request; do
    link() { # EXPIRES SIGNATURE PATH
        "$edgefn" sample $type --uri "${3:-/downloads/a.pdf}" --query "expires=$1&lang=en&signature=$2" >"$tmp/e.json"
        on signed_link
    }
    link 1767864001 $signed
    check "signed_link, $type: opens" prints '"uri":"/downloads/a.pdf"'
    check "signed_link, $type: both parameters are removed" [ "$(grep -c -e expires -e signature "$tmp/out")" -eq 0 ]
    check "signed_link, $type: another one stays" prints '"querystring":\("lang=en"\|{"lang":{"value":"en"}}\)'
    link 1767864001 "$(echo $signed | tr a-f A-F)"
    check "signed_link, $type: capitals" prints '"uri":"/downloads/a.pdf"'
    link 1767864000 $signed_now
    check "signed_link, $type: expired" prints '403.*This link has expired'
    check "signed_link, $type: the log has one line" grep -q 'signed_link: This link has expired\.$' "$tmp/err"
    link soon $signed_soon
    check "signed_link, $type: signed, but not a time" prints '403.*This link has expired'
    for try in "1767864002 $signed" "1767864001 $signed_now" "1767864001 ${signed%??}" "1767864001 " "1767864001 ${signed}00" "1767864001 $signed /downloads/b.pdf" \
        "1767864001 $signed /x/../downloads/a.pdf" "1767864001 $signed /%64ownloads/a.pdf" "1767864001 $signed //downloads/a.pdf"; do
        link $try
        check "signed_link, $type: not with $try" prints '403.*This link is not complete'
    done
    link 1 0 /download
    check "signed_link, $type: other paths pass" [ "$(grep -c '"uri":"/download"' "$tmp/out") $(grep -c signature "$tmp/out")" = "1 1" ]
    "$edgefn" sample $type --uri /downloads/a.pdf >"$tmp/e.json"
    on signed_link
    check "signed_link, $type: no parameters" prints '403.*This link is not complete'
    run "$edgefn" run "$handlers/signed_link.so" "$tmp/e.json"
    check "signed_link, $type: no secret" fails 3 'EDGEFN_E_ENVIRONMENT'

    session() { # CODE NEXT
        "$edgefn" sample $type --uri /sign-in/done --query "code=$1&next=$2" >"$tmp/e.json"
        on issue_session
    }
    session ana.1767864001.$code_ana /guides/a
    check "issue_session, $type: back to the page" prints '303.*"value":"https://[a-z0-9.]*/guides/a"'
    check "issue_session, $type: a session" prints 'Max-Age=3600; Secure; HttpOnly; SameSite=Lax'
    token=$(grep -o 'eyJ[A-Za-z0-9_.-]*' "$tmp/out")
    "$edgefn" sample $type --uri /guides/a --cookie "session=$token" >"$tmp/e.json"
    on jwt_sign_in
    check "issue_session, $type: jwt_sign_in takes it" prints '[Xx]-[Uu]ser".*"value":"ana"'
    for next in //evil.example https://evil.example/ %2f%2fevil.example '%5cevil' /a%0d%0ab '' 'a'; do
        session ana.1767864001.$code_ana "$next"
        check "issue_session, $type: not to '$next'" prints '303.*"value":"https://[a-z0-9.]*/"'
    done
    for code in ana.1767864000.$code_now bob.1767864001.$code_ana ana.1767864002.$code_ana ana.1767864001. ana.1767864001 ana '' .1767864001.$code_nobody; do
        session "$code" /guides/a
        check "issue_session, $type: not with code '$code'" prints '"status\(Code\)\{0,1\}":"\{0,1\}403'
        check "issue_session, $type: no session for '$code'" [ "$(grep -c eyJ "$tmp/out")" -eq 0 ]
    done

    cookies() { # URI OPTION...
        cookies_uri=$1
        shift
        "$edgefn" sample $type --uri "$cookies_uri" --cookie _ga=1 --cookie session=s --cookie csrf=c "$@" >"$tmp/e.json"
        on few_cookies --diff
    }
    cookies /
    check "few_cookies, $type: a page: _ga is removed" has_line '- cookie _ga: 1'
    check "few_cookies, $type: a page: the others stay" [ "$(grep -c '^- cookie' "$tmp/out")" -eq 1 ]
    cookies /a.css
    check "few_cookies, $type: a file" [ "$(grep -c '^- cookie' "$tmp/out")" -eq 3 ]
    cookies /a.html --method POST
    check "few_cookies, $type: a request that is not cached" has_line '= unchanged'

    for referer in https://www.example.com/a https://WWW.example.com http://shop.example.com:8080/ ''; do
        "$edgefn" sample $type --uri /img/a.jpg --header "Referer: $referer" >"$tmp/e.json"
        on hotlink_guard --diff
        check "hotlink_guard, $type: from '$referer'" has_line '= unchanged'
    done
    for referer in https://www.example.com.evil.net/ 'https://evil.net/?www.example.com' https://www.example.com@evil.net/ 'https://evil.net\@www.example.com' a; do
        for uri in /img/a.jpg /img/a.%6apg '/img/a.webp;x'; do
            "$edgefn" sample $type --uri "$uri" --header "Referer: $referer" >"$tmp/e.json"
            on hotlink_guard
            check "hotlink_guard, $type: $uri not from '$referer'" prints '403.*Please link'
        done
        "$edgefn" sample $type --uri /a.html --header "Referer: $referer" >"$tmp/e.json"
        on hotlink_guard --diff
        check "hotlink_guard, $type: a page from '$referer'" has_line '= unchanged'
    done

    "$edgefn" sample $type --uri /account/orders --query 'a=1&b=%26' --header 'Host: shop.example.com' >"$tmp/e.json"
    on sign_in_elsewhere
    check "sign_in_elsewhere, $type: where to" prints '302.*"https://id.example.com/signin?redirect_url=https%3A%2F%2Fshop.example.com%2Faccount%2Forders%3Fa%3D1%26b%3D%2526"'
    "$edgefn" sample $type --uri /account/orders --cookie session-id=1 >"$tmp/e.json"
    on sign_in_elsewhere --diff
    check "sign_in_elsewhere, $type: signed in" has_line '= unchanged'
    "$edgefn" sample $type --uri /account/orders --cookie session-id= --method PUT >"$tmp/e.json"
    on sign_in_elsewhere
    check "sign_in_elsewhere, $type: not a page" prints '401'

    for pair in /docs/a.html=/docs-v7/a.html /docs=/docs-v7 /docsx/a=/docsx/a /old/a=/old/a //docs/a=//docs/a /=/; do
        "$edgefn" sample $type --uri "${pair%=*}" >"$tmp/e.json"
        on segment_table --kv docs=/docs-v7 --kv old=
        check "segment_table, $type: $pair" prints "\"uri\":\"${pair#*=}\""
    done
    "$edgefn" sample $type --uri /docs/a >"$tmp/e.json"
    on segment_table --kv docs=docs-v7/
    check "segment_table, $type: without slashes" prints '"uri":"/docs-v7/a"'
    run "$edgefn" run "$handlers/segment_table.so" "$tmp/e.json" --kv docs=https://docs.example.com
    check "segment_table, $type: an entry that is not a path" fails 3 'EDGEFN_E_URI'

    # the example in imgproxy's documentation (key "secret", salt "hello"), and variations that must be refused
    image=/rs:fill:300:400:0/g:sm/aHR0cDovL2V4YW1w/bGUuY29tL2ltYWdl/cy9jdXJpb3NpdHku/anBn.png signature=oKfUtW34Dvo2BGQehJFR4Nr0_rIjOtdtzJ3QFsUcXH8
    for uri in /resize/$signature$image /resize/$signature= /resize/${signature}A$image /resize/$signature/rs:fill:3000:400:0/g:sm/aHR0cDovL2V4YW1w/bGUuY29tL2ltYWdl/cy9jdXJpb3NpdHku/anBn.png \
        //resize/$signature$image /resize/x$image /resize/ /%72esize/$signature$image /resize/$signature/..$image; do
        "$edgefn" sample $type --uri "$uri" >"$tmp/e.json"
        on image_links --secret imgproxy-key=736563726574 --secret imgproxy-salt=68656C6C6F
        if [ "$uri" = /resize/$signature$image ]; then check "image_links, $type: signed" prints '"uri":"/resize'
        else check "image_links, $type: $uri" prints '"status\(Code\)\{0,1\}":"\{0,1\}403'
        fi
    done
    for key in '' x; do
        on image_links --secret imgproxy-key=$key --secret imgproxy-salt=68656C6C6F
        check "image_links, $type: the key is '$key'" [ "$rc" -eq 3 ]
    done

    android='Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36'
    iphone='Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1'
    mini='Opera/9.80 (J2ME/MIDP; Opera Mini/7.1.32052/191.308; U; en) Presto/2.12.423 Version/12.16'
    phone() { # URI USER-AGENT HEADER...
        phone_uri=$1 phone_ua=$2
        shift 2
        "$edgefn" sample $type --uri "$phone_uri" --header "User-Agent: $phone_ua" "$@" >"$tmp/e.json"
        on app_download
    }
    phone /get-app "$android"
    check "app_download, $type: Android" prints '302.*"https://play.google.com/'
    phone /get-app "$iphone"
    check "app_download, $type: iPhone" prints '302.*"https://apps.apple.com/'
    for name in Device-Stock-UA X-OperaMini-Phone-UA X-UCBrowser-Device-UA; do
        phone /get-app "$mini" --header "$name: $android"
        check "app_download, $type: $name" prints '302.*"https://play.google.com/'
    done
    phone /get-app "$mini"
    check "app_download, $type: any phone" prints '"uri":"/get-app"'
    phone /get-app 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)'
    check "app_download, $type: a desktop" prints '"uri":"/get-app"'
    phone /get-apps "$android"
    check "app_download, $type: another page" prints '"uri":"/get-apps"'

    recording=$(printf 'HTTP/2 404 \r\nContent-Type: application/json\r\nconnection: close\r\nVia: 1.1 a\r\nx-cache: Miss\r\nX-Made: 1\r\nset-cookie: a=1\r\nvary: a\r\nvary: b\r\n\r\n{"a":\r\n\r\n1}')
    "$edgefn" sample $type --uri /status >"$tmp/e.json"
    on recorded_answer --kv "recorded:/status=$recording"
    check "recorded_answer, $type: status" prints '"status\(Code\)\{0,1\}":"\{0,1\}404.*Not Found'
    check "recorded_answer, $type: body" prints '{\\"a\\":\\r\\n\\r\\n1}'
    check "recorded_answer, $type: type" prints '"content-type":[^}]*"value":"application/json"}'
    check "recorded_answer, $type: its headers" prints '"x-made":.*"vary":.*"value":"a"}.*"value":"b"}'
    check "recorded_answer, $type: disallowed headers" [ "$(grep -c -i -e connection -e via -e x-cache -e cookie "$tmp/out")" -eq 0 ]
    on recorded_answer --kv "recorded:/other=$recording" --diff
    check "recorded_answer, $type: other paths" has_line '= unchanged'
    on recorded_answer --kv "recorded:/status=hello"
    check "recorded_answer, $type: no recording" fails 3 'EDGEFN_E_STATUS'
done

form() { # BODY OPTION...
    form_body=$1
    shift
    "$edgefn" sample viewer-request --method POST --uri /contact --header 'Content-Type: application/x-www-form-urlencoded; charset=utf-8' --body "$form_body" "$@" >"$tmp/e.json"
    on form_guard
}
for pair in 'name=A%26b&website=&message=c+d|name=A%26b&message=c+d' 'website=&name=a|name=a' 'name=a&website=|name=a' 'name=a&%77ebsite|name=a' 'website=|'; do
    form "${pair%|*}"
    check "form_guard: ${pair%|*}" prints "\"action\":\"replace\".*\"data\":\"${pair#*|}\".*\"encoding\":\"text\""
done
for body in 'website=x' 'name=a&websit%65=%20&b=c' 'website=&website=x' 'website=&website='; do
    form "$body"
    check "form_guard: robot, $body" prints '"status":"403"'
done
for body in '' 'name=website' 'websites=x'; do
    form "$body"
    check "form_guard: passes '$body'" prints '"action":"read-only"'
done
form 'name=a' --truncated
check "form_guard: truncated" prints '"status":"413"'
"$edgefn" sample viewer-request --method POST --uri /x/../contact --header 'Content-Type: text/plain' --body 'website=x' >"$tmp/e.json"
on form_guard
check "form_guard: another type of body" prints '"status":"415"'
"$edgefn" sample viewer-request --method POST --uri /contact --header 'Content-Type: application/x-www-form-urlencoded' >"$tmp/e.json"
on form_guard
check "form_guard: no body" prints '"status":"400"'

fields() { # BODY OPTION...
    fields_body=$1
    shift
    "$edgefn" sample viewer-request --method POST --uri /contact --header 'Content-Type: application/x-www-form-urlencoded' --body "$fields_body" "$@" >"$tmp/e.json"
    on form_fields
}
for pair in 'name=A%26b&admin=1&message=c+d|name=A%26b&message=c+d' 'x=1|' 'email=a&email=b&em%61il=c|email=a' '%6eame=&names=x&subject|name=&subject=' 'message=m&name=n|message=m&name=n' '|'; do
    fields "${pair%|*}"
    check "form_fields: ${pair%|*}" prints "\"action\":\"replace\".*\"data\":\"${pair#*|}\".*\"encoding\":\"text\""
done
fields 'name=a' --truncated
check "form_fields: truncated" prints '"status":"413"'

for type in origin-response viewer-response functions-viewer-response; do
    "$edgefn" sample $type --header 'Server: x' >"$tmp/e.json"
    on headers_from_table --kv "headers=$(printf 'X-Frame-Options: DENY\nserver:\nvia: me\n# a note: two\nX-Cache: Hit\n\nset-cookie: a=1\nX-B:  b: c ')"
    check "headers_from_table, $type" succeeds
    check "headers_from_table, $type: set" prints '"x-b":[^}]*"value":"b: c"}'
    check "headers_from_table, $type: removed, or not set" [ "$(grep -c -i -e '"server"' -e '"me"' -e x-cache -e a=1 -e '"a":' "$tmp/out")" -eq 0 ]
    on headers_from_table --kv 'headers=X A: 1'
    check "headers_from_table, $type: not a header" fails 3 'EDGEFN_E_FIELD_NAME'
    on headers_from_table --diff
    check "headers_from_table, $type: no entry" has_line '= unchanged'
done

hashed() { # "--body TEXT" is the last option
    "$edgefn" sample origin-request --origin abc.lambda-url.eu-west-1.on.aws --method POST --header 'X-Amz-Content-SHA256: 0' "$@" >"$tmp/e.json"
    on body_hash
}
hashed --body abc # FIPS 180-4's first example
check "body_hash: abc" prints '"x-amz-content-sha256":\[{[^}]*"value":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}\]'
hashed --body ''
check "body_hash: empty" prints '"value":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"'
hashed --body abc --truncated
check "body_hash: truncated" prints '"status":"413"'
hashed
check "body_hash: no body" fails 3 'Include body.*EDGEFN_E_MISSING'
hashed --method GET
check "body_hash: GET" [ "$(grep -c -i sha256 "$tmp/out")" -eq 0 ]
hashed --method DELETE
check "body_hash: DELETE without a body" prints '"value":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"'

at move_to_s3 origin-request '/img/a+b%20c.WEBP' --query acl=1 --header 'Authorization: Basic YTpi' --cookie a=1
check "move_to_s3: the bucket" prints '"s3":{.*"domainName":"example-images.s3.eu-west-1.amazonaws.com"'
check "move_to_s3: its name as the Host" prints '"host":\[{[^}]*"value":"example-images.s3.eu-west-1.amazonaws.com"}\]'
check "move_to_s3: the key" prints '"uri":"/img/a%2Bb%20c.WEBP"'
check "move_to_s3: nothing else" [ "$(grep -c -i -e acl -e authorization -e cookie "$tmp/out")" -eq 0 ]
at move_to_s3 origin-request /img/a.webp --method PUT
check "move_to_s3: reads only" [ "$(grep -c example-images "$tmp/out")" -eq 0 ]
for uri in /api /api/v2/img.webp; do
    at move_to_s3 origin-request "$uri" --query acl=1 --header 'Authorization: Basic YTpi'
    check "move_to_s3: $uri" prints '"domainName":"api-v2.example.net"'
    check "move_to_s3: $uri, as it came" prints 'YTpi.*acl=1'
done
for uri in /apis /img/a.png /webp /a.webp/; do
    at move_to_s3 origin-request "$uri"
    check "move_to_s3: $uri stays" [ "$(grep -c -e api-v2 -e example-images "$tmp/out")" -eq 0 ]
done

for type in origin-request functions-viewer-request; do
    client() { # ADDRESS X-FORWARDED-FOR
        "$edgefn" sample $type --client-ip "$1" --header "X-Forwarded-For: $2" --header 'True-Client-IP: 10.0.0.1' >"$tmp/e.json"
        on client_address
        sed -n 's/.*"true-client-ip":\[*{[^}]*"value":"\([^"]*\)"}.*/\1/p' "$tmp/out" >"$tmp/client"
        printf '%s\n' "$(cat "$tmp/client")" >"$tmp/client"
    }
    client 192.0.2.5 '203.0.113.9'
    check "client_address, $type: an untrusted proxy" [ "$(cat "$tmp/client")" = 192.0.2.5 ]
    client 198.51.100.7 '10.9.9.9, 203.0.113.9'
    check "client_address, $type: behind one proxy" [ "$(cat "$tmp/client")" = 203.0.113.9 ]
    client 198.51.100.7 '10.9.9.9, 2001:DB8:0::9, 2001:db8:85a3:1::1, 198.51.100.7'
    check "client_address, $type: behind two proxies, normalised" [ "$(cat "$tmp/client")" = 2001:db8::9 ]
    client 198.51.100.7 'unknown'
    check "client_address, $type: unknown" [ "$rc $(cat "$tmp/client")" = "0 " ]
done

for status in 429 503; do
    for asked in 30=30 300=300 301=300 99999999999=300 0=10 -1=10 soon=10 'Thu, 08 Jan 2026 09:20:25 GMT=25' 'Thu, 08 Jan 2026 09:19:59 GMT=10'; do
        "$edgefn" sample origin-response --status $status --header "Retry-After: ${asked%=*}" --set-cookie lb=3 >"$tmp/e.json"
        on retry_later
        check "retry_later on $status: ${asked%=*}" prints '"body":"We are busy. Please come back in '"${asked#*=}"' seconds'
        check "retry_later on $status: ${asked%=*}, cached" prints '"cache-control":\[{[^}]*"value":"max-age='"${asked#*=}"'"}\]'
        check "retry_later on $status: ${asked%=*}, told" prints '"retry-after":\[{[^}]*"value":"'"${asked#*=}"'"}\]'
        check "retry_later on $status: ${asked%=*}, no cookie" [ "$(grep -c lb=3 "$tmp/out")" -eq 0 ]
        check "retry_later on $status: a 503" prints '"status":"503","statusDescription":"Service Unavailable"'
    done
done
"$edgefn" sample origin-response --status 500 --header 'Retry-After: 30' >"$tmp/e.json"
on retry_later --diff
check "retry_later: another error" has_line '= unchanged'

"$edgefn" sample origin-response --s3 --status 403 --header 'Content-Type: application/xml' --header 'x-amz-request-id: 1' --header 'X-Amz-Meta-Owner: ana' >"$tmp/e.json"
on tidy_response
check "tidy_response: a 404" prints '"status":"404","statusDescription":"Not Found".*"body":""'
check "tidy_response: S3 is not named" [ "$(grep -c -i -e x-amz- -e '"server"' "$tmp/out")" -eq 0 ]
"$edgefn" sample origin-response --status 403 >"$tmp/e.json"
on tidy_response
check "tidy_response: the 403 of an application" prints '"status":"403"'
for type in viewer-response functions-viewer-response; do
    for pair in 'text/html|text/html; charset=utf-8' 'text/css; charset=latin1|text/css; charset=latin1' 'image/png|image/png'; do
        "$edgefn" sample $type --header "Content-Type: ${pair%|*}" >"$tmp/e.json"
        on tidy_response
        check "tidy_response, $type: ${pair%|*}" prints "\"content-type\":[^]]*\"value\":\"${pair#*|}\""
    done
    canonical() { # URI OPTION...
        canonical_uri=$1
        shift
        "$edgefn" sample $type --uri "$canonical_uri" --query utm_source=x --header 'Content-Type: text/html; charset=utf-8' "$@" >"$tmp/e.json"
        on canonical_link
    }
    canonical '/men%C3%BC/<a>"' --header 'Link: </a.css>; rel=preload'
    check "canonical_link, $type: an address" prints '<https://www.example.com/men%C3%BC/%3Ca%3E%22>; rel=\\"canonical\\"'
    check "canonical_link, $type: next to the page's own" prints 'rel=preload'
    canonical / --header 'Link: </a.css>; rel=preload' --header 'Link: <https://a.example/>; rel="canonical"'
    check "canonical_link, $type: the page has one" [ "$(grep -c '<https://www' "$tmp/out")" -eq 0 ]
    canonical / --status 404
    check "canonical_link, $type: not for an error" [ "$(grep -c canonical "$tmp/out")" -eq 0 ]
done

make -s install DESTDIR="$tmp/root" PREFIX=/opt/x >"$tmp/out" 2>"$tmp/err"
check "install: the header" cmp -s edgefn.h "$tmp/root/opt/x/include/edgefn.h"
run "$tmp/root/opt/x/bin/edgefn" rules
check "install: the command line runs" prints "result.json"

#--- the command line ---------------------------------------------------------------------------------------------------

run "$edgefn"
check "no arguments" fails 2 "edgefn show EVENT.json"
for option in --help -h; do
    run "$edgefn" $option
    check "$option" succeeds
    check "$option names the commands" prints "edgefn sample TYPE"
done
for command in show run bench check rules convert sample events ua help; do
    run "$edgefn" help $command
    check "help $command" succeeds
    check "help $command describes it" prints "^  edgefn $command"
    cp "$tmp/out" "$tmp/expected"
    run "$edgefn" $command --help
    check "$command --help" succeeds
    check "$command --help is the same" same "$tmp/out" "$tmp/expected"
done
run "$edgefn" help
check "help" prints "edgefn sample TYPE"
check "no line of help is longer than 100 columns" sh -c "! grep -q '.\{101\}' '$tmp/out'"
usage "help of an unknown command" help frobnicate
printf 'a\000\377' >"$tmp/body"
run "$edgefn" sample viewer-request --body "@$tmp/body"
check "--body @FILE" prints '"data":"YQD/"'
run "$edgefn" sample viewer-request --body "@@x"
check "--body @@" prints '"data":"QHg="'
run "$edgefn" sample viewer-request --body "@$tmp/none"
check "--body of a file that is not there" fails 2 "No such file"
run "$edgefn" sample viewer
check "an unknown type: the types are listed" fails 2 "^types: viewer-request origin-request "
run "$edgefn" --version
check "--version" has_line "edgefn $(sed -n 's/^# *define EDGEFN_VERSION *"\(.*\)"$/\1/p' edgefn.h)"

usage "unknown command" frobnicate
usage "unknown option of show" show --pretty "$page"
usage "show without event" show
usage "show of two events" show "$page" "$page"
usage "run without anything" run
usage "run without event" run "$handlers/pass.so"
usage "unknown option of run" run "$handlers/pass.so" "$page" --color
usage "--now without value" run "$handlers/pass.so" "$page" --now
for option in --secret --kv --auth; do
    usage "$option without value" run "$handlers/pass.so" "$page" $option
    for value in '' name =value; do usage "$option '$value'" run "$handlers/pass.so" "$page" "$option=$value"; done
    run "$edgefn" run "$handlers/pass.so" "$page" $option a=b=c $option=d= $option a=
    check "$option" succeeds
done
"$edgefn" sample viewer-request >"$tmp/e.json"
run "$edgefn" run "$handlers/maintenance.so" "$tmp/e.json" --now 1767864000 --kv 'maintenance_until=Fri, 09 Jan 2026 00:00:00 GMT' --kv maintenance_until=x --diff
check "--kv: the last of equal names" has_line "= unchanged"
run "$edgefn" run "$handlers/maintenance.so" "$tmp/e.json" --now 1767864000 --secret 'maintenance_until=Fri, 09 Jan 2026 00:00:00 GMT' --diff
check "--kv and --secret are two tables" has_line "= unchanged"
run "$edgefn" run "$handlers/maintenance.so" "$tmp/e.json" --now 1767864000 --table 'kv:maintenance_until=Fri, 09 Jan 2026 00:00:00 GMT' --diff
check "--table kv: is --kv" has_line "+ header Retry-After: Fri, 09 Jan 2026 00:00:00 GMT"
usage "--table without value" run "$handlers/pass.so" "$page" --table
for value in '' kv kv: a=b :a=b kv:=b kv:a; do usage "--table '$value'" run "$handlers/pass.so" "$page" "--table=$value"; done
for option in --secret --auth --table; do
    run "$edgefn" run "$handlers/pass.so" "$page" $option hidden
    check "$option: a wrong value is not printed" [ "$(grep -c hidden "$tmp/err")" = 0 ]
done
usage "--diff with value" run "$handlers/pass.so" "$page" --diff=yes
for value in '' x -1 1.5 0x10 9223372036854775808 99999999999999999999; do
    usage "--now '$value'" run "$handlers/pass.so" "$page" --now "$value"
done
for value in '' x 1 1.0 -0.1 1e0 nan inf 0x0.8 0.5x '0.5 ' ' 0.5' . -; do
    usage "--random '$value'" run "$handlers/pass.so" "$page" --random "$value"
done
for value in '' x 0 0001020304050607080910111213141 000102030405060708091011121314150 0x02030405060708091011121314151 \
    ' 00102030405060708091011121314151' 0001020304050607-809101112131415; do
    usage "--random-bytes '$value'" run "$handlers/pass.so" "$page" --random-bytes "$value"
done
for value in 0 0.5 .5 5e-1 0.99999999999999994 1e-300; do
    run "$edgefn" run "$handlers/pass.so" "$page" --random "$value" --now 9223372036854775807
    check "--random $value" succeeds
done

member_of "$page" >"$tmp/member"
run "$edgefn" run --now 5 "$handlers/pass.so" --random=0.25 "$page" --now=6
check "options in any place" cmp -s "$tmp/member" "$tmp/out"
run "$edgefn" run --random .5 -- "$handlers/pass.so" "$page"
check "-- ends the options" cmp -s "$tmp/member" "$tmp/out"
(cd "$handlers" && ../edgefn run pass.so "../../$page") >"$tmp/out" 2>"$tmp/err" </dev/null
rc=$?
check "a handler's name without a slash" cmp -s "$tmp/member" "$tmp/out"
run "$edgefn" run "$PWD/$handlers/pass.so" "$page"
check "a handler's absolute name" cmp -s "$tmp/member" "$tmp/out"

#--- files that do not exist or are not libraries -----------------------------------------------------------------------

for command in "show" "run $handlers/pass.so"; do
    # shellcheck disable=SC2086
    run "$edgefn" $command "$tmp/none.json"
    check "$command: no such file" fails 2 "^edgefn: $tmp/none.json: No such file or directory\$"
    # shellcheck disable=SC2086
    run "$edgefn" $command "$tmp"
    check "$command: a directory" fails 2 "^edgefn: $tmp: Is a directory\$"
done
run "$edgefn" run "$tmp/none.so" "$page"
check "no such handler" fails 2 "^edgefn: $tmp/none.so: cannot be loaded"
run "$edgefn" run "$page" "$page"
check "a handler that is not a library" fails 2 "^edgefn: $page: cannot be loaded"
if [ -e /dev/full ]; then
    "$edgefn" show "$page" >/dev/full 2>"$tmp/err"
    rc=$?
    : >"$tmp/out"
    check "a full disk" fails 2 "^edgefn: standard output: "
fi

#--- handlers that are invalid or fail: one library, the header x-test chooses how ---------------------------------------

cat >"$tmp/bad.c" <<'C'
#include "edgefn.h"
#define S EDGEFN_S
bool edgefn_handler(edgefn_event *ev)
{
    edgefn_str how = edgefn_get(edgefn_is_request(ev) ? &ev->request.headers : &ev->response.headers, S("x-test"));
    if (edgefn_str_eq(how, S("false"))) return false;
    if (edgefn_str_eq(how, S("uri"))) ev->request.uri = S("no-slash");
    if (edgefn_str_eq(how, S("name"))) edgefn_set(&ev->request.headers, S("bad name"), S("x"));
    if (edgefn_str_eq(how, S("wrong-event"))) edgefn_set(&ev->request.headers, S("x-a"), S("b"));
    if (edgefn_str_eq(how, S("twice"))) { ev->request.uri = S("no-slash"); edgefn_set(&ev->request.headers, S("bad name"), S("x")); return false; }
    if (edgefn_str_eq(how, S("eat"))) while (edgefn_alloc(ev, 16 << 20, 1)) {}
    if (edgefn_str_eq(how, S("big"))) {
        char *p = edgefn_alloc(ev, 20 << 20, 1);
        if (p == NULL) return false;
        p[0] = '/';
        for (size_t i = 1; i < 4000; i++) p[i] = 'a';
        ev->request.uri = (edgefn_str){ p, 4000 };
    }
    if (edgefn_str_eq(how, S("clock"))) {
        edgefn_str now = edgefn_str_from_u64(ev, (uint64_t)ev->env->now_s), draw = edgefn_str_from_u64(ev, ev->env->random);
        edgefn_set(&ev->request.headers, S("X-Now"), now);
        edgefn_set(&ev->request.headers, S("X-Draw"), draw);
        edgefn_set(&ev->request.headers, S("X-Has-Draw"), ev->env->has_random ? S("yes") : S("no"));
        unsigned char bits[16];
        if (!edgefn_random(ev, bits)) return false;
        edgefn_set(&ev->request.headers, S("X-Random"), edgefn_hex_encode(ev, (edgefn_str){ (char *)bits, sizeof bits }));
    }
    if (edgefn_str_eq(how, S("edits"))) {
        edgefn_fields *q = edgefn_query(ev), *c = edgefn_cookies(ev);
        edgefn_set(q, S("b"), S("9"));
        edgefn_remove(q, S("a"));
        edgefn_add(c, S("new"), S("1"));
        edgefn_set(c, S("old"), S("x"));
        edgefn_remove(c, S("gone"));
        edgefn_remove(&ev->request.headers, S("accept-language"));
        edgefn_set(&ev->request.headers, S("User-Agent"), S("me"));
        edgefn_add(&ev->request.headers, S("X-List"), S("2"));
        ev->request.uri = S("/new");
    }
    if (edgefn_str_eq(how, S("sort"))) edgefn_sort(edgefn_query(ev));
    if (edgefn_str_eq(how, S("body"))) edgefn_body_replace(ev, S("b=2"), EDGEFN_ENCODING_TEXT);
    if (edgefn_str_eq(how, S("origin"))) { ev->request.origin.domain = S("b.example.com"); ev->request.origin.port = 8443; }
    if (edgefn_str_eq(how, S("s3"))) edgefn_origin_s3(ev, &(edgefn_origin_opts){ .domain = S("amzn-s3-demo-bucket.s3.amazonaws.com") });
    if (edgefn_str_eq(how, S("cookies"))) {
        edgefn_fields *c = edgefn_response_cookies(ev);
        edgefn_set_attributes_at(c, edgefn_find(c, S("a"), 0), S("Path=/; Secure"));
        edgefn_set(c, S("c"), S("3"));
        edgefn_remove(c, S("b"));
    }
    return true;
}
C
cat >"$tmp/stack.c" <<'C'
#include "edgefn.h"
#include <string.h>
#define S EDGEFN_S
bool edgefn_handler(edgefn_event *ev)
{
    char text[40];
    edgefn_str how = edgefn_get(&ev->request.headers, S("x-test"));
    strcpy(text, "/on-the-stack");
    edgefn_log(ev, S("a line\n\033[31mforged"));
    if (edgefn_str_eq(how, S("uri"))) ev->request.uri = edgefn_cstr(text);
    if (edgefn_str_eq(how, S("name"))) edgefn_add(&ev->request.headers, edgefn_cstr(text + 1), S("1"));
    if (edgefn_str_eq(how, S("copy"))) ev->request.uri = edgefn_str_join(ev, (edgefn_str[]){ edgefn_cstr(text) }, 1);
    return true;
}
C
printf '%s\n' '#include <stdint.h>' 'uint32_t edgehost_abi(void);' 'uint32_t edgehost_abi(void) { return 1; }' \
    'int edgehost_handle(void);' 'int edgehost_handle(void) { return 0; }' >"$tmp/other.c"
echo 'int nothing(void); int nothing(void) { return 0; }' >"$tmp/empty.c"
cat >"$tmp/older.c" <<'C'
#include "examples/hosts/edgefn_host.h"
#include <stdio.h>
uint32_t edgehost_abi(void) { return EDGEHOST_ABI; }
bool edgefn_handler(edgefn_event *ev) { return ev != NULL; }
int edgehost_handle(edgehost_call *call)
{
    static const char why[] = " error: out of memory (EDGEFN_E_OOM)", result[] = "null";
    fputs("called\n", stderr);
    call->why = why, call->why_len = sizeof why - 1;
    call->result = result, call->result_len = sizeof result - 1;
    return 3;
}
C
check "build a handler that fails" built bad "$host"
bad=$tmp/bad.so
check "build a handler with strings on its stack" built stack "$host"
for how in uri name copy; do
    "$edgefn" sample viewer-request --header "x-test: $how" >"$tmp/stack.json"
    run "$edgefn" run "$tmp/stack.so" "$tmp/stack.json"
    case $how in
    uri) check "a URI on the stack" fails 3 "error: a string changed .*edgefn_str_copy(): request.uri (EDGEFN_E_LIFETIME)" ;;
    name) check "a name on the stack" fails 3 "edgefn_str_copy(): request.headers: on-the-stack (EDGEFN_E_LIFETIME)" ;;
    copy) check "a copy" [ "$rc" -eq 0 ] ;;
    esac
    check "a line of the log" grep -q '^edgefn: log: a line??\[31mforged$' "$tmp/err"
done
check "build a library older than edgehost_call.error" built older ""
$cc -std=c99 -shared -fPIC -o "$tmp/other.so" "$tmp/other.c"
$cc -std=c99 -shared -fPIC -o "$tmp/empty.so" "$tmp/empty.c"
run "$edgefn" run "$tmp/other.so" "$page"
check "a handler of another abi" fails 2 "^edgefn: $tmp/other.so: was built with another edgefn.h"
run "$edgefn" run "$tmp/empty.so" "$page"
check "a library that is not a handler" fails 2 "^edgefn: $tmp/empty.so: is not a handler"
cp examples/handlers/redirect_https.c "$tmp/alone.c"
built alone ""
run "$edgefn" run "$tmp/alone.so" "$page"
check "a handler without the library: how to build it" fails 2 "undefined symbol: edgefn_[a-z_]*; it was built without edgefn_host.c: cc -shared -fPIC .* examples/hosts/edgefn_host.c -o my.so"
built alone "-DEDGEFN_IMPLEMENTATION"
run "$edgefn" run "$tmp/alone.so" "$page"
check "a handler with the library alone: how to build it" fails 2 "is only a handler: it was built without edgefn_host.c: cc -shared -fPIC "
run "$edgefn" run "$tmp/alone.c" "$page"
check "a handler's source: how to build it" fails 2 "cannot be loaded: .*; build it first: make handler HANDLER=$tmp/alone.c$"

# how TYPE WHAT [OPTION...]: makes an event that tells the handler what to do
how() {
    how_type=$1 how_what=$2
    shift 2
    "$edgefn" sample "$how_type" --header "x-test: $how_what" "$@" >"$tmp/e.json"
}

closed_lambda='^edgefn: fail-closed answer: {"status":"503"'
closed_functions='^edgefn: fail-closed answer: {"statusCode":503'
for type in viewer-request origin-request functions-viewer-request; do
    case $type in functions-*) closed=$closed_functions ;; *) closed=$closed_lambda ;; esac
    for what in "false HANDLER" "uri URI" "name FIELD_NAME" "twice FIELD_NAME"; do
        how $type "${what% *}"
        run "$edgefn" run "$bad" "$tmp/e.json"
        check "$type, handler fails: $what" fails 3 "^$tmp/e.json: error: .*(EDGEFN_E_${what#* })\$"
        check "$type, handler fails: $what, the fail-closed answer" says "$closed"
        check "$type, handler fails: $what, two lines" [ "$(wc -l <"$tmp/err")" -eq 2 ]
        run "$edgefn" run "$bad" "$tmp/e.json" --diff
        check "$type, handler fails: $what, --diff" fails 3 "(EDGEFN_E_${what#* })\$"
    done
done
for type in origin-response viewer-response functions-viewer-response; do
    for what in "false HANDLER" "wrong-event EVENT_TYPE"; do
        how $type "${what% *}"
        run "$edgefn" run "$bad" "$tmp/e.json"
        check "$type, handler fails: $what" fails 3 "(EDGEFN_E_${what#* })\$"
        check "$type, handler fails: $what, the fail-closed answer" says '^edgefn: fail-closed answer: null$'
    done
done
fed "$tmp/e.json" "$edgefn" run "$bad" -
check "handler fails, event from stdin" fails 3 "^-: error: "
how viewer-request eat
run "$edgefn" run "$bad" "$tmp/e.json"
check "handler takes all memory" fails 3 "(EDGEFN_E_OOM)\$"
how viewer-request big
run "$edgefn" run "$bad" "$tmp/e.json"
check "handler needs much memory and gets it" succeeds
run "$edgefn" run "$tmp/older.so" "$page"
check "a library older than edgehost_call.error" fails 3 "^$page: error: out of memory (EDGEFN_E_OOM)\$"
check "a library older than edgehost_call.error, called once" [ "$(grep -c '^called$' "$tmp/err")" -eq 1 ]
how viewer-request clock
run "$edgefn" run "$bad" "$tmp/e.json" --now 1767864000 --random 0.999999999999 --random-bytes 00112233445566778899AABBCCDDEEFF
check "--random-bytes reach the handler" prints '"value":"00112233445566778899aabbccddeeff"'
check "--now reaches the handler" prints '"value":"1767864000"'
check "--random is floor(X * 2^32)" prints '"value":"4294967295"'
run "$edgefn" run "$bad" "$tmp/e.json"
now=$(sed -n 's/.*"x-now":\[{"key":"X-Now","value":"\([0-9]*\)"}.*/\1/p' "$tmp/out")
check "the real clock" [ "$(($(date +%s) - ${now:-0}))" -lt 60 ]
check "a fresh draw" prints '"x-has-draw":\[{"key":"X-Has-Draw","value":"yes"}\]'
bits=$(sed -n 's/.*"X-Random","value":"\([0-9a-f]*\)".*/\1/p' "$tmp/out")
run "$edgefn" run "$bad" "$tmp/e.json" --random 0.5
check "fresh random bytes" [ ${#bits} = 32 ]
check "other random bytes in the next run" [ "$bits" != "$(sed -n 's/.*"X-Random","value":"\([0-9a-f]*\)".*/\1/p' "$tmp/out")" ]

# what --diff says of their edits
# edited TYPE WHAT [OPTION...]
edited() {
    how "$@"
    run "$edgefn" run "$bad" "$tmp/e.json" --diff
}

for type in viewer-request functions-viewer-request; do
    edited $type edits --query 'a=1&b=2&c=3' --cookie old=1 --cookie gone=2 --header 'X-List: 1'
    case $type in
    functions-*) user_agent=user-agent list=x-list language=accept-language ;;
    *) user_agent=User-Agent list=X-List language=Accept-Language ;;
    esac
    check "--diff, $type: succeeds" succeeds
    check "--diff, $type: uri" has_line '~ uri "/index.html" -> "/new"'
    check "--diff, $type: query removed" has_line "- query a: 1"
    check "--diff, $type: query changed" has_line '~ query b: "2" -> "9"'
    check "--diff, $type: cookie added" has_line "+ cookie new: 1"
    check "--diff, $type: cookie changed" has_line '~ cookie old: "1" -> "x"'
    check "--diff, $type: cookie removed" has_line "- cookie gone: 2"
    check "--diff, $type: header removed" has_line "- header $language: en-US,en;q=0.7,sv;q=0.3"
    check "--diff, $type: header changed" prints "^~ header $user_agent: \"Mozilla.*\" -> \"me\"\$"
    check "--diff, $type: header added to a list" has_line "+ header $list: 2"
    check "--diff, $type: nothing else" [ "$(wc -l <"$tmp/out")" -eq 9 ]
    edited $type sort --query 'b=2&a=1'
    check "--diff, $type: query in another order" has_line "~ query order"
done
edited viewer-request body --body 'a=1'
check "--diff: request body" has_line "~ body 3 bytes, as base64: a=1 -> 3 bytes, as text: b=2"
edited origin-request origin
check "--diff: origin's domain" has_line '~ origin domain "origin.example.com" -> "b.example.com"'
check "--diff: origin's port" has_line "~ origin port 443 -> 8443"
edited origin-request s3
check "--diff: another type of origin" prints "^~ origin custom https://origin.example.com:443 -> s3 amzn-s3-demo-bucket.s3.amazonaws.com\$"
check "--diff: Host changes with it" has_line '~ header Host: "origin.example.com" -> "amzn-s3-demo-bucket.s3.amazonaws.com"'
for type in viewer-response functions-viewer-response; do
    edited $type cookies --set-cookie 'a=1; Path=/' --set-cookie b=2
    check "--diff, $type: cookie's attributes" has_line '~ set-cookie a: "1; Path=/" -> "1; Path=/; Secure"'
    check "--diff, $type: cookie set" has_line "+ set-cookie c: 3"
    check "--diff, $type: cookie no longer set" has_line "- set-cookie b: 2"
    check "--diff, $type: nothing else" [ "$(wc -l <"$tmp/out")" -eq 3 ]
done

#--- --diff: lists of one name, and numbers -------------------------------------------------------------------------------

cat >"$tmp/lists.c" <<'C'
#include "examples/hosts/edgefn_host.h"
#define S EDGEFN_S
bool edgefn_handler(edgefn_event *ev)
{
    edgefn_fields *h = &ev->request.headers;
    edgefn_str list = edgefn_get(h, S("x-list"));
    edgefn_remove(h, S("x-a"));
    for (bool more = list.len > 0; more;) {
        edgefn_cut cut = edgefn_str_cut(list, S(","));
        edgefn_add(h, S("x-a"), cut.head);
        list = cut.tail;
        more = cut.found;
    }
    if (ev->type == EDGEFN_ORIGIN_REQUEST) ev->request.origin.completion_timeout_s = 0;
    return true;
}
C
check "build a handler that edits lists" built lists "$host"
# lists "1 2" 1,3 EXPECTED...: --diff must print these lines
lists() {
    lists_name="--diff: $1 -> $2" lists_to=$2
    set -- "$1" "$@"
    values=$1
    shift 3
    arguments=
    for v in $values; do arguments="$arguments --header x-a:$v"; done
    # shellcheck disable=SC2086
    "$edgefn" sample viewer-request --header "x-list: $lists_to" $arguments >"$tmp/e.json"
    run "$edgefn" run "$tmp/lists.so" "$tmp/e.json" --diff
    check "$lists_name" [ "$(cat "$tmp/out")" = "$(printf '%s\n' "$@")" ]
}
lists '1 2 3' 1,x,3 '~ header x-a: "2" -> "x"'
lists '1 2 3 4' 1,x,3,y '~ header x-a: "2" -> "x"' '~ header x-a: "4" -> "y"'
lists '1 2 3 4' 1,x,3,4,5 '~ header x-a: "2" -> "x"' '+ header x-a: 5'
lists '1 2 3' 2,3,4 '- header x-a: 1' '+ header x-a: 4'
lists '1 2 3' 1,3 '- header x-a: 2'
lists '1 2' 3,4,5 '- header x-a: 1' '- header x-a: 2' '+ header x-a: 3' '+ header x-a: 4' '+ header x-a: 5'
lists '1 1 1' 1,1 '- header x-a: 1'
lists '1 2 3 4 5 6 7' 1,x,3,y,5,z,7 '~ header x-a: "2" -> "x"' '~ header x-a: "4" -> "y"' '~ header x-a: "6" -> "z"'
lists '1 2 3 4 5' 0,1,3,a,b,5,6 '- header x-a: 2' '- header x-a: 4' '+ header x-a: 0' '+ header x-a: a' '+ header x-a: b' '+ header x-a: 6'
"$edgefn" sample origin-request >"$tmp/e.json"
run "$edgefn" run "$tmp/lists.so" "$tmp/e.json" --diff
check "--diff: a number that is absent" has_line '~ origin completion time-out 60 -> absent'

#--- jwt -------------------------------------------------------------------------------------------------------------------

jwt() { run "$edgefn" jwt "$@"; }
# RFC 7515, A.1: uses another key and header, so only its parts are compared
long_ago='eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
jwt show --now 1300819380 "$long_ago"
check "jwt show" exits 0
check "jwt show: the header" has_line 'header     {"typ":"JWT",\r\n "alg":"HS256"}'
check "jwt show: the time" has_line 'exp        Tue, 22 Mar 2011 18:43:00 GMT, 0 s from now'
check "jwt show: no promise" has_line 'signature  not checked'
python3 -c 'import base64, sys; sys.stdout.buffer.write(base64.urlsafe_b64decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow=="))' >"$tmp/key" 2>/dev/null
if [ -s "$tmp/key" ]; then
    jwt verify --now 1300819379 --secret "@$tmp/key" "$long_ago"
    check "jwt verify: the example of RFC 7515" exits 0
    jwt verify --now 1300819381 --secret "@$tmp/key" "$long_ago"
    check "jwt verify: after its time" fails 1 'edgefn jwt: refused: '
    jwt verify --now 1300819381 --leeway 9 --secret "@$tmp/key" --issuer joe "$long_ago"
    check "jwt verify: --leeway, --issuer" exits 0
    jwt verify --now 1300819379 --secret "@$tmp/key" --issuer jane "$long_ago"
    check "jwt verify: another issuer" fails 1 'edgefn jwt: refused: '
fi
jwt sign --now 1000 --expires 60 --secret s3cret '{"sub":"u1"}'
check "jwt sign" exits 0
token=$(cat "$tmp/out")
jwt verify --now 1059 --secret s3cret "$token"
check "jwt verify of it" exits 0
check "jwt verify prints the payload" has_line '{"iat":1000,"exp":1060,"sub":"u1"}'
printf 's3cret\n' >"$tmp/secret"
printf '%s\r\n' "$token" >"$tmp/token"
fed "$tmp/token" "$edgefn" jwt verify --now 1059 --secret "@$tmp/secret" -
check "jwt verify, from files" exits 0
jwt verify --now 1059 --secret other "$token"
check "jwt verify: another secret" fails 1 'refused: the signature is wrong'
jwt sign --secret s '{"a":1}'
jwt verify --secret s "$(cat "$tmp/out")"
check "jwt verify: without exp" fails 1 'edgefn jwt: refused: '
jwt sign --secret s '{"a":1}'
jwt verify --secret s --no-expiry "$(cat "$tmp/out")"
check "jwt verify: --no-expiry" exits 0
jwt sign --secret s --expires 5 '{}'
check "jwt sign: an empty payload" exits 0
jwt sign --secret s '[1]'
check "jwt sign: no object" fails 1 'the payload is not a JSON object'
jwt sign --secret s --expires 5 '{"a":'
check "jwt sign: half an object" fails 1 'the payload is not a JSON object'
es256='eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UifQ.AAAA'
jwt show "$es256"
check "jwt show: ES256" has_line 'header     {"alg":"ES256"}'
jwt verify --secret s "$es256"
check "jwt verify: ES256" fails 1 'refused: only HS256 is supported, this token has: ES256'
# a JWKS with an ES256 and an RS256 key; the tokens of jwt_sign_in's cases
by_key=$(sed -n 's/.*--cookie session=\(eyJhbGciOiJFUzI1[^ ]*\)$/\1/p' tests/recipes/jwt_sign_in.txt | head -n 1)
own=https://id.example.com=tests/data/jwt/jwks.json
jwt verify --now 1767864000 --jwks "$own" "$by_key"
check "jwt verify: ES256 with a JWKS" exits 0
check "jwt verify: ES256 with a JWKS prints the payload" prints '^{"iss":"https://id.example.com","sub":"ana"'
jwt verify --now 1767864000 --jwks "$own" --secret s "${by_key%?????}AAAAA"
check "jwt verify: another signature" fails 1 'refused: the signature is wrong'
jwt verify --now 1767864000 --jwks "${own#https://}" "$by_key"
check "jwt verify: the JWKS of another issuer" fails 1 'not verified: the table jwks has no keys of this issuer'
jwt verify --jwks "$own" "$token"
check "jwt verify: HS256 without a secret" fails 1 'refused: the algorithm is not allowed'
jwt verify --jwks a=tests/data/jwt/none.json "$by_key"
check "jwt verify: no such JWKS" fails 2 "edgefn: table jwks: tests/data/jwt/none.json: No such file"
run "$edgefn" run "$handlers/pass.so" examples/events/viewer-request-page.json --table 'jwks:https://id.example.com={"keys":[]}'
check "a JWKS without keys" fails 2 'edgefn: table jwks: https://id.example.com: the JWKS has no key'
usage "jwt verify --jwks without an issuer" jwt verify --jwks file.json a.b.c
for no_token in abc a.b.c "$es256.x" '..' ''; do
    jwt show "$no_token"
    case $no_token in "$es256.x") continue ;; esac
    check "jwt show $no_token" fails 1 "not a signed token"
done
usage "jwt" jwt
usage "jwt, another action" jwt make x
usage "jwt sign without a secret" jwt sign '{}'
usage "jwt verify without a token" jwt verify --secret x
usage "jwt, one too many" jwt show a b
usage "jwt, no such option" jwt show --nothing a
usage "jwt --expires" jwt sign --secret a --expires 1h '{}'
#--- completion, recipes ---------------------------------------------------------------------------------------------------

if there bash; then
    cat >"$tmp/complete.bash" <<'B'
. examples/hosts/cli/completion.bash
PATH=$PWD/build:$PATH
try() { COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _edgefn; echo "${COMPREPLY[@]}"; }
try edgefn j
try edgefn run x.so --ti
try edgefn sample functions-viewer-re
try edgefn show examples/events/origin-request-s
try edgefn events --type functions-viewer-re
try edgefn recipes origin_s
try edgefn recipes image canonical
B
    run bash "$tmp/complete.bash"
    check "completion for bash" [ "$(cat "$tmp/out")" = "jwt
--timeout
functions-viewer-request functions-viewer-response
examples/events/origin-request-s3.json
functions-viewer-request functions-viewer-response
origin_s3_to_custom origin_secret
canonical_link" ]
fi

run "$edgefn" recipes
check "recipes: by topic" [ "$(sed -n 's/^\*\*\(.*\)\*\*$/# \1/p; s/^- \[`\([a-z0-9_]*\)`\](handlers.*/\1/p' examples/README.md)" = \
    "$(sed '/^$/d; /	/!s/^/# /; s/	.*//' "$tmp/out")" ]
check "recipes: name and first sentence" has_line "redirect_https	sends viewers from HTTP to the same address over HTTPS, for good: 301, or 308 for forms"
check "recipes: all" exits 0
for file in examples/handlers/*.c; do
    name=${file##*/}
    run "$edgefn" recipes "${name%.c}"
    check "recipes $name: its source" cmp -s "$tmp/out" "$file"
done
run "$edgefn" recipes COUNTRY 'key-value   Table'
check "recipes: nothing has both" fails 1 "^edgefn recipes: no recipe's name or first comment contains 'COUNTRY' and 'key-value   Table'\$"
run "$edgefn" recipes SIGN 'cookie'
check "recipes: one line for each match" [ "$(cut -f1 "$tmp/out" | grep -x -e sign_out -e oauth_start -e pass | tr '\n' ' ')" = 'oauth_start sign_out ' ]
check "recipes: no topics between matches" [ "$(grep -c -v '	' "$tmp/out")" -eq 0 ]
check "recipes: matches are found" exits 0
run "$edgefn" recipes jacket VIEWER
check "recipes: the source of the only match" cmp -s "$tmp/out" examples/handlers/image_by_cookie.c
run "$edgefn" recipes 'Page,  however its'
check "recipes: words of one argument follow each other" cmp -s "$tmp/out" examples/handlers/cache_key.c
run "$edgefn" recipes redirct
check "recipes: nothing found" fails 1 "^the nearest names: redirect_https, redirect_map, country_redirect; 'edgefn recipes' lists all\$"
run "$edgefn" recipes cachekey
check "recipes: nothing found, the whole name" fails 1 "^the nearest names: cache_key, "
run "$edgefn" recipes "$(printf '%02000d\033' 0)"
check "recipes: a long word" fails 1 "0.x1b'\$"
run "$edgefn" recipes -- --page
check "recipes: an operand with dashes" fails 1 "contains '--page'"
usage "recipes, no such option" recipes --page

#--- invalid events -----------------------------------------------------------------------------------------------------

: >"$tmp/empty.json"
refused "an empty file" "$tmp/empty.json" JSON_EOF 1:1
printf '\n \n' >"$tmp/white.json"
refused "white space only" "$tmp/white.json" JSON_EOF 3:1
for event in viewer-request-page functions-viewer-response; do
    size=$(($(wc -c <"$events/$event.json")))
    for cut in 1 20 $((size / 2)) $((size - 2)); do
        head -c "$cut" "$events/$event.json" >"$tmp/cut.json"
        refused "$event cut at $cut" "$tmp/cut.json" JSON_EOF "1:$((cut + 1))"
    done
done
head -n 7 "$events/origin-request-pretty.json" >"$tmp/cut.json"
refused "a pretty event cut at line 8" "$tmp/cut.json" JSON_EOF 8:1
echo '{"Records":[}' >"$tmp/x.json"
refused "malformed" "$tmp/x.json" JSON_SYNTAX 1:13
printf '{"version":"1.0",\n "x": tru}' >"$tmp/x.json"
refused "a broken literal" "$tmp/x.json" JSON_SYNTAX '2:[0-9]*'
printf '{"version":"1.0",\n "x": 01}' >"$tmp/x.json"
refused "a broken number" "$tmp/x.json" JSON_NUMBER '2:[0-9]*'
printf '{"version":"1.0",\n "x": "\\q"}' >"$tmp/x.json"
refused "a broken escape" "$tmp/x.json" JSON_STRING '2:[0-9]*'
printf '{"version":"1.0",\n "x": "\377"}' >"$tmp/x.json"
refused "no UTF-8" "$tmp/x.json" JSON_UTF8 '2:[0-9]*'
cat "$page" "$page" >"$tmp/x.json"
refused "two events" "$tmp/x.json" JSON_TRAILING 2:1
{ printf '{"x":' && awk 'BEGIN { for (i = 0; i < 100; i++) printf "["; for (i = 0; i < 100; i++) printf "]" }' && echo '}'; } >"$tmp/x.json"
refused "too deep" "$tmp/x.json" JSON_DEPTH '1:[0-9]*'
awk 'BEGIN { for (i = 0; i < 1000000; i++) printf "[" }' >"$tmp/x.json"
refused "a million brackets" "$tmp/x.json" JSON_DEPTH '1:[0-9]*'
for text in '{}' '[]' '"x"' 'null' ' 5'; do
    printf '%s' "$text" >"$tmp/x.json"
    refused "no event: $text" "$tmp/x.json" NOT_AN_EVENT '1:[12]'
done
printf '%s\n{"method":"GET","uri":5}}}]}' "$lambda" >"$tmp/x.json"
refused "a wrong type" "$tmp/x.json" TYPE 2:23
printf '%s\n{"method":"GET"}}}]}' "$lambda" >"$tmp/x.json"
refused "a missing member" "$tmp/x.json" MISSING 2:16
printf '%s\n{"method":"GET","uri":"/","uri":"/"}}}]}' "$lambda" >"$tmp/x.json"
refused "a member twice" "$tmp/x.json" DUPLICATE 2:27
printf '%s\n{"method":"GET","uri":"/","headers":{"a":[{"value":"1"}],\n"A":[{"value":"2"}]}}}}]}' "$lambda" >"$tmp/x.json"
refused "a header twice" "$tmp/x.json" DUPLICATE 3:1
fed "$tmp/x.json" "$edgefn" show -
check "an error in stdin" fails 1 "^-:3:1: error: "
awk 'BEGIN { for (i = 0; i < 3000; i++) printf "{\"x\":1 " }' >"$tmp/x.json"
refused "a long error stays short" "$tmp/x.json" JSON_SYNTAX '1:[0-9]*'
check "a long error stays short, bytes" [ "$(wc -c <"$tmp/err")" -lt 1200 ]

#--- 100,000 headers ----------------------------------------------------------------------------------------------------

# many DIALECT LAST: writes the request member to $tmp/member, and the event to $tmp/many.json
many() {
    awk -v dialect="$1" -v last="$2" 'BEGIN {
        printf "{\"method\":\"GET\",\"uri\":\"/\",\"headers\":{"
        for (i = 0; i < 100000; i++)
            if (dialect == "lambda") printf "\"x-h-%d\":[{\"key\":\"X-H-%d\",\"value\":\"value %d\"}],", i, i, i
            else printf "\"x-h-%d\":{\"value\":\"value %d\"},", i, i
        print "\"" last "\":" (dialect == "lambda" ? "[{\"value\":\"z\"}]" : "{\"value\":\"z\"}") "}}"
    }' >"$tmp/member"
    if [ "$1" = lambda ]; then
        { printf '%s' "$lambda" && tr -d '\n' <"$tmp/member" && echo '}}]}'; } >"$tmp/many.json"
    else
        { printf '{"version":"1.0","context":{"eventType":"viewer-request"},"request":' && tr -d '\n' <"$tmp/member" && echo '}'; } >"$tmp/many.json"
    fi
}

for dialect in lambda functions; do
    start=$(date +%s)
    many $dialect last
    run "$edgefn" run "$handlers/pass.so" "$tmp/many.json"
    check "100,000 headers, $dialect" cmp -s "$tmp/member" "$tmp/out"
    run "$edgefn" run "$handlers/pass.so" "$tmp/many.json" --diff
    check "100,000 headers, $dialect, --diff" has_line "= unchanged"
    run "$edgefn" show "$tmp/many.json"
    check "100,000 headers, $dialect, show" has_line "headers (100001)"
    many $dialect x-h-50000
    refused "100,000 headers and one twice, $dialect" "$tmp/many.json" DUPLICATE '1:[0-9]*'
    check "100,000 headers, $dialect, take seconds" [ $(($(date +%s) - start)) -lt 30 ]
done

#--- show ---------------------------------------------------------------------------------------------------------------

"$edgefn" show "$events/viewer-request-form.json" >"$tmp/out"
check "show: request line" has_line "POST www.example.com/contact"
check "show: client" prints "^client  *192.0.2.90\$"
check "show: headers" has_line "  sec-fetch-mode: navigate"
check "show: cookies" has_line "  csrf = 6d1f0b"
check "show: body" prints "bytes, as base64\$"
check "show: body's text" prints "  name=Ada+L\.&email=ada%40example.com"
"$edgefn" show "$events/viewer-request-truncated.json" >"$tmp/out"
check "show: truncated body" prints "40960 bytes, as base64, truncated"
"$edgefn" show "$events/viewer-request-page.json" >"$tmp/out"
check "show: query" has_line "  utm_source = newsletter"
"$edgefn" show "$events/origin-request-custom.json" >"$tmp/out"
check "show: custom origin" prints "  custom https://app.example.net:443/site, read time-out 30 s, keep-alive 5 s, completion time-out 60 s, TLSv1.1, TLSv1.2"
check "show: custom headers of the origin" has_line "  X-Env: production"
"$edgefn" show "$events/origin-response-404.json" >"$tmp/out"
check "show: S3 origin" prints "  s3 amzn-s3-demo-bucket.s3.eu-west-1.amazonaws.com, .*region eu-west-1, access origin-access-identity"
check "show: status" has_line "404 Not Found"
"$edgefn" show "$events/functions-viewer-request-http.json" >"$tmp/out"
check "show: scheme, if CloudFront sends it" has_line "GET http://www.example.com/offers/summer?ref=poster-07&page=2"
"$edgefn" show "$events/functions-viewer-response-cookies.json" >"$tmp/out"
check "show: cookies set" has_line "  session-id = q8Zr1vTn4yKc0LxW7uHb   [Path=/; Secure; HttpOnly; SameSite=Lax]"
"$edgefn" show "$events/viewer-request-unicode.json" >"$tmp/out"
check "show: text beyond ASCII" has_line "  x-note: naïve → 東京 🚲"
check "show: decoded escapes" has_line "  greeting = 你好"
check "show: a tab is escaped" has_line '  x-tab: one\ttwo'
printf '%s{"method":"GET","uri":"/","headers":{"x":[{"value":"\\u001b[31m\\u0007\\r\\n\\u009b1m\\u202e\\u0000end"}]}}}}]}' "$lambda" >"$tmp/x.json"
run "$edgefn" show "$tmp/x.json"
check "show: nothing steers the terminal" has_line '  x: \x1b[31m\x07\r\n\x9b1m\u202e\x00end'

#--- run --diff ---------------------------------------------------------------------------------------------------------

# diff_of HANDLER EVENT [OPTION...]
diff_of() { recipe "$@" --diff; }

diff_of redirect_https viewer-request-http
check "--diff: answer" has_line "+ answer 301 Moved Permanently (the request is not forwarded)"
check "--diff: answer's header" has_line "+ header Location: https://www.example.com/news/2026/launch%20day.html?ref=print&page=2"
diff_of redirect_https functions-viewer-request-http
check "--diff: answer, Functions" prints "^+ header location: https://www.example.com/offers/summer"
diff_of ab_test viewer-request-experiment --random 0
check "--diff: uri" has_line '~ uri "/experiment-pixel.jpg" -> "/experiment-group/control-pixel.jpg"'
check "--diff: nothing else" [ "$(wc -l <"$tmp/out")" -eq 1 ]
diff_of error_to_static_page origin-response-503
check "--diff: body" has_line "+ body 26 bytes, as text: <h1>Please try again</h1>\\n"
check "--diff: removed header" has_line '- header ETag: W/"oops"'
"$edgefn" sample origin-response --s3 --status 403 >"$tmp/e.json"
run "$edgefn" run "$handlers/tidy_response.so" "$tmp/e.json" --diff
check "--diff: status" has_line "~ status 403 Forbidden -> 404 Not Found"
diff_of add_security_headers functions-viewer-response
check "--diff: changed header" has_line '~ header x-frame-options: "SAMEORIGIN" -> "DENY"'
check "--diff: added header" has_line "+ header x-content-type-options: nosniff"

check "--diff: no colour into a file" [ "$(grep -c "$esc" "$tmp/out")" -eq 0 ]
if command -v script >/dev/null 2>&1; then
    tty() { script -q -e -c "$1" /dev/null >"$tmp/out" 2>"$tmp/err" </dev/null; rc=$?; }
    tty "$edgefn run $handlers/ab_test.so $events/viewer-request-experiment.json --diff"
    check "--diff: colour on a terminal" prints "^$esc\[33m~ uri"
    tty "NO_COLOR=1 $edgefn run $handlers/ab_test.so $events/viewer-request-experiment.json --diff"
    check "--diff: NO_COLOR" prints "^~ uri"
else
    echo "SKIP colour on a terminal: no script(1)"
fi

#--- sample -------------------------------------------------------------------------------------------------------------

for type in viewer-request origin-request origin-response viewer-response functions-viewer-request functions-viewer-response; do
    run "$edgefn" sample $type
    check "sample $type" succeeds
    cp "$tmp/out" "$tmp/e.json"
    member_of "$tmp/e.json" >"$tmp/member"
    fed "$tmp/e.json" "$edgefn" run "$handlers/pass.so" -
    check "sample $type through run" cmp -s "$tmp/member" "$tmp/out"
    fed "$tmp/e.json" "$edgefn" show -
    check "sample $type through show" prints "${type#functions-}\$"

    run "$edgefn" sample --uri /a%20b $type --method PUT --client-ip 2001:db8::5 --query 'q="x"&r=\&q=2' --country JP --cookie 'c=v"1' --cookie d=2 \
        --header 'X-Quote: "a\b"' --header 'X-Multi: 1' --header 'x-multi: ü' --request-header 'X-Only: request'
    check "sample $type with options" succeeds
    fed "$tmp/out" "$edgefn" show -
    check "sample $type: uri, query, method" prints '^PUT .*/a%20b?'
    check "sample $type: client" prints "^client  *2001:db8::5\$"
    for line in '  q = "x"' '  q = 2' '  r = \' '  c = v"1' '  d = 2'; do check "sample $type: $line" has_line "$line"; done
    check "sample $type: country" prints "[Cc]loud[Ff]ront-[Vv]iewer-[Cc]ountry: JP\$"
    check "sample $type: quotes" prints '[Xx]-[Qq]uote: "a\\b"$'
    check "sample $type: repeated" [ "$(grep -c -i '^  x-multi: ' "$tmp/out")" -eq 2 ]
    check "sample $type: of the request" prints "[Xx]-[Oo]nly: request\$"

    case $type in
    *-response)
        run "$edgefn" sample $type --status 404 --set-cookie 'a=1; Path=/; Secure' --set-cookie 'b=2' --header 'Server: me'
        fed "$tmp/out" "$edgefn" show -
        for line in '404 Not Found' '  a = 1   [Path=/; Secure]' '  b = 2'; do check "sample $type: $line" has_line "$line"; done
        check "sample $type: a header of the template replaced" [ "$(grep -c -i '^  server: me$' "$tmp/out")" -eq 1 ]
        run "$edgefn" sample $type --status 299 --status-text 'Odd "One"'
        fed "$tmp/out" "$edgefn" show -
        check "sample $type: status text" has_line '299 Odd "One"'
        for value in 199 600 abc '' 20; do usage "sample $type --status '$value'" sample $type --status "$value"; done
        usage "sample $type --body" sample $type --body x
        ;;
    *)
        usage "sample $type --status" sample $type --status 200
        usage "sample $type --status-text" sample $type --status-text OK
        usage "sample $type --set-cookie" sample $type --set-cookie a=1
        ;;
    esac
    case $type in
    origin-*)
        run "$edgefn" sample $type --origin b.s3.example.com --s3
        fed "$tmp/out" "$edgefn" show -
        check "sample $type: --origin --s3" prints "  s3 b.s3.example.com"
        ;;
    *)
        usage "sample $type --origin" sample $type --origin example.com
        usage "sample $type --s3" sample $type --s3
        ;;
    esac
    case $type in
    functions-*)
        usage "sample $type --body" sample $type --body x
        usage "sample $type, cookie header" sample $type --header 'Cookie: a=1' --request-header 'cookie: a=1'
        ;;
    *-request)
        run "$edgefn" sample $type --body 'Grüße & mehr' --truncated
        fed "$tmp/out" "$edgefn" show -
        check "sample $type: method with a body" prints "^POST "
        check "sample $type: body" has_line "  Grüße & mehr"
        check "sample $type: truncated" prints "14 bytes, as base64, truncated"
        check "sample $type: content-length" prints "[Cc]ontent-[Ll]ength: 14\$"
        for n in '' a ab abc abcd; do
            run "$edgefn" sample $type --body "$n"
            fed "$tmp/out" "$edgefn" show -
            check "sample $type: body of ${#n}" prints "^  ${#n} bytes, as base64\$"
        done
        usage "sample $type --truncated alone" sample $type --truncated
        ;;
    esac
done
usage "sample" sample
usage "sample of nothing known" sample viewer
usage "two samples" sample viewer-request origin-request
usage "sample, unknown option" sample viewer-request --colour red
usage "sample, value missing" sample viewer-request --uri
for value in '' a '/a b' '/a?b' '/a#b' "/a$(printf '\001')"; do usage "sample --uri '$value'" sample viewer-request --uri "$value"; done
for value in '?a' 'a b' 'a#b'; do usage "sample --query '$value'" sample viewer-request --query "$value"; done
for value in '' 'G T'; do usage "sample --method '$value'" sample viewer-request --method "$value"; done
for value in '' x 'Bad Name: x' ': x' "X: a$(printf '\001')b"; do usage "sample --header '$value'" sample viewer-request --header "$value"; done
for value in '' x '=x' 'a=1;b=2'; do usage "sample --cookie '$value'" sample viewer-request --cookie "$value"; done
for value in '' d DEU de; do usage "sample --country '$value'" sample viewer-request --country "$value"; done
for value in '' example.com; do usage "sample --client-ip '$value'" sample viewer-request --client-ip "$value"; done
bytes=$(printf 'X: \377')
usage "sample, no UTF-8" sample viewer-request --header "$bytes"
run "$edgefn" sample viewer-request --uri "$(printf '/\377')"
check "sample, no UTF-8 in the uri" fails 2 "EDGEFN_E_JSON_UTF8"

#--- the libraries and `make run` ---------------------------------------------------------------------------------------

if command -v nm >/dev/null 2>&1; then
    for so in "$handlers"/*.so; do
        symbols=$(nm -D --defined-only "$so" | awk '{ print $NF }' | LC_ALL=C sort | tr '\n' ' ')
        check "${so##*/} exports three symbols" [ "$symbols" = "edgefn_handler edgehost_abi edgehost_handle " ]
    done
else
    echo "SKIP exported symbols: no nm"
fi
for file in examples/handlers/*.c; do
    check "$file has at most 60 lines, without edgefn_handler()" [ "$(sed '/^bool edgefn_handler(/,$d' "$file" | wc -l)" -le 61 ]
    check "$file includes edgefn.h only" [ "$(grep '^ *# *include' "$file")" = '#include "edgefn.h"' ]
done
run sh examples/run.sh
check "examples/run.sh" succeeds
check "examples/run.sh: length" [ "$(wc -l <"$tmp/out")" -le 150 ]
check "examples/run.sh: no colour into a file" [ "$(grep -c "$esc" "$tmp/out")" -eq 0 ]

#--- user agents ----------------------------------------------------------------------------------------------------------

chrome='Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36'
ipad='Mozilla/5.0 (iPad; CPU OS 16_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.5 Mobile/15E148 Safari/604.1'
phone='Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36'
telly='Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/79.0.3945.79 Safari/537.36'
robot='Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'

# ua_line TEXT LINE: `ua TEXT` and `ua -` must print this line
ua_line() {
    run "$edgefn" ua -- "$1"
    check "ua '$1'" succeeds
    printf '%s%s%s\n' "$2" "$tab" "$1" >"$tmp/expected"
    check "ua '$1' prints" cmp -s "$tmp/out" "$tmp/expected"
    printf '%s\n' "$1" >"$tmp/e.txt"
    fed "$tmp/e.txt" "$edgefn" ua -
    check "ua - on '$1'" succeeds
    check "ua - on '$1' prints" cmp -s "$tmp/out" "$tmp/expected"
}
fields() { printf '%s\t%s\t%s\t%s\t%s' "$@"; }
ua_line "$chrome" "$(fields desktop windows chrome 124 -)"
ua_line "$ipad" "$(fields tablet ios safari 16 -)"
ua_line "$phone" "$(fields mobile android chrome 124 -)"
ua_line "$telly" "$(fields tv webos chrome 79 -)"
ua_line "$robot" "$(fields bot - - - Googlebot)"
ua_line 'curl/8.4.0' "$(fields bot - - - curl)"
ua_line 'Amazon CloudFront' "$(fields bot - - - Amazon)"
ua_line '()' "$(fields bot - - - '?')"
ua_line '' "$(fields desktop - - - -)"
ua_line "a${tab}b" "$(fields bot - - - a)"
ua_line '--help' "$(fields bot - - - --help)"

# lines: the last one without a line feed, CR LF, NUL, empty lines, one longer than any buffer; all other bytes are printed unchanged
long=$(awk 'BEGIN { for (i = 0; i < 40000; i++) printf "x y z 12 " }')
printf '%s\r\n\n\r\ncurl/8\0\t\377\r\r\n%s %s\n%s' "$chrome" "$long" "curl/8" "$ipad" >"$tmp/e.txt"
fed "$tmp/e.txt" "$edgefn" ua -
check "ua -: lines" succeeds
nothing=$(fields desktop - - - -)
{
    printf '%s\t%s\n%s\t\n%s\t\n' "$(fields desktop windows chrome 124 -)" "$chrome" "$nothing" "$nothing"
    printf '%s\tcurl/8\0\t\377\r\n' "$(fields bot - - - curl)"
    printf '%s\t%s %s\n%s\t%s\n' "$(fields bot - - - curl)" "$long" "curl/8" "$(fields tablet ios safari 16 -)" "$ipad"
} >"$tmp/expected"
check "ua -: lines as they came" cmp -s "$tmp/out" "$tmp/expected"
: >"$tmp/e.txt"
fed "$tmp/e.txt" "$edgefn" ua -
check "ua -: no line" succeeds
check "ua -: no line, no output" silent
awk -v a="$chrome" -v b="$ipad" 'BEGIN { for (i = 0; i < 20000; i++) print i % 3 ? a : b }' >"$tmp/e.txt"
fed "$tmp/e.txt" "$edgefn" ua -
check "ua -: 20,000 lines" [ "$(wc -l <"$tmp/out")" -eq 20000 ]
cut -f6 "$tmp/out" >"$tmp/expected"
check "ua -: 20,000 lines in order" cmp -s "$tmp/e.txt" "$tmp/expected"
check "ua -: a third of them tablets" [ "$(grep -c '^tablet' "$tmp/out")" -eq 6667 ]
usage "ua" ua
usage "ua of two" ua a b
usage "ua, unknown option" ua --json a
if [ -e /dev/full ]; then
    "$edgefn" ua - <"$tmp/e.txt" >/dev/full 2>"$tmp/err"
    rc=$?
    check "ua -: output that cannot be written" [ "$rc" -eq 2 ]
fi
"$edgefn" ua - <. >"$tmp/out" 2>"$tmp/err"
rc=$?
check "ua -: input that cannot be read" fails 2 'standard input'

# block_bots and country_redirect
for type in viewer-request functions-viewer-request; do
    for agent in 'GPTBot/1.2' 'curl/8.4.0' 'Mozilla/5.0 (compatible; ClaudeBot/1.0)' 'python-requests/2.31.0'; do
        "$edgefn" sample $type --request-header "User-Agent: $agent" >"$tmp/e.json"
        run "$edgefn" run "$handlers/block_bots.so" "$tmp/e.json"
        check "block_bots, $type: $agent" prints '"status[A-Za-z]*":"*403"*,.*No robots here'
        "$edgefn" sample $type --uri /robots.txt --request-header "User-Agent: $agent" >"$tmp/e.json"
        run "$edgefn" run "$handlers/block_bots.so" "$tmp/e.json" --diff
        check "block_bots, $type: robots.txt for $agent" has_line "= unchanged"
    done
    for agent in "$chrome" "$ipad" "$robot" 'facebookexternalhit/1.1' 'ELB-HealthChecker/2.0' 'AhrefsBot/7.0'; do
        "$edgefn" sample $type --request-header "User-Agent: $agent" >"$tmp/e.json"
        run "$edgefn" run "$handlers/block_bots.so" "$tmp/e.json" --diff
        check "block_bots, $type: passes $agent" has_line "= unchanged"
    done
done
# COUNTRY:TO: the site to which viewers from this country are redirected; empty: no redirect
for country in TW:tw US:us DE:; do
    to=${country#*:}
    for type in origin-request functions-viewer-request; do
        for host in www.example.com tw.example.com US.example.com:443; do
            "$edgefn" sample $type --country "${country%:*}" --uri /a//b --query 'a=1&b=%26' --request-header "Host: $host" >"$tmp/e.json"
            case $to,$host in
            ,* | *,tw.* | *,US.*)
                run "$edgefn" run "$handlers/country_redirect.so" "$tmp/e.json" --diff
                check "country_redirect, $type: $country at $host" has_line "= unchanged"
                ;;
            *)
                run "$edgefn" run "$handlers/country_redirect.so" "$tmp/e.json"
                check "country_redirect, $type: $country" prints "\"value\":\"https://$to.example.com/a//b?a=1&b=%26\""
                check "country_redirect, $type: $country may be cached" [ "$(grep -c -i no-store "$tmp/out")" -eq 0 ]
                ;;
            esac
        done
        "$edgefn" sample $type --country "${country%:*}" --method POST --request-header 'Host: www.example.com' >"$tmp/e.json"
        run "$edgefn" run "$handlers/country_redirect.so" "$tmp/e.json" --diff
        check "country_redirect, $type: a form, $country" has_line "= unchanged"
    done
    for event in "viewer-request" "origin-request" "origin-request --s3"; do # the country header is not trusted, or Host is the origin's
        # shellcheck disable=SC2086
        "$edgefn" sample $event --country "${country%:*}" >"$tmp/e.json"
        run "$edgefn" run "$handlers/country_redirect.so" "$tmp/e.json" --diff
        check "country_redirect: not in $event, $country" has_line "= unchanged"
    done
done

# recipes for common requirements
for type in viewer-request functions-viewer-request; do
    preview() { # URI AUTHORIZATION
        "$edgefn" sample $type --uri "$1" --header "Authorization: $2" >"$tmp/e.json"
        on basic_auth --secret preview=ana:open:sesame
    }
    for value in 'Basic YW5hOm9wZW46c2VzYW1l' 'basic  YW5hOm9wZW46c2VzYW1l'; do # ana:open:sesame
        preview /preview/a "$value"
        check "basic_auth, $type: $value" prints '"uri":"/preview/a"'
        check "basic_auth, $type: $value is not forwarded" [ "$(grep -c -i authorization "$tmp/out")" -eq 0 ]
    done
    # ana:open, ana:open:sesame followed by a NUL, without padding, another scheme, without a scheme
    for value in 'Basic YW5hOm9wZW4=' 'Basic YW5hOm9wZW46c2VzYW1lAA==' 'Basic YW5hOm9wZW46c2VzYW1' 'Bearer YW5hOm9wZW46c2VzYW1l' 'Basic' '' 'YW5hOm9wZW46c2VzYW1l'; do
        preview /%70review/a "$value"
        check "basic_auth, $type: not '$value'" prints '401.*Name and password, please'
        check "basic_auth, $type: asks for a password after '$value'" prints 'Basic realm=\\"preview\\"'
    done
    preview /previe Basic
    check "basic_auth, $type: other paths" prints '"uri":"/previe"'
    run "$edgefn" run "$handlers/basic_auth.so" "$events/viewer-request-page.json" --diff
    check "basic_auth, $type: needs no secret elsewhere" has_line '= unchanged'
    "$edgefn" sample $type --uri /preview --header 'Authorization: Basic ' >"$tmp/e.json"
    on basic_auth --secret preview=
    check "basic_auth, $type: an empty secret opens nothing" fails 3 'EDGEFN_E_ENVIRONMENT'

    for pair in "mobile|$phone" "tablet|$ipad" "tv|$telly" "desktop|$chrome"; do
        "$edgefn" sample $type --request-header "User-Agent: ${pair#*|}" --header 'X-Device: toaster' >"$tmp/e.json"
        on device_key
        check "device_key, $type: ${pair%%|*}" prints "\"x-device\":\[*{[^}]*\"value\":\"${pair%%|*}\"}"
    done
    "$edgefn" sample $type --method POST >"$tmp/e.json"
    on device_key --diff
    check "device_key, $type: a request that is not cached" has_line '= unchanged'
done

while IFS='|' read -r from to; do
    "$edgefn" sample origin-response --origin app.example.net --status 302 --header "Location: $from" >"$tmp/e.json"
    on rewrite_location
    check "rewrite_location: $from" prints "\"location\":\[{[^}]*\"value\":\"$to\"}\]"
done <<'END'
https://app.example.net/a?b=1#c|https://www.example.com/a?b=1#c
http://APP.example.net:8080/a|https://www.example.com/a
https://app.example.net|https://www.example.com/
https://app.example.net?b=1|https://www.example.com/?b=1
//app.example.net/a|https://www.example.com/a
https://app.example.net//evil.example|https://www.example.com//evil.example
/a|/a
https://app.example.net.evil.example/|https://app.example.net.evil.example/
https://id.example.com/?next=https://app.example.net/|https://id.example.com/?next=https://app.example.net/
END

graphql() { # BODY OPTION...
    graphql_body=$1
    shift
    "$edgefn" sample viewer-request --method POST --uri /graphql --body "$graphql_body" "$@" >"$tmp/e.json"
    on graphql_guard --kv query:ab12=1
}
graphql '{"variables":{"query":1},"extensions":{"persistedQuery":{"version":1,"sha256Hash":"ab12"}}}'
check "graphql_guard: a known query" prints '"uri":"/graphql"'
for body in '{"extensions":{"persistedQuery":{"sha256Hash":"ab13"}}}' '{"query":"{a}","extensions":{"persistedQuery":{"sha256Hash":"ab12"}}}' '{"query":"{a}"}' \
    '[{"extensions":{"persistedQuery":{"sha256Hash":"ab12"}}}]' '{"extensions":{"persistedQuery":{"sha256Hash":"ab12"}}' '' \
    '{"extensions":{"persistedQuery":{"sha256Hash":"ab12"}},"qu\u0065ry":"{a}"}'; do
    graphql "$body"
    check "graphql_guard: not $body" prints '"status":"403".*unknown query'
done
graphql '{"extensions":{"persistedQuery":{"sha256Hash":"ab12"}}}' --truncated
check "graphql_guard: truncated" prints '"status":"413"'
"$edgefn" sample viewer-request --uri /graphql/ --query 'query={a}' >"$tmp/e.json"
on graphql_guard
check "graphql_guard: GET" prints '"status":"405"'

shared() { # OPTION...
    "$edgefn" sample origin-response "$@" >"$tmp/e.json"
    on cache_safety
}
for header in 'Set-Cookie: a=1' 'Vary: Accept-Encoding, COOKIE' 'Vary: *'; do
    shared --header "$header" --header 'Cache-Control: public, max-age=300'
    check "cache_safety: $header" prints '"cache-control":\[{[^}]*"value":"no-store"}\]'
    for control in 'max-age=60, Private' 'no-store'; do
        shared --header "$header" --header "Cache-Control: $control"
        check "cache_safety: $header, $control" prints "\"value\":\"$control\"}\]"
    done
done
shared --header 'Vary: Accept-Encoding, X-Cookie' --header 'Cache-Control: public, max-age=300'
check "cache_safety: everybody's page" prints '"value":"public, max-age=300"}\]'

# verifier, challenge and state were computed from these random bytes with python3's hmac, hashlib and base64
for type in viewer-request functions-viewer-request; do
    "$edgefn" sample $type --uri /members/a >"$tmp/e.json"
    on oauth_start --random-bytes 000102030405060708090A0b0c0d0e0f
    check "oauth_start, $type: challenge and state" prints '302.*&code_challenge=ld1kJCb7q0pXf_2fJodCLY2HbRrpYY6ut5DNY3Qy2XE&state=rwImfmuzbDXpWUj5T4oqFqvF4fDbJESYRFhPdEoAX20.L21lbWJlcnMvYQ"'
    check "oauth_start, $type: verifier" prints '__Host-pkce[^}]*LHMpD1bhK7crqEEgPkTbMHTJWEZFCibEEn2YDPxD5h8[^}]*Max-Age=600; Secure; HttpOnly'
    check "oauth_start, $type: state" prints '__Host-state[^}]*rwImfmuzbDXpWUj5T4oqFqvF4fDbJESYRFhPdEoAX20[^}]*Max-Age=600; Secure; HttpOnly'
    on oauth_start
    state=$(grep -o 'state=[A-Za-z0-9_-]*' "$tmp/out")
    on oauth_start
    check "oauth_start, $type: fresh states differ" [ -n "$state" ]
    check "oauth_start, $type: state of another run" [ "$state" != "$(grep -o 'state=[A-Za-z0-9_-]*' "$tmp/out")" ]
    "$edgefn" sample $type --uri /members/a --cookie __Host-session=1 >"$tmp/e.json"
    on oauth_start --diff
    check "oauth_start, $type: signed in" has_line '= unchanged'
done

for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    "$edgefn" sample origin-request --s3 --origin blue-bucket.s3.amazonaws.com --uri "/img/$n.webp" >"$tmp/e.json"
    on gradual_bucket
    grep -c '"domainName":"green-bucket.s3.amazonaws.com"' "$tmp/out" >>"$tmp/moved"
    check "gradual_bucket: $n.webp, the Host is the bucket" [ "$(grep -o 'green-bucket\|blue-bucket' "$tmp/out" | sort | uniq -c | awk '{ print $1 }')" = 2 ]
done
check "gradual_bucket: a share of them" [ "$(grep -c 1 "$tmp/moved")" -eq 5 ]
"$edgefn" sample origin-request --origin app.example.net --uri /img/2 >"$tmp/e.json"
on gradual_bucket --diff
check "gradual_bucket: no bucket" has_line '= unchanged'

upload() { # BASE64 [OPTION...]: a request with this body
    upload_data=$1
    shift
    "$edgefn" sample viewer-request --method PUT --uri /photos/a.jpg --body '@@@@@@@' "$@" | sed "s|QEBAQEBA|$upload_data|" >"$tmp/e.json"
    on upload_guard
}
for data in /9j/4AAQSkZJRg== iVBORw0KGgoAAAAN UklGRiQAAABXRUJQVlA4; do # JPEG, PNG, WebP
    upload $data
    check "upload_guard: $data" prints '"action":"read-only"'
    upload $data --truncated
    check "upload_guard: $data, the first part" prints '"action":"read-only"'
done
for data in '' /9g= PHN2Zz4= UklGRiQAAABXQVZF VUlGRiQAAABXRUJQ QEBAQ; do # empty, two bytes, SVG, WAVE, not RIFF, not base64
    upload "$data"
    check "upload_guard: not '$data'" prints '"status":"415"'
done

#--- a byte order mark ----------------------------------------------------------------------------------------------------

"$edgefn" sample viewer-request >"$tmp/plain.json"
{ printf '\357\273\277'; cat "$tmp/plain.json"; } >"$tmp/e.json"
"$edgefn" run "$handlers/pass.so" "$tmp/plain.json" >"$tmp/result.json"
{ printf '\357\273\277'; cat "$tmp/result.json"; } >"$tmp/marked.json"
run "$edgefn" show "$tmp/e.json"
check "a byte order mark: show" succeeds
fed "$tmp/e.json" "$edgefn" run "$handlers/pass.so" -
check "a byte order mark: run" cmp -s "$tmp/out" "$tmp/result.json"
run "$edgefn" check "$tmp/e.json" "$tmp/marked.json"
check "a byte order mark: check" succeeds
run "$edgefn" convert --to functions "$tmp/e.json"
check "a byte order mark: convert" succeeds
for end in '' '\n'; do
    printf "\\357\\273\\277curl/8.0$end" >"$tmp/e.txt"
    fed "$tmp/e.txt" "$edgefn" ua -
    check "a byte order mark: ua -" [ "$(cat "$tmp/out")" = "$(printf 'bot\t-\t-\t-\tcurl\tcurl/8.0')" ]
done

#--- test events with absent members --------------------------------------------------------------------------------------

request='"request":{"uri":"/test","headers":{"host":[{"key":"Host","value":"d.example"}]}'
lenient() { # NAME TYPE MEMBERS-OF-CF: the type that every command infers for an event without eventType
    printf '{"Records":[{"cf":{%s}}]}' "$3" >"$tmp/test.json"
    run "$edgefn" show "$tmp/test.json"
    check "$1: show" [ "$rc" -eq 0 ]
    check "$1: show prints the inferred type" says "^$tmp/test.json: no eventType: taken as $2 "
    check "$1: show prints the type" prints "^Lambda@Edge $2\$"
    run "$edgefn" run "$handlers/pass.so" "$tmp/test.json"
    check "$1: run" [ "$rc" -eq 0 ]
    check "$1: run prints the inferred type" says "taken as $2 "
    cp "$tmp/out" "$tmp/result.json"
    run "$edgefn" check "$tmp/test.json" "$tmp/result.json"
    check "$1: check" [ "$rc" -eq 0 ]
    check "$1: check prints the inferred type" says "taken as $2 "
}
lenient "a request" viewer-request "\"config\":{\"distributionId\":\"EXAMPLE\"},$request}"
lenient "no config, no method, null" viewer-request "$request,\"querystring\":null}"
lenient "an origin" origin-request "$request,\"origin\":{\"custom\":{\"domainName\":\"o.example\"}}}"
lenient "a response" viewer-response '"response":{"status":"200","headers":{}}'
run "$edgefn" show --type origin-request "$tmp/test.json"
check "--type names it" [ "$rc" -eq 1 ] # a response has no request event
printf '{"Records":[{"cf":{%s}}}]}' "$request" >"$tmp/test.json"
run "$edgefn" show --type=origin-request "$tmp/test.json"
check "--type: given by the caller" prints '^Lambda@Edge origin-request$'
check "--type: no message" quiet
usage "--type: an unknown type" show --type viewer "$tmp/test.json"
check "--type: lists the types" says 'viewer-request, origin-request, origin-response or viewer-response'

#--- queries that do not fit into an object: converted as CloudFront does, with a message -----------------------------------

queries() { # QUERY OBJECT WORDS
    "$edgefn" sample viewer-request --query "$1" >"$tmp/query.json"
    run "$edgefn" convert --to functions "$tmp/query.json"
    check "convert $1" [ "$rc" -eq 0 ]
    check "convert $1: the object" grep -qF "\"querystring\":$2,\"headers\"" "$tmp/out"
    check "convert $1: the loss is reported" says "$3"
}
queries 'a=1&' '{"a":{"value":"1"}}' 'empty parameters are omitted'
queries 'a=1&&b=2' '{"a":{"value":"1"},"b":{"value":"2"}}' 'empty parameters are omitted'
queries 'a=1&b=2&a=3' '{"a":{"value":"1","multiValue":[{"value":"1"},{"value":"3"}]},"b":{"value":"2"}}' 'the position of a repeated parameter is lost: a'
queries '&a=1' '{"a":{"value":"1"}}' 'empty parameters are omitted'
queries 'b=2&a=1&b=3' '{"b":{"value":"2","multiValue":[{"value":"2"},{"value":"3"}]},"a":{"value":"1"}}' 'the position of a repeated parameter is lost: b'
queries 'a&b=&a=2' '{"a":{"value":"","multiValue":[{"value":""},{"value":"2"}]},"b":{"value":""}}' 'the position of a repeated parameter is lost: a'

#--- attributes, which Lambda@Edge has only in Set-Cookie: refused, not lost --------------------------------------------------

for f in headers request-cookies; do
    run "$edgefn" convert --to lambda tests/data/regress/convert-attributes-of-$f
    check "convert attributes of $f" [ "$rc" -eq 1 ]
    check "convert attributes of $f: the message" says "attributes: .*EDGEFN_E_DIALECT"
done

end
