#!/bin/sh
# examples/hosts/npm, the JavaScript package: built, packed, installed from its tarball, and compared with the C library and the
# command line. Started in the top directory; prints what failed and "test_npm: N passed, N failed".
# With DEEP=1 100,000 generated results, Chromium, and what npm fetches: Vitest, Jest, bundlers, serverless-offline-edge-lambda.
CLANG=${CLANG:-clang}
suite=test_npm
. tests/lib.sh
unset MAKEFLAGS MFLAGS MAKELEVEL
app=$tmp/app
deep=false
[ "${DEEP:-}" != 1 ] || deep=true

needs node npm "$CLANG" wasm-ld
case $(node --version) in v[0-9].* | v1[0-7].*) skip "$(node --version) is too old, 18 is not" ;; esac

#--- the package: built, packed and installed without a network -----------------------------------------------------------

job "make npm" make -s WASM_CC="$CLANG" CC="${CC:-cc}" npm build/edgefn || end
packed=$(wc -c <"$(echo build/npm/edgefn-*.tgz)")
check "the tarball has $packed bytes, fewer than 150,000" [ "$packed" -lt 150000 ]
echo "npm: the package has $packed bytes packed, $(cat build/npm/*.mjs build/npm/*.cjs build/npm/*.js build/npm/*.ts build/npm/*.mts | wc -c) unpacked;" \
    "the module $(wc -c <build/npm-wasm/edgefn.wasm)"
