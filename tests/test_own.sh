#!/bin/sh
# A user's own handler, from scratch to fuzzing: HANDLER=, the commands that `make run` prints at its end, the starter kit, the C library, make fuzz.
# Started in the top directory.     DEEP=1 sh tests/test_own.sh     fuzzes longer, and also with libFuzzer
suite=test_own
. tests/lib.sh
there "${CC:=cc}" || CC=gcc
export CC
unset MAKEFLAGS MFLAGS MAKELEVEL HANDLER EVENT
NO_INSTALL=1
export NO_INSTALL
top=$PWD
make="make -s --no-print-directory CC=$CC"
deep=false
[ "${DEEP:-}" != 1 ] || deep=true
mkdir -p "$tmp/a/include" "$tmp/b"

#--- HANDLER=name, HANDLER=path/name.c ------------------------------------------------------------------------------------

# from FILE LINE VALUE: writes a handler that sets X-From
from() { printf '%s\n' '#include "edgefn.h"' "$2" 'bool edgefn_handler(edgefn_event *ev)' '{' \
    "    return edgefn_set(&ev->request.headers, EDGEFN_S(\"x-from\"), EDGEFN_S($3));" '}' >"$1"; }
echo '#define WHERE "a"' >"$tmp/a/where.h"
from "$tmp/a/odd_name.c" '#include <where.h>' WHERE
from "$tmp/b/odd_name.c" '' '"b"'
touch -t 200001010000 "$tmp/b/odd_name.c"
page=examples/events/viewer-request-page.json
changed() { run "$edgefn" run build/own/odd_name.so "$page" --diff; [ "$(cat "$tmp/out")" = "$1" ]; }
job "make handler" $make handler HANDLER="$tmp/a/odd_name.c"
check "make handler prints the next command" prints 'build/edgefn run build/own/odd_name.so'
check "it includes of its own directory" changed '+ header x-from: a'
job "make handler, another file of that name" $make handler HANDLER="$tmp/b/odd_name.c"
check "which is taken, though it is older" changed '+ header x-from: b'
job "make handler, the first one" $make handler HANDLER="$top/$tmp/a/odd_name.c"
check "which is taken again" changed '+ header x-from: a'
echo '#define WHERE "c"' >"$tmp/a/where.h"
touch -d '1 minute' "$tmp/a/where.h" 2>/dev/null
job "make handler, after a header of its own changed" $make handler HANDLER="$tmp/a/odd_name.c"
check "it is compiled anew" changed '+ header x-from: c'
job "make handler of a recipe" $make handler HANDLER=pass
check "is that of make" prints 'build/edgefn run build/handlers/pass.so'
mv "$tmp/a" "$tmp/c"
job "make handler, after its directory was moved" $make handler HANDLER="$tmp/c/odd_name.c"
check "it is taken from there" changed '+ header x-from: c'
job "make run HANDLER=" $make run HANDLER=redirect_https EVENT=examples/events/viewer-request-http.json
check "prints the result" prints '^{"status":"301"'
check "prints what changed" prints '^+ answer 301'

fails_with() { [ "$rc" -ne 0 ] && says "$1"; }
for target in run handler bench-handler wasm lambda lambda-edge lambda-edge-python cloudfront cloudfront-ats fuzz; do
    run $make $target HANDLER=no_such
    check "make $target HANDLER=no_such" fails_with '^HANDLER=no_such: no recipe of that name; a file of your own: HANDLER=path/name.c$'
    run $make $target HANDLER=no/such.c
    check "make $target HANDLER=no/such.c" fails_with '^HANDLER=no/such.c: no such file$'
    case $target in run | wasm | fuzz) continue ;; esac
    run $make $target
    check "make $target without HANDLER" fails_with '^no handler: set HANDLER=name for the recipe examples/handlers/name.c, or HANDLER=path/name.c for a file of your own$'
done
printf 'bool edgefn_handler(' >"$tmp/b/broken.c"
run $make handler HANDLER="$tmp/b/broken.c"
check "what does not compile" fails_with "^$tmp/b/broken.c:1:"
check "leaves nothing" [ ! -e build/own/broken.so ]

run $make help
for word in run handler bench-handler fuzz lambda lambda-edge lambda-edge-python cloudfront cloudfront-ats wasm new; do
    check "make help: make $word" prints "make $word[ =]"
