#!/bin/sh
# The C suites on other platforms: other processors under qemu, other C libraries and compilers, standards from C99 to C23, char without a sign, and Windows
# under wine. What a machine lacks is skipped. For one platform only: ONLY=s390x sh tests/deep_platforms.sh [SUITE...]
suite=deep_platforms
. tests/lib.sh
# not here: steps are counted with one compiler, signatures need OpenSSL for each platform, and all recipes take too long under qemu
all=$(ls tests/test_*.c | sed 's,tests/,,; s,\.c$,,' | grep -v -x -e test_cost -e test_verify -e test_message -e test_confirm_elsewhere -e test_recipes_random)
suites=${*:-$all}
warnings='-Wall -Wextra -Werror -Wno-unknown-warning-option -Wno-unknown-pragmas -Wno-format-truncation -Wno-format-overflow'
jobs=$(getconf _NPROCESSORS_ONLN)

# one SUITE: compiles and runs it; prints its last line
cat >"$tmp/one.sh" <<'END'
name=$1 dir=$2
source=tests/$name.c object= extra=-DEDGEFN_IMPLEMENTATION_DONE
if grep -q 'edgefn__[a-z]' "$source"; then extra=-DEDGEFN_STATIC
else
    case $name in
    *_portable) object=$dir/portable.o ;;
    *_small) object=$dir/small.o ;;
    *_baseline) object=$dir/baseline.o ;;
    *) object=$dir/edgefn.o ;;
    esac
fi
if ! $COMPILE $extra "$source" $object $dir/unsanitized.o $LINK -o "$dir/$name$EXE" >"$dir/$name.out" 2>&1; then
    echo "$name: 0 passed, 1 failed (not compiled)"
    exit
fi
$RUN "$dir/$name$EXE" >"$dir/$name.out" 2>&1 || true
tr -d '\r' <"$dir/$name.out" | tail -n 1 | sed 's/^.*[\\/]//; s/\.exe:/:/' | grep '^[A-Za-z0-9_]*: [0-9]* passed, [0-9]* failed$' || echo "$name: 0 passed, 1 failed (died)"
END

# platform NAME RUN COMPILER FLAGS...
platform() {
    name=$1 RUN=$2
    shift 2
    [ -z "${ONLY:-}" ] || [ "$ONLY" = "$name" ] || return 0
    if ! there "$1"; then echo "SKIP $name: no $1"; return; fi
    if [ -n "$RUN" ] && ! there "${RUN%% *}"; then echo "SKIP $name: no ${RUN%% *}"; return; fi
    dir=$tmp/$name
    mkdir -p "$dir"
    COMPILE="$* -D_DEFAULT_SOURCE -DEDGEFN_DEBUG $warnings -I. -Iexamples/hosts"
    EXE=${EXE:-} LINK=${LINK:-}
    export COMPILE RUN EXE LINK
    echo 'void __sanitizer_set_death_callback(void (*f)(void)) { (void)f; }' >"$dir/unsanitized.c"
    $COMPILE -c "$dir/unsanitized.c" -o "$dir/unsanitized.o" || { not_ok "$name: the compiler"; return; }
    # -x c for the header alone
    for build in edgefn: portable:-DEDGEFN_NO_SIMD small:-DEDGEFN_SMALL baseline:-DEDGEFN_NO_DISPATCH; do
        echo "$COMPILE -x c -DEDGEFN_IMPLEMENTATION ${build#*:} -c edgefn.h -o $dir/${build%%:*}.o"
    done | xargs -P "$jobs" -I{} sh -c '{}' >"$tmp/out" 2>"$tmp/err" || { rc=1; not_ok "$name: the library"; return; }
    wanted=$suites
    # only x86 has variants to choose between: elsewhere these are the same programs again
    case $1 in *x86* | i686* | gcc | clang | musl-gcc) ;; *) wanted=$(printf '%s\n' $suites | grep -v -e '_portable$' -e '_baseline$') ;; esac
    printf '%s\n' $wanted | xargs -P "$jobs" -I{} sh "$tmp/one.sh" {} "$dir" >"$dir/results"
    while IFS= read -r line; do
        case $line in
        *' 0 failed') passed=$((passed + $(echo "$line" | sed 's/^[^:]*: //; s/ .*//'))) ;;
        *) failed=$((failed + 1)); echo "not ok $name: $line"; head -n 12 "$dir/${line%%:*}.out" ;;
        esac
    done <"$dir/results"
    echo "$name: $(wc -l <"$dir/results") suites, $(awk '{ n += $2 } END { print n }' "$dir/results") checks"
    rm -f "$dir"/test_*
}

case $(uname -m) in
x86_64)
    platform x86-64-c99 '' gcc -std=c99 -O2
    platform x86-64-c11 '' gcc -std=c11 -O3
    platform x86-64-c17 '' clang -std=c17 -O2
    platform x86-64-c23 '' gcc -std=c2x -Os
    platform x86-64-clang-c99 '' clang -std=c99 -O1
    platform x86-64-clang-c23 '' clang -std=c2x -O3
    platform x86-64-native '' gcc -std=c99 -O3 -march=native
    platform x86-64-unsigned-char '' gcc -std=c99 -O2 -funsigned-char
    platform x86-64-musl '' musl-gcc -std=c99 -O2 -static
    ;;
esac
platform i686 qemu-i386 i686-linux-gnu-gcc -std=c99 -O2 -static
platform i686-sse2 qemu-i386 i686-linux-gnu-gcc -std=c99 -O2 -msse2 -static
platform aarch64 qemu-aarch64 aarch64-linux-gnu-gcc -std=c99 -O2 -static
platform armhf qemu-arm arm-linux-gnueabihf-gcc -std=c99 -O2 -static
platform riscv64 qemu-riscv64 riscv64-linux-gnu-gcc -std=c99 -O2 -static
platform s390x qemu-s390x s390x-linux-gnu-gcc -std=c99 -O2 -static
WINEDEBUG=-all WINEPREFIX=$PWD/$tmp/wine # nothing is written to the home directory
export WINEDEBUG WINEPREFIX
EXE=.exe platform windows wine x86_64-w64-mingw32-gcc -std=gnu99 -O2 -static -D__USE_MINGW_ANSI_STDIO=1 -Wno-format -Wno-format-extra-args -Itests/windows

there wineserver && wineserver -k 2>/dev/null && wineserver -w 2>/dev/null # it writes to $tmp until it ends
end