for file in examples/hosts/npm/*.c; do
    job "$file without warnings" "$CLANG" --target=wasm32 -std=c99 -O1 -Wall -Wextra -Wshadow -Wconversion -Werror -ffreestanding \
        -Iexamples/hosts/npm/libc -I. -Iexamples/hosts -fsyntax-only "$file"
done
mkdir -p $app
echo '{ "private": true }' >$app/package.json
install() { (cd $app && npm install --offline --ignore-scripts --no-audit --no-fund --no-update-notifier --silent "$OLDPWD"/build/npm/edgefn-*.tgz); }
job "the tarball is installed" install || end
listed() { [ "$(cd $app/node_modules/edgefn && echo *)" = "$1" ] && [ ! -e $app/node_modules/edgefn/node_modules ]; }
check "its files" listed 'README.md edgefn-check.mjs edgefn.cjs edgefn.mjs index.cjs index.d.mts index.d.ts index.mjs jest.cjs jest.d.ts package.json testing.cjs testing.mjs vitest.d.mts vitest.mjs wasm.js'
module_imports() { node -e 'const m = new WebAssembly.Module(require("fs").readFileSync("build/npm-wasm/edgefn.wasm")); process.exit(WebAssembly.Module.imports(m).length)'; }
job "the module imports nothing" module_imports

counted node tests/hosts/npm.mjs $app

#--- the same answers as the C library ------------------------------------------------------------------------------------

flags='-std=c99 -D_DEFAULT_SOURCE -O1 -Wall -Wextra -Wshadow -Werror -I. -Iexamples/hosts -DEDGEFN_IMPLEMENTATION_DONE'
job "the cases" ${CC:-cc} $flags tests/hosts/npm_cases.c build/obj/edgefn.o -o $tmp/cases
count=2000
! $deep || count=100000
alike() { $tmp/cases $count "${SEED:-1}" $(find $events -name '*.json' -size -8k | sort) | node tests/hosts/npm_alike.mjs $app/node_modules/edgefn; }
counted alike

#--- the functions with faults: by node:test, and by both commands --------------------------------------------------------

cp -r tests/hosts/npm/functions tests/hosts/npm/functions.mjs tests/hosts/npm/five.test.mjs $app
in_app() { (cd $app && "$@"); }
job "functions with faults, by node:test" in_app node --test five.test.mjs
mkdir -p $tmp/five
job "functions with faults, for the commands" node tests/hosts/npm_five.mjs $tmp/five $app/node_modules/edgefn
command=$app/node_modules/.bin/edgefn-check
for want in $tmp/five/*.want; do
    name=${want%.want}
    run $command "$name.event.json" "$name.result.json"
    cut -f 1,2 "$tmp/out" >"$tmp/is"
    check "edgefn-check finds the faults of $(basename "$name")" [ "$rc" != 0 -a -s "$want" ]
    check "the same faults as in $(basename "$want")" same "$tmp/is" "$want"
done

#--- what README.md shows -------------------------------------------------------------------------------------------------

printf 'export const handler = async (event) => ({ ...event.Records[0].cf.request, uri: "/index.html" });\n' >$app/handler.mjs
printf 'function handler(event) {\n  event.request.uri = "/new";\n  return event.request;\n}\n' >$app/redirect.js
files=$(node tests/hosts/npm_readme.mjs examples/hosts/npm/README.md $app | tr '\n' ' ')
check "README.md has these files" [ "$files" = 'handler.test.mjs vitest.config.mjs handler.vitest.mjs redirect.test.mjs offline.js ' ]
job "README.md: tests" in_app node --test handler.test.mjs redirect.test.mjs
sed -i 's/uri: "/uri: "?/' $app/handler.mjs
run in_app node --test handler.test.mjs
check "README.md: the test of a wrong function fails" [ $rc = 1 ]
sed -i 's/uri: "?/uri: "/' $app/handler.mjs

#--- the command: what it prints, to which stream, and how it exits -------------------------------------------------------

# both NAME ARGUMENT...: edgefn-check and `edgefn check` do the same
both() {
    both_name=$1
    shift
    build/edgefn check "$@" >"$tmp/c.out" 2>"$tmp/c.err" <"${input:-/dev/null}"
    c_rc=$?
    "$command" "$@" >"$tmp/out" 2>"$tmp/err" <"${input:-/dev/null}"
    rc=$?
    sed -i "s/'edgefn --help'/'edgefn-check --help'/" "$tmp/c.err"
    check "edgefn-check: $both_name: exit $c_rc" [ $rc = $c_rc ]
    check "edgefn-check: $both_name: stdout" same "$tmp/out" "$tmp/c.out"
    check "edgefn-check: $both_name: stderr" same "$tmp/err" "$tmp/c.err"
}
event=$tmp/five/0.event.json result=$tmp/five/0.result.json
both "findings" "$event" "$result"
both "JSON" --json "$event" "$result"
both "JSON, pretty and not ASCII" --json $events/viewer-request-unicode.json $events/origin-request-pretty.json
both "one file" "$event"
both "no file" "$event" $tmp/none.json
both "an unknown option" --jsn "$event" "$result"
both "a directory" "$event" $tmp
printf '{"Records":[\n{"\303\244":x' >$tmp/bad.json
both "a refused event" $tmp/bad.json "$result"
printf '\357\273\277{"status":"200","headers":{"a\377":[]}}' >$tmp/bad.json
both "bytes that are no UTF-8, after a byte order mark" "$event" $tmp/bad.json
input=$result
both "standard input" "$event" -
input=
echo '{"Records":[{"cf":{"request":{"uri":"/","headers":{}}}}]}' >$tmp/bare.json
both "an event without a type" --type=origin-request $tmp/bare.json $tmp/bare.json
both "a type that is inferred" $tmp/bare.json "$result"
run $command --help
check "edgefn-check --help" exits 0
check "edgefn-check --help describes it" prints '^edgefn-check EVENT.json RESULT.json'
full() { $command "$event" "$result" >/dev/full; }
run full
check "edgefn-check: nothing can be written" [ $rc = 2 ]
if there script; then
    tty() { script -q -e -c "$*" /dev/null </dev/null | tr -d '\r'; }
    for colours in '' 1; do
        export NO_COLOR=$colours
        tty "build/edgefn check $event $result" >$tmp/c.out
        tty "$command $event $result" >$tmp/out
        check "edgefn-check on a terminal, NO_COLOR='$colours'" same $tmp/out $tmp/c.out
        check "it has a caret" prints '\^'
    done
    unset NO_COLOR
else echo "SKIP edgefn-check on a terminal: no script"
fi

#--- types ----------------------------------------------------------------------------------------------------------------

if there tsc; then # which also sees that what types.ts expects to be errors are
    cp tests/hosts/npm/types.ts tests/hosts/npm/types.mts $app
    printf 'declare global { namespace jest { interface Matchers<R> { not: R } } }\nexport {};\n' >$app/jest-stub.d.ts
    job "tsc --strict" in_app tsc --strict --noEmit --target es2020 --module node16 --moduleResolution node16 types.ts types.mts jest-stub.d.ts
else echo "SKIP the package's types: no tsc"
fi

#--- with what npm fetches: Vitest, Jest, a bundler, a simulator ----------------------------------------------------------

if ! $deep; then
    echo "DEEP=1 sh tests/test_npm.sh also runs Vitest, Jest, bundlers, a simulator and Chromium"
    end
fi
# fetched DIRECTORY FILE PACKAGE...: installs packages, without their scripts, where they are kept for the next time
fetched() {
    directory=$1 wanted=$2
    shift 2
    mkdir -p "$directory"
    [ -e "$directory/package.json" ] || echo '{"private": true}' >"$directory/package.json"
    [ -e "$directory/node_modules/$wanted" ] || (cd "$directory" && timeout 300 npm install --ignore-scripts --legacy-peer-deps --no-audit --no-fund \
        --no-update-notifier --prefer-offline --fetch-retries=1 "$@") >$tmp/npm.log 2>&1
    [ -e "$directory/node_modules/$wanted" ] && return
    echo "SKIP $*: npm cannot fetch it: $(grep -m 1 -i error $tmp/npm.log)"
    return 1
}
tools=$PWD/build/tests/npm-package
if fetched $tools vitest/vitest.mjs vitest@3.2.4 jest@29.7.0; then
    rm -rf $tools/app $tools/node_modules/edgefn # tests find packages in the directories above them
    cp -r $app $tools/app && rm -rf $tools/app/node_modules && cp -r $app/node_modules/edgefn $tools/node_modules/edgefn
    cp tests/hosts/npm/five.vitest.mjs tests/hosts/npm/five.jest.js $tools/app
    in_tools() { (cd $tools/app && "$@"); }
    job "Vitest: functions with faults, and README.md" in_tools node ../node_modules/vitest/vitest.mjs run --no-cache
    check "Vitest ran them" grep -q '8 passed' $tmp/out
    printf 'module.exports = { setupFilesAfterEnv: ["edgefn/jest"], testMatch: ["**/*.jest.js"] };\n' >$tools/app/jest.config.cjs
    job "Jest" in_tools node ../node_modules/jest/bin/jest.js --ci --no-cache
    printf 'import { check, sample } from "edgefn";\nconst e = sample("viewer-request");\nconsole.log(check(e, {}).length, check(e, e.Records[0].cf.request).length);\n' >$tools/app/bundled.mjs
    for format in esm iife cjs; do
        job "esbuild: $format" in_tools node ../node_modules/esbuild/bin/esbuild bundled.mjs --bundle --minify --format=$format --outfile=$format.out.js
        case $format in esm) mv $tools/app/esm.out.js $tools/app/esm.out.mjs ;; *) mv $tools/app/$format.out.js $tools/app/$format.out.cjs ;; esac
        run node $tools/app/$format.out.*
        check "esbuild: $format runs" has_line '4 0'
    done
    cat >$tools/app/vite.config.mjs <<'END'