done
check "make help: every value has a shape" [ "$(grep -c -F -e '...' "$tmp/out")" = 0 ]

#--- the commands that `make run` prints at its end, run in a copy of the tree ---------------------------------------------

mkdir -p "$tmp/tree"
for f in Makefile edgefn.h bench build examples fuzz tests; do ln -s "$top/$f" "$tmp/tree/$f"; done
sh examples/run.sh --own >"$tmp/own.txt"
sh examples/run.sh >"$tmp/tour.txt" 2>"$tmp/err"
check "make run" [ ! -s "$tmp/err" ]
check "it ends with these lines" [ "$(grep -c -x -F -f "$tmp/own.txt" "$tmp/tour.txt")" -ge "$(wc -l <"$tmp/own.txt")" ]
for h in cache_key redirect_https error_to_static_page; do
    sed '/^bool edgefn_handler(/,$d' examples/handlers/$h.c >"$tmp/shown.c"
    check "it shows $h.c" [ "$(grep -c -x -F -f "$tmp/shown.c" "$tmp/tour.txt")" -ge "$(wc -l <"$tmp/shown.c")" ]
done
# the commands shown after "$" print the output shown
sed -n 's/^\$ //p' "$tmp/tour.txt" >"$tmp/shown.sh"
check "it shows six commands" [ "$(wc -l <"$tmp/shown.sh")" = 6 ]
sh "$tmp/shown.sh" >"$tmp/out" 2>&1
check "whose output is what it shows" [ "$(grep -c -x -F -f "$tmp/out" "$tmp/tour.txt")" -ge "$(wc -l <"$tmp/out")" ]
(cd "$tmp/tree" && sh ../own.txt) >"$tmp/out" 2>"$tmp/err"
rc=$?
check "the commands run" exits 0
check "the user's own handler answers" prints '^{"status":"302"'
check "and its changes are shown" prints '^- query utm_source: mail$'
check "and its header" prints '^+ header x-site: shop$'

#--- the C library ---------------------------------------------------------------------------------------------------------

cat >"$tmp/c_library.c" <<'C'
#include "edgefn.h"
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool edgefn_handler(edgefn_event *ev)
{
    char number[16] = "", text[64];

    if (!edgefn_is_request(ev)) return true;
    edgefn_str uri = ev->request.uri;
    memcpy(number, uri.ptr + 1, uri.len < sizeof number ? uri.len - 1 : sizeof number - 1);
    const char *dot = strchr(number, '.');
    int len = snprintf(text, sizeof text, "%ld %.2f %s %c %zu", strtol(number, NULL, 10),
                       fabs(strtod(number, NULL)), dot ? dot : "-", toupper('x'), strlen(number));
    if (len < 0) return false;
    return edgefn_set(&ev->request.headers, EDGEFN_S("x-c"),
                      edgefn_str_join(ev, EDGEFN_STRS(edgefn_cstr(text))));
}
C
job "C's library: a shared object" $make handler HANDLER="$tmp/c_library.c"
"$edgefn" sample viewer-request --uri /-12.75 >"$tmp/c.json"
run "$edgefn" run build/own/c_library.so "$tmp/c.json" --diff
expected='-12 12.75 .75 X 6'
check "C's library: the command line" [ "$(cat "$tmp/out")" = "+ header x-c: $expected" ]
if there node && there clang && there wasm-ld && [ -e /usr/include/wasm32-wasi/string.h ]; then
    job "C's library: WebAssembly" $make wasm HANDLER="$tmp/c_library.c"
    cp build/own/c_library.wasm examples/hosts/lambda_edge_node/edgefn.mjs "$tmp/"
    cat >"$tmp/run.mjs" <<'JS'
import { readFileSync } from 'node:fs';
import { load } from './edgefn.mjs';
const handle = await load(readFileSync(process.argv[2]));
const result = handle(JSON.parse(readFileSync(process.argv[3], 'utf8')));
console.log(result.headers['x-c'][0].value);
JS
    run node "$tmp/run.mjs" "$tmp/c_library.wasm" "$tmp/c.json"
    check "C's library: Node.js" [ "$(cat "$tmp/out")" = "$expected" ]
    refused() { # refused NAME INCLUDE STATEMENT
        printf '%s\n' '#include "edgefn.h"' "#include <$2>" 'bool edgefn_handler(edgefn_event *ev)' "{ $3 return ev != NULL; }" >"$tmp/refused.c"
        run $make wasm HANDLER="$tmp/refused.c"
        check "WebAssembly: $1 is refused" fails_with "^$tmp/refused.c: WebAssembly at Lambda@Edge has no files, sockets, clock, environment or heap: $1()"
    }
    refused fopen stdio.h 'FILE *f = fopen("/tmp/x", "r"); if (f) return false;'
    refused time time.h 'ev->request.uri.len = (size_t)time(NULL);'
    refused malloc stdlib.h 'ev->request.uri.ptr = malloc(9);'
