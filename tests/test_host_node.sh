#!/bin/sh
# examples/hosts/lambda_edge_node: handlers as WebAssembly in Node.js must return what `build/edgefn run` prints, and throw if it
# fails. Started in the top directory; prints what failed and "test_host_node: N passed, N failed".
# NPM=1 adds a simulator of CloudFront, which is installed with npm.
CLANG=${CLANG:-clang}
suite=test_host_node npm=build/tests/npm
. tests/lib.sh
unset MAKEFLAGS MFLAGS MAKELEVEL
limit=; there timeout && limit='timeout 120'

needs node "$CLANG" wasm-ld zip python3
case $(node --version) in v[0-9].* | v1[0-7].*) skip "$(node --version) is older than 18" ;; esac
mkdir -p $tmp/made

make="make -s CC=${CC:-cc} WASM_CC=$CLANG"
job "the command line and the handlers" $make all wasm wasm-simd || end
job "the zip" $make lambda-edge HANDLER=index_pages || end
job "the zip with tables" $make lambda-edge HANDLER=pass CONFIG=tests/hosts/config.json
job "the zip's files" [ "$(cd build/lambda-edge/pass && echo *)" = 'config.json edgefn.mjs function.zip handler.wasm index.mjs' ]
job "no handler named" sh -c "! $make lambda-edge"
job "unpack" python3 -m zipfile -e build/lambda-edge/index_pages/function.zip $tmp/made/function || end

flags='-std=c99 -O1 -Wall -Wextra -Wshadow -Werror -I. -Iexamples/hosts'
wasm="$CLANG --target=wasm32 $flags -ffreestanding -nostdlib -fvisibility=hidden"
job "wasm.c without warnings" $wasm -pedantic -Wconversion -fsyntax-only examples/hosts/lambda_edge_node/wasm.c
job "the odd handler" $wasm tests/hosts/odd.c build/obj/wasm32/*.o -Wl,--no-entry,--stack-first,-z,stack-size=131072 -o $tmp/made/odd.wasm || end
job "the odd handler, shared" ${CC:-cc} $flags -shared -fPIC -fvisibility=hidden tests/hosts/odd.c build/obj/edgefn_host.o -o $tmp/made/odd.so || end

counted $limit node tests/hosts/node.mjs $tmp/made

# A simulator of CloudFront that runs Lambda@Edge functions.
simulator=serverless-offline-edge-lambda
if [ "${NPM:-0}" = 0 ]; then echo "NPM=1 sh tests/test_host_node.sh also runs $simulator"
elif ! there npm; then echo "SKIP $simulator: no npm"
else
    mkdir -p $npm
    [ -e $npm/package.json ] || echo '{"private": true}' >$npm/package.json
    [ -e $npm/node_modules/$simulator/dist/behavior-router.js ] ||
        (cd $npm && ${limit:+timeout 20} npm install --ignore-scripts --legacy-peer-deps --no-audit --no-fund --prefer-offline \
            --fetch-retries=0 $simulator@1.3.1) >$tmp/log 2>&1
    if [ -e $npm/node_modules/$simulator/dist/behavior-router.js ]; then
        job "$simulator" $limit node tests/hosts/simulator.cjs $tmp/made $npm/node_modules/$simulator
    else echo "SKIP $simulator: npm cannot install it: $(grep -m 1 -i 'error' $tmp/log)"
    fi
fi
end
