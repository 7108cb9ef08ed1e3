#!/bin/sh
# Compiles a handler to WebAssembly and links it:    CC=clang FLAGS=... LINK=... sh build.sh OUT.wasm HANDLER.c OBJECT...
# HANDLER.c may be several files, 'A.c B.c': a chain.
# With wasi-libc (Debian: wasi-libc and libclang-rt-NN-dev-wasm32) the handler may call <string.h>, <ctype.h>, <math.h>, snprintf() and the
# conversions of <stdlib.h>. Files, sockets, the clock and malloc() are refused: the module must import nothing but the log, and its
# memory is managed by wasm.c.
out=$1 handler=$2
shift 2
host='WebAssembly at Lambda@Edge'
log=$out.log
hidden='-nostdlib -fvisibility=hidden -I. -Iexamples/hosts'
trap 'rm -f "$out.o" "$out".*.o "$out.new" "$log"' EXIT

# compile OPTION...: writes $out.o, of several files linked to one object
compile() {
    objects=
    for file in $handler; do
        object=$out.$(basename "$file" .c).o
        # shellcheck disable=SC2086
        $CC "$@" $FLAGS $hidden -c "$file" -o "$object" || return 1
        objects="$objects $object"
    done
    # shellcheck disable=SC2086
    case $handler in
    *' '*) $CC "$1" -nostdlib $objects -Wl,-r -o "$out.o" ;;
    *) mv -f "$object" "$out.o" ;;
    esac
}

wasi=false
for d in /usr/include/wasm32-wasi "${WASI_SYSROOT:-/opt/wasi-sysroot}/include"; do [ ! -e "$d/string.h" ] || wasi=true; done
sysroot=
[ -z "${WASI_SYSROOT:-}" ] || sysroot="--sysroot=$WASI_SYSROOT"
# shellcheck disable=SC2086
if $wasi; then
    compile --target=wasm32-wasi $sysroot || exit 1
    builtins=$($CC --target=wasm32-wasi $sysroot -print-libgcc-file-name)
    [ -e "$builtins" ] || builtins=
else
    compile --target=wasm32 -ffreestanding 2>"$log"
    rc=$?
    cat "$log" >&2
    if grep -q "'[a-z]*\.h' file not found" "$log"; then
        echo "$handler: $host: for the headers of the C library install wasi-libc and libclang-rt-$($CC -dumpversion | sed 's/\..*//')-dev-wasm32" >&2
    fi
    [ $rc = 0 ] || exit 1
fi
case $handler in *' '*) handler=$(basename "$out" .wasm) ;; esac

# names NAME...: prints those that the handler calls
names() {
    # shellcheck disable=SC2086
    $CC --target=wasm32 -nostdlib "$out.o" -Wl,--no-entry,--allow-undefined $(printf -- '-Wl,-y,%s ' "$@") -o "$out.new" 2>/dev/null |
        sed -n "s/.*: reference to \(.*\)/\1()/p" | sort -u | tr '\n' ' ' | sed 's/ $//; s/ /, /g'
}
refuse() {
    called=$(names fopen fdopen freopen fclose fread fwrite fprintf fputs fputc putc puts putchar printf vprintf perror fgets getc getchar open openat \
        read write close lseek stat unlink mkdir opendir socket connect bind listen accept send recv sendto recvfrom getaddrinfo poll select \
        time clock clock_gettime gettimeofday nanosleep sleep usleep localtime getenv getentropy arc4random exit abort sscanf \
        malloc calloc realloc free aligned_alloc strdup strndup asprintf system fork execve)
    echo "$handler: $host has no files, sockets, clock, environment or heap: ${called:-what it calls} cannot work there." >&2
    echo "    Memory comes from edgefn_alloc(ev, ...), the time from edgefn_now(ev, &now), settings from edgefn_lookup(ev, table, key)." >&2
    exit 1
}

# shellcheck disable=SC2086
if $wasi; then
    $CC --target=wasm32-wasi $sysroot -nostdlib "$out.o" "$@" $LINK -Wl,--trace -lc-printscan-long-double -lm -lc $builtins -o "$out.new" >"$log" 2>&1
else
    $CC --target=wasm32 -nostdlib "$out.o" "$@" $LINK -o "$out.new" >"$log" 2>&1
fi || {
    grep -v '\.a\(([^)]*)\)\{0,1\}$\|\.o$' "$log" >&2
    if $wasi && [ -z "$builtins" ]; then
        echo "$handler: $host: also install libclang-rt-$($CC -dumpversion | sed 's/\..*//')-dev-wasm32" >&2
        exit 1
    fi
    ! grep -q 'undefined symbol' "$log" || refuse
    exit 1
}
if LC_ALL=C grep -a -q 'wasi_snapshot_preview1' "$out.new" || grep -q 'dlmalloc\.o' "$log"; then refuse; fi
mv -f "$out.new" "$out"