else
    echo "SKIP the C library in WebAssembly: no clang, wasm-ld, node or wasi-libc"
fi
case $(uname -sm) in 'Linux x86_64' | 'Linux aarch64')
    for libc in bare own; do
        run $make lambda HANDLER="$tmp/c_library.c" LAMBDA_CC="$CC" LAMBDA_LIBC=$libc
        if [ $libc = own ]; then check "C's library: AWS Lambda" [ "$rc" = 0 ]
        else check "C's library: AWS Lambda without one says so" says "AWS Lambda with LAMBDA_LIBC=bare has only what edgefn.h needs of C"
        fi
    done
    run $make lambda HANDLER="$tmp/c_library.c" LAMBDA_CC="$CC"
    check "the C library: AWS Lambda links what is needed" prints 'linked with the C library of' ;;
esac

#--- the starter kit -------------------------------------------------------------------------------------------------------

run $make new
check "make new without DIR" fails_with '^make new DIR=path'
run $make new DIR="$tmp"
check "make new with an existing directory" fails_with "$tmp already exists"
own=$top/$tmp/my-project
job "make new" $make new DIR="$own" || end
check "it prints the next command" prints "cd $own"
check "its Makefile is short" [ "$(wc -l <"$own/Makefile")" -le 45 ]
in_project() { (cd "$own" && $make CC="$CC" "$@"); }
job "the project: make run" in_project run
check "it shows what changes" prints '^~ uri "/docs/" -> "/docs/index.html"$'
job "the project: make test" in_project test
check "its tests pass" prints '^all tests passed$'
sed 's|"/old"|"/older"|' "$own/handler.c" >"$own/new.c" && mv "$own/new.c" "$own/handler.c"
run in_project test
check "its tests fail when the handler does" [ "$rc" -ne 0 ]
check "and say where" prints '^test.c:[0-9]*: not true: '
sed 's|"/older"|"/old"|' "$own/handler.c" >"$own/new.c" && mv "$own/new.c" "$own/handler.c"
job "the project: make bench" in_project bench
check "it measures" prints '^  total '
"$edgefn" recipes client_address >"$own/client_address.c"
sed -e 's|^bool edgefn_handler|bool client_address(edgefn_event *ev);\n&|' -e 's|^    return true;|    return client_address(ev);|' "$own/handler.c" >"$own/new.c" &&
    cp "$own/handler.c" "$own/handler.old" && mv "$own/new.c" "$own/handler.c"
job "the project, with a recipe beside it: make test" in_project test
job "the project, with a recipe beside it: make run" in_project run
check "it shows what changes" prints '^~ uri "/docs/" -> "/docs/index.html"$'
if there clang && there wasm-ld && there zip; then
    job "the project: make deploy" in_project deploy
    check "there is a zip" [ -s "$own/build/function.zip" ]
else
    echo "SKIP the project's make deploy: no clang, wasm-ld or zip"
fi
mv "$own/handler.old" "$own/handler.c" && rm -f "$own/client_address.c" "$own/build/handler.so"
run in_project deploy EDGEFN=/nowhere
check "without a checkout it says so" fails_with 'make deploy: no checkout in /nowhere: EDGEFN=path'
if there pkg-config; then
    job "make install" $make install PREFIX="$top/$tmp/prefix"
    rm -rf "$own/edgefn" "$own/build"
    run env PATH="$top/$tmp/prefix/bin:$PATH" PKG_CONFIG_PATH="$top/$tmp/prefix/share/pkgconfig" $make -C "$own" EDGEFN=/nowhere CFLAGS=-O0 run test
    check "with the installed header" [ "$rc" = 0 ]
    check "it runs and is tested" prints '^all tests passed$'
    mkdir "$own/edgefn" && cp edgefn.h examples/hosts/edgefn_host.[ch] examples/hosts/edgefn_why.h "$own/edgefn/"
