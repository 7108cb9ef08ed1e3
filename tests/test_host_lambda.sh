#!/bin/sh
# The AWS Lambda bootstrap (examples/hosts/lambda_runtime), built in every way possible on this machine, runs against a stub of the
# Runtime API that misbehaves (tests/hosts/lambda_stub.py) and an independent one (tests/hosts/lambda_fun.js). Started in the top directory.
suite=test_host_lambda
. tests/lib.sh
needs python3
[ "$(uname -s)" = Linux ] || skip "only for Linux"
there "${CC:=cc}" || CC=gcc
PYTHONDONTWRITEBYTECODE=1
export CC PYTHONDONTWRITEBYTECODE

# build WHAT ARGUMENT...: runs make lambda; its output is kept in $tmp/WHAT.make, the bootstrap is $tmp/WHAT
build() {
    what=$1
    shift
    check "make lambda ($what)" make -s --no-print-directory lambda "$@" >"$tmp/$what.make" 2>&1
    name=$(sed -n 's,^build/lambda/\([^/]*\)/function.zip: .*,\1,p' "$tmp/$what.make")
    [ -n "$name" ] || { cat "$tmp/$what.make"; return 1; }
    check "the zip ($what)" python3 - "build/lambda/$name/function.zip" "$tmp/$what" <<'PY'
import os, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
[one] = z.infolist()
assert one.filename == 'bootstrap' and one.external_attr >> 16 & 0o777 == 0o755 and z.testzip() is None
with open(sys.argv[2], 'wb') as f:
    f.write(z.read(one))
os.chmod(sys.argv[2], 0o755)
PY
}
# The limit includes musl's name resolution, which takes 35 kB.
small() { [ "$(wc -c <"$tmp/$1")" -lt 200000 ]; }
alone() { ! grep -q -e 'ld-linux' -e 'ld-musl' "$tmp/$1"; } # statically linked
size() { echo "test_host_lambda: $1: $(wc -c <"$tmp/$1") bytes"; }

# play WHAT ARGUMENT...: runs in the background, because it mostly waits
programs=
play() {
    what=$1
    shift
    [ -e "$tmp/${what%%-*}" ] || return
    programs="$programs $what"
    { "$@" >"$tmp/$what.log" 2>&1; echo $? >"$tmp/$what.rc"; } &
}
stub="python3 tests/hosts/lambda_stub.py"

#--- builds -------------------------------------------------------------------------------------------------------------

handler=tests/hosts/lambda_handler.c
if there musl-gcc; then build musl HANDLER=$handler LAMBDA_CC=musl-gcc
else echo "SKIP the bootstrap with musl: no musl-gcc"
fi
case $(uname -m) in
x86_64 | aarch64) build bare HANDLER=$handler LAMBDA_CC="$CC" LAMBDA_LIBC=bare ;;
*) echo "SKIP the bootstrap without a C library: only for x86-64 and arm64" ;;
esac
if there aarch64-linux-gnu-gcc; then build arm64 HANDLER=$handler ARCH=arm64 LAMBDA_CC=aarch64-linux-gnu-gcc
else echo "SKIP the bootstrap for arm64: no aarch64-linux-gnu-gcc"
fi
if printf '#include <openssl/x509.h>\nint main(void) { return EVP_PKEY_bits(0); }\n' >"$tmp/o.c" && "$CC" -static "$tmp/o.c" -lcrypto -o "$tmp/o" 2>/dev/null; then
    build openssl HANDLER=$handler LAMBDA_OPENSSL=on
    size openssl
else echo "SKIP the bootstrap with OpenSSL: no libcrypto.a (libssl-dev)"
fi
build recipe HANDLER=redirect_https ZIP=no-such-zip # with defaults, and a zip made by python3
for what in musl bare arm64 recipe; do
    [ -e "$tmp/$what" ] || continue
    check "$what is below 200 kB: $(wc -c <"$tmp/$what")" small $what
    check "$what is static" alone $what
