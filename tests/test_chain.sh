#!/bin/sh
# Several handlers as one: HANDLER="a+b", and the chain written by hand in examples/README.md. Started in the top directory, after make.
suite=test_chain
. tests/lib.sh
there "${CC:=cc}" || CC=gcc
unset MAKEFLAGS MFLAGS MAKELEVEL HANDLER EVENT
NO_INSTALL=1
export NO_INSTALL
make="make -s --no-print-directory CC=$CC"
mkdir -p "$tmp/a" "$tmp/b" "$tmp/c+c"

sample() { "$edgefn" sample "$@" >"$tmp/e.json"; }
# gives NAME SO LINES [OPTION...]: build/own/SO.so must make these changes in the event
gives() {
    gives_name="$2: $1" so=build/own/$2.so expected=$3
    shift 3
    run "$edgefn" run "$so" "$tmp/e.json" --diff --now 1767864000 "$@"
    check "$gives_name" [ "$rc:$(cat "$tmp/out")" = "0:$expected" ]
}

#--- three chains of recipes ---------------------------------------------------------------------------------------------

c=redirect_https+cache_key
job "make handler HANDLER=$c" $make handler HANDLER=$c
check "it prints the next command" prints "build/edgefn run build/own/$c.so"
# both_ways SO: an event that the first handler answers, and one that the second edits
both_ways() {
    sample functions-viewer-request --query 'utm_source=x&a=1' --header 'CloudFront-Forwarded-Proto: http'
    gives "the first answers, the second does not run" "$1" '+ answer 301 Moved Permanently (the request is not forwarded)
+ header location: https://www.example.com/index.html?utm_source=x&a=1'
    sample functions-viewer-request --query 'utm_source=x&a=1' --header 'CloudFront-Forwarded-Proto: https'
    gives "the second acts" "$1" '- query utm_source: x'
}
both_ways $c
sample origin-request --header 'CloudFront-Forwarded-Proto: http'
gives "Lambda@Edge: the first answers" $c '+ answer 301 Moved Permanently (the request is not forwarded)
+ header Cache-Control: no-store
+ header Location: https://www.example.com/index.html'
sample viewer-request --query 'utm_source=x&a=1'
gives "Lambda@Edge: the second acts" $c '- query utm_source: x'

c=jwt_sign_in+index_pages
job "make handler, with spaces" $make handler HANDLER='jwt_sign_in + index_pages'
token=eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUuY29tIiwic3ViIjoiYW5hIiwiZXhwIjoxNzY3ODY0MTAwfQ.7HjnJoUHAkuozlMUsjb88Lie4a8lFWOv2vwlz302Drc
sample functions-viewer-request --uri /guides/
gives "the first answers" $c '+ answer 302 Found (the request is not forwarded)
+ header location: /sign-in?next=%2Fguides%2F' --secret jwt=example-secret
sample functions-viewer-request --uri /guides/ --cookie session=$token --header 'X-User: root'
gives "both act" $c '~ uri "/guides/" -> "/guides/index.html"
~ header x-user: "root" -> "ana"' --secret jwt=example-secret
sample viewer-request --uri /guides/a --cookie session=$token
gives "the second answers" $c '+ answer 301 Moved Permanently (the request is not forwarded)
+ header Location: https://www.example.com/guides/a/' --secret jwt=example-secret
run "$edgefn" run build/own/$c.so "$tmp/e.json"
check "$c: the first fails" fails 3 EDGEFN_E_ENVIRONMENT
sample origin-request --uri /guides/
gives "a trigger of the second only" $c '~ uri "/guides/" -> "/guides/index.html"'

c=security_headers+harden_cookies
job "make handler HANDLER=$c" $make handler HANDLER=$c
headers='+ header Strict-Transport-Security: max-age=2592000
+ header Content-Security-Policy: frame-ancestors '"'self'"'
+ header X-Content-Type-Options: nosniff
+ header X-Frame-Options: SAMEORIGIN
+ header Referrer-Policy: strict-origin-when-cross-origin'
sample viewer-response --set-cookie 'id=1; Path=/'
gives "both act, though there is a status" $c '~ set-cookie id: "1; Path=/" -> "1; Path=/; Secure; HttpOnly; SameSite=Lax"
'"$headers"
sample viewer-response
gives "the first acts" $c "$headers"
sample viewer-request
gives "requests pass" $c '= unchanged'

#--- the user's own files: equal static names, file names and headers -------------------------------------------------------

