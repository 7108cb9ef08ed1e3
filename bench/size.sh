#!/bin/sh
# size.sh - bytes that the library adds to the smallest host (tests/compile_minimal.c: parse, set, finish), compiled with -Os, unused
# sections collected: code, constants and tables, minus those of an empty program. Left: with the compiler's defaults; right: without unwind
# tables, which C does not need, and at a fixed address. Use: sh bench/size.sh, or make size; FUNCTIONS=20 also lists the largest functions.
set -eu
CC=${CC:-gcc}
out=build/bench/size
mkdir -p $out
echo 'int main(void) { return 0; }' >$out/empty.c
defaults='-std=c99 -Os -ffunction-sections -fdata-sections -Wl,--gc-sections'
lean="$defaults -fno-asynchronous-unwind-tables -fno-pie -no-pie"
bytes() { # FLAGS FILE: text and data
    $CC $1 "$2" -o $out/program
    size $out/program | awk 'NR == 2 { print $1 + $2 }'
}
empty=$(bytes "$defaults" $out/empty.c) lean_empty=$(bytes "$lean" $out/empty.c)
echo "# $($CC --version | head -n 1), $(uname -m); KB are 1,000 bytes"
printf '%-58s %9s %9s\n' '' defaults lean
for options in '' -DEDGEFN_SMALL -DEDGEFN_NO_SIMD -DEDGEFN_NO_FUNCTIONS -DEDGEFN_NO_LAMBDA '-DEDGEFN_NO_FUNCTIONS -DEDGEFN_SMALL' '-DEDGEFN_NO_LAMBDA -DEDGEFN_SMALL'; do
    a=$(($(bytes "$defaults $options" tests/compile_minimal.c) - empty)) b=$(($(bytes "$lean $options" tests/compile_minimal.c) - lean_empty))
    printf '%-58s %6d.%d KB %4d.%d KB\n' "${options:-everything}" $((a / 1000)) $((a % 1000 / 100)) $((b / 1000)) $((b % 1000 / 100))
done
echo 'EDGEFN_NO_CRYPTO and EDGEFN_NO_UA change nothing here: what a host does not call is not linked. They save time of compilation.'
[ "${FUNCTIONS:-0}" = 0 ] || { bytes "$lean" tests/compile_minimal.c >$out/log; nm --size-sort -r -S -t d $out/program | awk '$3 !~ /[bB]/ { print $2 + 0, $4 }' | head -n "$FUNCTIONS"; }
