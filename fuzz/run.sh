#!/bin/sh
# Fuzzes one target with AFL++ and prints the outcome:     sh fuzz/run.sh parse 60
# Needs build/fuzz/afl_TARGET and, to check the finds, build/fuzz/replay_TARGET: use make fuzz T=parse SECS=60.
# Finds are kept in build/fuzz/finds/; exits with 1 if there are any.
#     sh fuzz/run.sh parse 60 NAME           in separate directories, for parallel runs
#     sh fuzz/run.sh seeds TARGET DIR        only makes the seeds
# fuzz/results.txt contains results for edgefn_check(), one per line.
target=$1 secs=$2
out=build/fuzz/${3:-out}_$target

seeds() { # target, directory: the small events, the sample events below 8 KB; for roundtrip and check also after programs of edits
    rm -rf "$2"
    mkdir -p "$2"
    n=0
    for f in fuzz/seeds/*.json examples/events/*.json; do
        [ -e "$f" ] && [ "$(wc -c <"$f")" -lt 8192 ] || continue
        base=$(basename "$f" .json)
        cp "$f" "$2/$base"
        case $1:$f in
        roundtrip:fuzz/* | check:fuzz/*)
            for program in ~~T010A101 ~~T015A201 ~~Q0T130 ~~VT205 ~~T205 ~~S000A011 ~~R10T102S250 ~~S303A401D40 ~~O0O1O2O3O4 ~~W05S331A451 ~~L05VF ~~G0S302 ~~G2G6G8U1 ~~B4X0 ~~Q0A110F \
                00S013F 0~J01C11H41 1~K0ABP08 ~~VI10I20I00 ~~UQY0S00; do
                n=$((n + 1))
                { printf '%s' "$program" | tr -d '{'; cat "$f"; } >"$2/$base-$n"
            done ;;
        esac
        case $1:$f in
        check:fuzz/*) # results after a NUL, and edits that are not allowed
            for program in ~~S0040 ~~R004 ~~A0040 ~~S0040VS0001 ~~W05S3040 ~~G0S3040S3001 00 11 20 33 40 50W05 62 74G0 82 94 :1 ';0'; do
                n=$((n + 1))
                { printf '%s' "$program"; cat "$f"; } >"$2/$base-$n"
            done
            while IFS= read -r result; do
                n=$((n + 1))
                { cat "$f"; printf '\000%s' "$result"; } >"$2/$base-$n"
            done <fuzz/results.txt ;;
        esac
    done
}

if [ "$target" = seeds ]; then seeds "$2" "$3"; exit; fi
if ! command -v afl-fuzz >/dev/null 2>&1; then
    echo "SKIP fuzz $target: no afl-fuzz"
    exit 0
fi
rm -rf "$out"
mkdir -p "$out" build/fuzz/finds
seeds "$target" "$out/seeds"
export AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1
afl-fuzz -V "$secs" -t 2000 -m none -x fuzz/edgefn.dict -i "$out/seeds" -o "$out" -- "build/fuzz/afl_$target" >"$out/log" 2>&1
rc=$?
stats=$out/default/fuzzer_stats
if [ $rc != 0 ] || [ ! -e "$stats" ]; then
    tail -n 15 "$out/log"
    echo "fuzz $target: afl-fuzz ended with $rc"
    exit 1
fi
stat() { sed -n "s/^$1 *: *//p" "$stats"; }
crashes=0
for f in "$out"/default/crashes/id*; do
    [ -e "$f" ] || continue
    crashes=$((crashes + 1))
    cp "$f" "build/fuzz/finds/$target-$(cksum <"$f" | cut -d' ' -f1)"
done
hangs=$(ls "$out"/default/hangs 2>/dev/null | grep -c '^id')
echo "fuzz $target: $(stat execs_done) executions in $(stat run_time) s, $crashes crashes, $hangs hangs, $(stat corpus_count) inputs kept, coverage $(stat bitmap_cvg)"
[ $crashes = 0 ] || echo "fuzz $target: build/fuzz/replay_$target build/fuzz/finds/$target-*"
[ $crashes = 0 ]
