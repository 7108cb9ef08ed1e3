#!/bin/sh
# For every fuzz target: replays its seeds with the plain program (any compiler, with sanitizers), then runs AFL++ for 10 seconds.
# Needs the programs of `make fuzz-programs`. FUZZ_SECS=n sets other seconds; with DEEP=1 (make test-deep) SECS does.
secs=${FUZZ_SECS:-10}
[ "${DEEP:-}" != 1 ] || secs=${SECS:-60}
passed=0 failed=0
targets=$(ls fuzz/fuzz_*.c | sed 's,.*/fuzz_,,; s,\.c$,,')
ok() { if [ "$1" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED: $2"; fi; }

for t in $targets; do
    sh fuzz/run.sh seeds "$t" "build/fuzz/replayed_$t"
    build/fuzz/replay_$t build/fuzz/replayed_$t examples/events >build/fuzz/replay_$t.log 2>&1
    rc=$?
    [ $rc = 0 ] || tail -n 20 build/fuzz/replay_$t.log
    ok $rc "replay of the seeds of $t"
done
if command -v afl-fuzz >/dev/null 2>&1; then
    for t in $targets; do # in parallel
        { sh fuzz/run.sh "$t" "$secs" smoke >build/fuzz/smoke_$t.log 2>&1; echo $? >build/fuzz/smoke_$t.rc; } &
    done
    wait
    for t in $targets; do
        cat build/fuzz/smoke_$t.log
        ok "$(cat build/fuzz/smoke_$t.rc)" "fuzzing of $t"
    done
else
    echo "SKIP fuzzing: no afl-fuzz"
fi
echo "test_fuzz: $passed passed, $failed failed"
[ $failed = 0 ]
