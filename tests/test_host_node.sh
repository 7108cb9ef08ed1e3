#!/bin/sh
# examples/hosts/lambda_edge_node: handlers as WebAssembly under Node.js give what `build/edgefn run` prints, and throw where it
# fails. Started in the top directory; prints what failed and "test_host_node: N passed, N failed".
# NPM=1 adds a simulator of CloudFront, which npm fetches.
CLANG=${CLANG:-clang}
out=build/tests/node
unset MAKEFLAGS MFLAGS MAKELEVEL
passed=0 failed=0
there() { command -v "$1" >/dev/null 2>&1; }
job() { # what, command...: it must succeed
    what=$1; shift
    if "$@" >$out/log 2>&1; then passed=$((passed + 1)); return 0; fi
    failed=$((failed + 1)); echo "FAILED: $what: $*"; head -n 40 $out/log; return 1
}
limit=; there timeout && limit='timeout 25'
end() { echo "test_host_node: $passed passed, $failed failed"; [ $failed = 0 ]; exit; }

for tool in node "$CLANG" wasm-ld zip python3; do
    there "$tool" || { echo "SKIP Lambda@Edge with Node.js: no $tool"; end; }
done
case $(node --version) in v[0-9].* | v1[0-7].*) echo "SKIP Lambda@Edge with Node.js: $(node --version) is too old, 18 is not"; end ;; esac
rm -rf $out/made && mkdir -p $out/made

make="make -s CC=${CC:-cc} WASM_CC=$CLANG"
job "the command line and the handlers" $make all wasm wasm-simd || end
job "the zip" $make lambda-edge HANDLER=index_pages || end
job "the zip with tables" $make lambda-edge HANDLER=pass CONFIG=tests/hosts/config.json
job "the zip's files" [ "$(cd build/lambda-edge/pass && echo *)" = 'config.json edgefn.mjs function.zip handler.wasm index.mjs' ]
job "no handler named" sh -c "! $make lambda-edge"
job "unpack" python3 -m zipfile -e build/lambda-edge/index_pages/function.zip $out/made/function || end

flags='-std=c99 -O1 -Wall -Wextra -Wshadow -Werror -I. -Iexamples/hosts'
wasm="$CLANG --target=wasm32 $flags -ffreestanding -nostdlib -fvisibility=hidden"
job "wasm.c without warnings" $wasm -pedantic -Wconversion -fsyntax-only examples/hosts/lambda_edge_node/wasm.c
job "the odd handler" $wasm tests/hosts/odd.c build/obj/wasm32/*.o -Wl,--no-entry,--stack-first,-z,stack-size=131072 -o $out/made/odd.wasm || end
job "the odd handler, shared" ${CC:-cc} $flags -shared -fPIC -fvisibility=hidden tests/hosts/odd.c build/obj/edgefn_host.o -o $out/made/odd.so || end

$limit node tests/hosts/node.mjs $out/made >$out/report 2>&1
if tail -n 1 $out/report | grep -q '^[0-9]* [0-9]*$'; then
    set -- $(tail -n 1 $out/report)
    passed=$((passed + $1)) failed=$((failed + $2))
else failed=$((failed + 1)); echo 'FAILED: node.mjs died'
fi
grep -v '^[0-9]* [0-9]*$' $out/report

# A simulator of CloudFront that runs Lambda@Edge functions.
simulator=serverless-offline-edge-lambda
if [ "${NPM:-0}" = 0 ]; then echo "NPM=1 sh tests/test_host_node.sh runs $simulator besides"
elif ! there npm; then echo "SKIP $simulator: no npm"
else
    mkdir -p $out/npm
    [ -e $out/npm/package.json ] || echo '{"private": true}' >$out/npm/package.json
    [ -e $out/npm/node_modules/$simulator/dist/behavior-router.js ] ||
        (cd $out/npm && ${limit:+timeout 20} npm install --ignore-scripts --legacy-peer-deps --no-audit --no-fund --prefer-offline \
            --fetch-retries=0 $simulator@1.3.1) >$out/log 2>&1
    if [ -e $out/npm/node_modules/$simulator/dist/behavior-router.js ]; then
        job "$simulator" $limit node tests/hosts/simulator.cjs $out/made $out/npm/node_modules/$simulator
    else echo "SKIP $simulator: npm cannot fetch it: $(grep -m 1 -i 'error' $out/log)"
    fi
fi
end
