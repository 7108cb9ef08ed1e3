#!/bin/sh
# Every fuzz target, compiled with sanitizers: replays its inputs (fuzz/corpus, events), those of tests/data/regress, each of which once
# violated a property, then changes of them for FUZZ_SECS seconds of processor time, the same ones each time. Then AFL++ runs the target
# roundtrip for a few seconds; with DEEP=1 (make test-deep) every target, for SECS seconds. Needs the programs of `make fuzz-programs`.
secs=${FUZZ_SECS:-1.5} afl_secs=5 afl_targets=roundtrip
targets=$(ls fuzz/fuzz_*.c | sed 's,.*/fuzz_,,; s,\.c$,,')
[ "${DEEP:-}" != 1 ] || { secs=${SECS:-60}; afl_secs=$secs afl_targets=$targets; }
passed=0 failed=0
ok() { if [ "$1" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED: $2"; fi; }
# two at a time
pairs() { # function, names
    job=$1
    shift
    while [ $# -gt 0 ]; do
        "$job" "$1" &
        [ -z "${2:-}" ] || "$job" "$2" &
        wait
        shift
        [ $# = 0 ] || shift
    done
}

replay() {
    log=build/fuzz/replay_$1.log inputs=build/fuzz/replayed_$1
    mkdir -p build/fuzz/finds
    sh fuzz/run.sh seeds "$1" "$inputs" >"$log" 2>&1
    for f in tests/data/regress/"$1"-*; do [ ! -e "$f" ] || cp "$f" "$inputs/"; done
    FUZZ_FIND=build/fuzz/finds/$1-smoke "build/fuzz/replay_$1" -r "$secs" 1 "$inputs" >>"$log" 2>&1
    echo $? >"$log.rc"
}

pairs replay $targets
total=0
for t in $targets; do
    rc=$(cat "build/fuzz/replay_$t.log.rc" 2>/dev/null || echo 1)
    [ "$rc" = 0 ] || { tail -n 20 "build/fuzz/replay_$t.log"; echo "    the input: build/fuzz/finds/$t-smoke"; }
    ok "$rc" "inputs of $t, and changes of them"
    count=$(sed -n 's/ random inputs$//p' "build/fuzz/replay_$t.log")
    total=$((total + ${count:-0}))
    [ "${count:-0}" -gt 200 ]
    ok $? "$t: only ${count:-0} random inputs"
done
echo "fuzz: $(echo $targets | wc -w) targets, $total random inputs"

[ "$(cat fuzz/corpus/*.pack | wc -c)" -lt 2000000 ]
ok $? "the inputs in fuzz/corpus are smaller than 2 MB"

# the driver itself: a planted fault
cat >build/fuzz/planted.c <<'END'
#include <stdint.h>
#include <stdlib.h>
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 9 && data[0] == '{' && data[3] != 'e') abort();
    return 0;
}
END
find=build/fuzz/finds/planted
rm -f $find
${GCC:-gcc} -std=gnu99 build/fuzz/planted.c fuzz/driver.c fuzz/mutate.c -o build/fuzz/planted &&
    ! FUZZ_FIND=$find build/fuzz/planted -r 5 1 fuzz/seeds/f-vreq-bare.json >build/fuzz/planted.log 2>&1 &&
    [ -s $find ] && ! build/fuzz/planted $find >/dev/null 2>&1
ok $? "a planted fault is found, and the input that is kept has it again"

if command -v afl-fuzz >/dev/null 2>&1; then
    afl() { ENGINE=afl CHECKED=on sh fuzz/run.sh "$1" "$afl_secs" smoke >"build/fuzz/smoke_$1.log" 2>&1; echo $? >"build/fuzz/smoke_$1.rc"; }
    pairs afl $afl_targets
    for t in $afl_targets; do
        cat "build/fuzz/smoke_$t.log"
        ok "$(cat "build/fuzz/smoke_$t.rc")" "fuzzing of $t"
        grep -q 'Custom mutator .*mutate.so.* installed' "build/fuzz/runs/smoke_$t/log"
        ok $? "AFL++ uses fuzz/mutate.c for $t"
    done
else
    echo "SKIP fuzzing: no afl-fuzz"
fi
echo "test_fuzz: $passed passed, $failed failed"
[ $failed = 0 ]
