#!/bin/sh
# examples/hosts/browser, the playground, in Chromium. Started in the top directory; prints what failed and
# "test_playground: N passed, N failed". Keeps pictures of the page in build/tests/playground.
# With DEEP=1 all looks of it, larger inputs, limits of time, and an accessibility audit with axe-core, which npm fetches.
CLANG=${CLANG:-clang}
suite=test_playground
. tests/lib.sh
unset MAKEFLAGS MFLAGS MAKELEVEL

needs node "$CLANG" wasm-ld chromium
case $(node --version) in v[0-9].* | v1[0-7].*) skip "$(node --version) is too old, 18 is not" ;; esac

job "make playground" make -s WASM_CC="$CLANG" CC="${CC:-cc}" playground || end
if there python3; then
    check "the page links to the reference site" grep -q 'data-docs="../docs/"' build/playground/index.html
    check "which links to the page" grep -q 'href="../playground/index.html"' build/docs/index.html
fi
for file in examples/hosts/browser/*.mjs; do
    job "$file has valid syntax" node --check "$file"
done

axe=
if [ "${DEEP:-}" = 1 ]; then
    axe_core
else echo "DEEP=1 sh tests/test_playground.sh also takes all pictures, and audits accessibility"
fi
rm -rf build/tests/playground
counted node tests/hosts/playground.mjs build/tests/playground $tmp/profile $axe

make -s WASM_CC="$CLANG" CC="${CC:-cc}" playground-serve PORT=0 >$tmp/served 2>&1 &
served=$! tries=0
printed() { grep -s -q '^the playground: http://127.0.0.1:[0-9]*/playground/' $tmp/served; }
until printed || [ $((tries += 1)) -gt 100 ]; do sleep 0.1; done
kill $served && wait $served 2>/dev/null
check "make playground-serve prints the address" printed
end