done
[ ! -e "$tmp/musl" ] || size musl
[ ! -e "$tmp/arm64" ] || size arm64
check "make lambda without a handler says so" sh -c 'make -s lambda 2>&1 | grep -q HANDLER=name'
for cc in gcc clang; do
    there $cc || continue
    check "no warnings by $cc" $cc -std=c99 -pedantic -Wall -Wextra -Wconversion -Wshadow -Werror -fsyntax-only -I. \
        examples/hosts/lambda_runtime/bootstrap.c examples/hosts/lambda_runtime/http.c
    check "no warnings by $cc, bare" $cc -std=c99 -pedantic -Wall -Wextra -Wconversion -Wshadow -Werror -DLAMBDA_BARE \
        -fsyntax-only -I. examples/hosts/lambda_runtime/bootstrap.c examples/hosts/lambda_runtime/http.c
    [ ! -e "$tmp/bare" ] || check "bare.c: no warnings by $cc" $cc -std=c99 -Wall -Wextra -Wconversion -Wshadow -Werror -fsyntax-only -I. \
        examples/hosts/lambda_runtime/bare.c
done
sanitize="-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all"
if there gcc && echo 'int main(void) { return 0; }' >"$tmp/a.c" && gcc $sanitize "$tmp/a.c" -o "$tmp/a" 2>/dev/null; then
    check "the library with sanitizers" make -s --no-print-directory build/tests/gcc/edgefn.o
    check "the bootstrap with sanitizers" gcc -std=c99 $sanitize -I. examples/hosts/lambda_runtime/bootstrap.c \
        examples/hosts/lambda_runtime/http.c $handler build/tests/gcc/edgefn.o -o "$tmp/sanitized"
else echo "SKIP the bootstrap with sanitizers: no gcc that can link them"
fi

#--- runs against the stubs ---------------------------------------------------------------------------------------------

play musl $stub "$tmp/musl" --name musl
play bare $stub "$tmp/bare" --bare --name bare
play openssl $stub "$tmp/openssl" --openssl --name openssl
play sanitized $stub "$tmp/sanitized" --few --name sanitized env UBSAN_OPTIONS=print_stacktrace=1
play recipe $stub "$tmp/recipe" --handler redirect_https --name recipe
if [ "$(uname -m)" = aarch64 ]; then play arm64 $stub "$tmp/arm64" --bare --name arm64
elif there qemu-aarch64 || there qemu-aarch64-static; then
    play arm64 $stub "$tmp/arm64" --bare --few --name "arm64, emulated" "$(command -v qemu-aarch64 || command -v qemu-aarch64-static)"
elif [ -e "$tmp/arm64" ]; then echo "SKIP running the bootstrap for arm64: no qemu-aarch64"
fi
if [ "${NPM:-0}" = 0 ]; then echo "NPM=1 sh tests/test_host_lambda.sh also runs @vercel/fun"
elif ! there node || [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 18 ]; then echo "SKIP @vercel/fun: no Node.js 18 or newer"
elif [ ! -e build/npm/node_modules/@vercel/fun ] && ! there npm; then echo "SKIP @vercel/fun: no npm"
elif [ ! -e build/npm/node_modules/@vercel/fun ] && ! { mkdir -p build/npm && timeout 20 npm install --prefix build/npm --ignore-scripts \
    --no-audit --no-fund --fetch-retries=0 @vercel/fun@1.3.6; } >"$tmp/npm.log" 2>&1; then
    echo "SKIP @vercel/fun: npm cannot install it"
    rm -rf build/npm/node_modules/@vercel
else play recipe-fun node tests/hosts/lambda_fun.js build/npm "$([ -e "$tmp/musl" ] && echo "$tmp/musl" || echo "$tmp/bare")"
fi
wait
for what in $programs; do
    grep -v '^[0-9]* passed, [0-9]* failed$' "$tmp/$what.log"
    set -- $(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$tmp/$what.log")
    passed=$((passed + ${1:-0})) failed=$((failed + ${2:-1}))
    [ "$(cat "$tmp/$what.rc")" = 0 ] || [ "${2:-1}" -gt 0 ] || failed=$((failed + 1))
done
end