# appends FILE STATEMENT: writes a handler that appends to the path
appends() {
    printf '%s\n' '#include "edgefn.h"' '#include "what.h"' 'static edgefn_str opts(void)' '{' '    return EDGEFN_S(WHAT);' '}' \
        'bool edgefn_handler(edgefn_event *ev)' '{' "    $2" \
        '    ev->request.uri = edgefn_str_join(ev, EDGEFN_STRS(ev->request.uri, opts()));' '    return true;' '}' >"$1"
}
echo '#define WHAT "/a"' >"$tmp/a/what.h"
echo '#define WHAT "/b"' >"$tmp/b/what.h"
appends "$tmp/a/my-path.c"
appends "$tmp/b/my-path.c"
sample viewer-request --uri /x --query utm_source=x
job "two files of one name" $make handler HANDLER="$tmp/a/my-path.c+$tmp/b/my-path.c"
gives "in order" my-path+my-path '~ uri "/x" -> "/x/a/b"'
job "the other order" $make handler HANDLER="$tmp/b/my-path.c+$PWD/$tmp/a/my-path.c"
gives "is taken, though the files are no newer" my-path+my-path '~ uri "/x" -> "/x/b/a"'
echo '#define WHAT "/c"' >"$tmp/a/what.h"
touch -d '1 minute' "$tmp/a/what.h" 2>/dev/null
job "after a header changed" $make handler HANDLER="$tmp/b/my-path.c+$PWD/$tmp/a/my-path.c"
gives "it is compiled again" my-path+my-path '~ uri "/x" -> "/x/b/c"'
job "three, a recipe twice" $make handler HANDLER="cache_key+$tmp/a/my-path.c+cache_key"
gives "all act" cache_key+my-path+cache_key '~ uri "/x" -> "/x/c"
- query utm_source: x'
appends "$tmp/a/fails.c" 'edgefn_fail(ev, EDGEFN_E_HANDLER, EDGEFN_S("closed"));'
job "one that fails" $make handler HANDLER="$tmp/a/fails.c+cache_key"
run "$edgefn" run build/own/fails+cache_key.so "$tmp/e.json"
check "the chain fails with its reason" fails 3 closed
cp "$tmp"/a/* "$tmp/c+c/"
job "a path with a plus is one handler" $make handler HANDLER="$tmp/c+c/my-path.c"
gives "and not a chain" my-path '~ uri "/x" -> "/x/c"'

#--- other targets ----------------------------------------------------------------------------------------------------------

c=redirect_https+cache_key
job "make run" $make run HANDLER=$c EVENT="$tmp/e.json"
check "prints what changed" has_line '- query utm_source: x'
job "make bench-handler" $make bench-handler HANDLER=$c EVENT="$tmp/e.json"
check "measures" prints '^  total '
if there node && there clang && there wasm-ld; then
    job "make wasm" $make wasm HANDLER=$c
    cp build/own/$c.wasm examples/hosts/lambda_edge_node/edgefn.mjs "$tmp/"
    cat >"$tmp/run.mjs" <<'JS'
import { readFileSync } from 'node:fs';
import { load } from './edgefn.mjs';
const handle = await load(readFileSync(process.argv[2]));
console.log(handle(JSON.parse(readFileSync(process.argv[3], 'utf8'))).querystring);
JS
    sample viewer-request --query 'utm_source=x&a=1'
    run node "$tmp/run.mjs" "$tmp/$c.wasm" "$tmp/e.json"
    check "WebAssembly: the second acts" [ "$(cat "$tmp/out")" = a=1 ]
else
    echo "SKIP a chain in WebAssembly: no clang, wasm-ld or node"
fi

#--- invalid names ----------------------------------------------------------------------------------------------------------

refused() { # refused HANDLER SENTENCE
    run $make "${3:-handler}" HANDLER="$1"
    check "${3:-handler} HANDLER=\"$1\"" [ "$rc:$(head -n 1 "$tmp/err")" = "2:HANDLER=$1: $2" ]
}
shape='a chain is at least two handlers with one plus between them: HANDLER="name+path/name.c"'
for target in handler run bench-handler wasm lambda lambda-edge lambda-edge-python cloudfront cloudfront-ats fuzz; do
    refused pass+no_such 'no_such: no recipe of that name; a file of your own: HANDLER=path/name.c' $target
done
refused pass+no/such.c+cache_key 'no/such.c: no such file'
refused pass+ "$shape"
refused +pass "$shape"
refused pass++cache_key "$shape"
refused 'pass cache_key+pass' "$shape"

#--- a chain written by hand ------------------------------------------------------------------------------------------------

sed -n '/^```c$/,/^```$/{/^```/d;p;}' examples/README.md >"$tmp/site.c"
job "the file of examples/README.md" $make handler HANDLER="$tmp/site.c"
both_ways site
sample origin-request --header 'CloudFront-Forwarded-Proto: http'
gives "the first answers, in Lambda@Edge" site '+ answer 301 Moved Permanently (the request is not forwarded)
+ header Cache-Control: no-store
+ header Location: https://www.example.com/index.html'
sed 's/"utm_\*"/"a"/' examples/handlers/cache_key.c >"$tmp/cache_key.c"
sample functions-viewer-request --query 'utm_source=x&a=1' --header 'CloudFront-Forwarded-Proto: https'
job "with a changed copy beside it" $make handler HANDLER="$tmp/site.c"
gives "the copy acts" site '- query a: 1'
rm "$tmp/cache_key.c"
job "without it" $make handler HANDLER="$tmp/site.c"
gives "the recipe acts" site '- query utm_source: x'

# hand NAME TEXT...: a file of one's own
hand() {
    hand_name=$1
    shift
    printf '%s\n' '#include "edgefn_chain.h"' "$@" >"$tmp/$hand_name.c"
}
hand responses 'bool security_headers(edgefn_event *ev), harden_cookies(edgefn_event *ev);' 'bool edgefn_handler(edgefn_event *ev)' \
    '{ return EDGEHOST_CHAIN(ev, security_headers, harden_cookies); }'
job "in response events" $make handler HANDLER="$tmp/responses.c"
sample viewer-response --set-cookie 'id=1; Path=/'
gives "both act, though there is a status" responses '~ set-cookie id: "1; Path=/" -> "1; Path=/; Secure; HttpOnly; SameSite=Lax"
'"$headers"

hand some '/* bool pass(edgefn_event *ev); is no declaration, and a string may have a /* in it. */' \
    'bool jwt_sign_in(edgefn_event *), cache_key(struct edgefn_event *e),' '    robots_txt(' '        edgefn_event *ev);' \
    'static bool unused(edgefn_event *ev);' 'static bool unused(edgefn_event *ev)' '{' '    return cache_key(ev);' '}' \
    'bool edgefn_handler(edgefn_event *ev)' '{' \
    '    if (edgefn_uri_guards(ev->request.uri, EDGEFN_S("/guides/*"))) {' '        if (!jwt_sign_in(ev)) return false;' \
    '        if (edgehost_answered(ev)) return true;' '    } else if (!robots_txt(ev)) return false;' \
    '    return edgehost_answered(ev) || unused(ev); // nothing more */' '}'
sed 's,// nothing more \*/,,' "$tmp/some.c" >"$tmp/own.c"
job "only for some paths" $make handler HANDLER="$tmp/own.c"
check "is compiled with what it declares" [ "$(ls build/own/own.*.c | wc -l)" = 5 ]
sample viewer-request --uri /guides/ --query utm_source=x
gives "the guard answers" own '+ answer 302 Found (the request is not forwarded)
+ header Location: /sign-in?next=%2Fguides%2F%3Futm_source%3Dx' --secret jwt=example-secret
sample viewer-request --uri /guides/ --query utm_source=x --cookie session=$token
gives "the guard lets in" own '- query utm_source: x
+ header X-User: ana' --secret jwt=example-secret
sample viewer-request --uri /a --query utm_source=x
gives "elsewhere" own '- query utm_source: x'

appends "$tmp/b/last.c"
hand calls 'bool first(edgefn_event *ev), last(edgefn_event *ev);' 'bool edgefn_handler(edgefn_event *ev)' '{ return EDGEHOST_CHAIN(ev, first, last); }'
mv "$tmp/calls.c" "$tmp/b/"
printf '%s\n' '#include "edgefn.h"' 'bool last(edgefn_event *ev), cache_key(edgefn_event *ev);' 'bool first(edgefn_event *ev)' '{' \
    '    return last(ev) && cache_key(ev);' '}' >"$tmp/b/first.c"
job "a handler's file that has no function of its name, and a part of a part" $make handler HANDLER="$tmp/b/calls.c"
sample viewer-request --uri /x --query utm_source=x
gives "are called" calls '~ uri "/x" -> "/x/b/b"
- query utm_source: x'
job "a chain of such a file and a recipe" $make handler HANDLER="$tmp/b/calls.c+cache_key+$tmp/b/my-path.c"
gives "in order" calls+cache_key+my-path '~ uri "/x" -> "/x/b/b/b"
- query utm_source: x'

sed 's/"utm_\*"/"a"/' examples/handlers/cache_key.c >"$tmp/one.c"
sed 's/"utm_\*"/"b"/' examples/handlers/cache_key.c >"$tmp/two.c"
sample viewer-request --query 'utm_source=x&a=1&b=2&c=3'
job "two copies of a recipe, with the recipe" $make handler HANDLER="$tmp/one.c+$tmp/two.c+cache_key"
gives "all act" one+two+cache_key '- query utm_source: x
- query a: 1
- query b: 2'

if there clang && there wasm-ld; then job "WebAssembly" $make wasm HANDLER="$tmp/site.c"; fi
job "make bench-handler of it" $make bench-handler HANDLER="$tmp/site.c" EVENT="$tmp/e.json"
case $(uname -sm) in 'Linux x86_64' | 'Linux aarch64') job "make lambda" $make lambda HANDLER="$tmp/site.c" LAMBDA_CC="$CC" ;; esac
if there afl-clang-fast; then
    job "make fuzz, only the seeds" $make fuzz HANDLER="$tmp/site.c" SECS=0
    check "counts steps" [ "$(grep -c 'not counted' "$tmp/out" "$tmp/err" | cut -d: -f2 | tr '\n' ' ')" = '0 0 ' ]
else
    echo "SKIP make fuzz of a file that calls recipes: no afl-clang-fast"
fi
sed 's/cache_key/cache_kex/' "$tmp/site.c" >"$tmp/wrong.c"
run $make handler HANDLER="$tmp/wrong.c"
check "a name that nothing has" says "^$tmp/wrong.c: cache_kex(): no recipe of that name, and no $tmp/cache_kex.c$"
end