fi

#--- make fuzz -------------------------------------------------------------------------------------------------------------

# planted NAME STATEMENT: writes a handler with a bug
planted() {
    printf '%s\n' '#include "edgefn.h"' '#include <stdio.h>' '#define S EDGEFN_S' 'bool edgefn_handler(edgefn_event *ev)' '{' \
        '    edgefn_request *req = &ev->request;' '    if (ev->type != EDGEFN_VIEWER_REQUEST) return true;' "    $2" \
        '    return req != NULL;' '}' >"$tmp/planted_$1.c"
}
planted stack 'char text[32]; snprintf(text, sizeof text, "/v%d", (int)req->headers.len); if (edgefn_str_starts(req->uri, S("/guides"))) req->uri = edgefn_cstr(text);'
planted missing 'if (edgefn_get(&req->headers, S("user-agent")).ptr[0] == 1) return false;'
planted quadratic 'edgefn_fields *q = edgefn_query(ev); size_t n = 0;
    for (size_t i = 0; i < q->len; i++) for (size_t k = 0; k < q->len; k++) n += edgefn_str_eq(q->items[i].name, q->items[k].name);
    if (n > 10000000) return false;'
planted keeps 'static int count; if (edgefn_has(&req->headers, S("x-a"))) count++; edgefn_set(&req->headers, S("x-n"), edgefn_str_from_u64(ev, (uint64_t)count));'
planted hidden 'if (edgefn_has(edgefn_query(ev), S("debug"))) return edgefn_get(edgefn_query(ev), S("level")).ptr[0] == 1;'
planted nothing ''
planted fails 'if (edgefn_query(ev)->len == 0) return false;'
planted all 'char text[32]; snprintf(text, sizeof text, "/v%d", (int)req->headers.len); if (edgefn_str_starts(req->uri, S("/guides"))) req->uri = edgefn_cstr(text);
    if (edgefn_get(&req->headers, S("user-agent")).ptr[0] == 1) return false;'
# these bugs are found by replaying the seeds and counting steps, without a fuzzer
secs=0 engines=afl
$deep && secs=20 engines='afl libfuzzer'
finds() { # finds NAME SENTENCE
    run $make fuzz HANDLER="$tmp/planted_$1.c" SECS=$secs ENGINE="$engine"
    if [ -z "$2" ]; then check "fuzz, $engine: $1" [ "$rc" = 0 ]
    else check "fuzz, $engine: $1" [ "$rc" -ne 0 ] && check "fuzz, $engine: $1: the sentence" prints "$2"
    fi
}
for wrong in SECS=1m ENGINE=honggfuzz SEEDS=no.json; do
    run $make fuzz HANDLER="$tmp/planted_nothing.c" SECS=0 $wrong
    check "fuzz $wrong" [ "$rc" = 2 ] && check "fuzz $wrong says so" prints "^fuzz planted_nothing: .*${wrong#*=}"
done
for engine in $engines; do
    case $engine in
    afl) there afl-fuzz && there afl-clang-fast ;;
    libfuzzer) there clang ;;
    esac || { echo "SKIP make fuzz with $engine: not installed"; continue; }
    finds stack 'stack-use-after-return\|is it on its stack'
    replay=$(sed -n 's/^ *replay: //p' "$tmp/out" | head -n 1)
    check "fuzz, $engine: the replay also fails" sh -c "! ASAN_OPTIONS=detect_stack_use_after_return=1:detect_leaks=0 $replay >/dev/null 2>&1"
    finds missing 'load of null pointer\|SEGV'
    finds quadratic 'more than linear time: .* query parameters'
    finds keeps 'produces another result the second time'
    finds hidden 'SEGV\|load of'
    finds all 'stack-use-after-return\|is it on its stack'
    check "fuzz, $engine: also the other fault that the seeds find" prints 'load of null pointer\|SEGV'
    finds fails ''
    check "fuzz, $engine: fails: it says how often" prints '^fuzz planted_fails: the handler failed for [0-9]* of [0-9]* events'
    $deep || secs=2
    finds nothing ''
    check "fuzz, $engine: nothing found" prints '^fuzz planted_nothing: nothing found$'
done
if there afl-fuzz && there afl-clang-fast; then
    job "the project: make fuzz" in_project fuzz SECS=2
    check "it found nothing" prints 'nothing found$'
fi
end