export default { logLevel: 'error', build: { outDir: 'vite', lib: { entry: 'bundled.mjs', formats: ['es'], fileName: () => 'bundled.mjs' } } };
END
    job "Vite" in_tools node ../node_modules/vite/bin/vite.js build
    run node $tools/app/vite/bundled.*
    check "Vite's bundle runs" has_line '4 0'
    printf 'import { expect } from "vitest";\nimport "edgefn/vitest";\nexpect({}).toBeAcceptedBy({});\nexpect({}).not.toBeAcceptedBy("{}", { doubtful: true });\n' >$tools/app/matcher.mts
    if there tsc; then
        run in_tools tsc --strict --noEmit --skipLibCheck --target es2022 --module node16 --moduleResolution node16 --types node matcher.mts
        check "tsc: no error about the matcher" sh -c "! grep -q '^matcher.mts' $tmp/out"
        grep '^matcher.mts' $tmp/out
    fi
fi
simulator=serverless-offline-edge-lambda
if fetched $PWD/build/tests/npm $simulator/dist/behavior-router.js $simulator@1.3.1; then
    job "$simulator" timeout 60 node tests/hosts/npm_simulator.cjs $app build/tests/npm/node_modules/$simulator
fi
if there chromium; then job "a page of Chromium" node tests/hosts/npm_browser.mjs $app/node_modules/edgefn $tmp/profile
else echo "SKIP the package in a page: no chromium"
fi
end
