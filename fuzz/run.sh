#!/bin/sh
# Fuzzes one target, with AFL++ or libFuzzer, and prints the outcome:     sh fuzz/run.sh parse 60
# Needs the programs of fuzz/fuzz.mk: use make fuzz T=parse SECS=60. ENGINE=libfuzzer: libFuzzer. CHECKED=off: without sanitizers.
# Finds are kept in build/fuzz/finds/; exits with 1 if there are any. Inputs that reach something new are kept in build/fuzz/kept/TARGET,
# and each run is a line of build/fuzz/runs.tsv, which fuzz/record.py adds to fuzz/RESULTS.md.
#     sh fuzz/run.sh parse 60 NAME           in separate directories, for parallel runs
#     sh fuzz/run.sh seeds TARGET DIR        only makes the seeds: fuzz/corpus/TARGET.pack, and events if that is what the target reads
#     sh fuzz/run.sh corpus TARGET           makes fuzz/corpus/TARGET.pack from all inputs so far: the smallest for each edge, cut at 1400 bytes
target=$1 secs=$2
engine=${ENGINE:-afl}
out=build/fuzz/runs/${3:-out}_$target
limit() { # bytes of an input: what a target needs, for short ones run many times as often
    case $1 in
    codec | net | path | query) longest=160 ;;
    scan | ua | model) longest=500 ;;
    token) longest=700 ;;
    *) longest=3000 ;;
    esac
}

read_events() { # the targets whose input is an event
    case $1 in model | query | path | codec | net | token | ua | events | scan) return 1 ;; esac
}

edits='~~T010A101 ~~T015A201 ~~Q0T130 ~~VT205 ~~T205 ~~S000A011 ~~R10T102S250 ~~S303A401D40 ~~O0O1O2O3O4 ~~W05S331A451 ~~L05VF ~~G0S302
    ~~G2G6G8U1 ~~B4X0 ~~Q0A110F 00S013F 0~J01C11H41 1~K0ABP08 ~~VI10I20I00 ~~UQY0S00 00000 01100 03200 10000 11100 20000 3000 32'
refused='~~S0040 ~~R004 ~~A0040 ~~S0040VS0001 ~~W05S3040 ~~G0S3040S3001 00 11 20 33 40 50W05 62 74G0 82 94 :1 ;0'

seeds() { # target, directory: the corpus; small events and the sample events below 8 KB; also after programs of edits, and before results
    rm -rf "$2"
    mkdir -p "$2"
    [ ! -e "fuzz/corpus/$1.pack" ] || "build/fuzz/replay_$1" -x "$2" "fuzz/corpus/$1.pack"
    read_events "$1" || return 0
    n=0
    for f in fuzz/seeds/*.json examples/events/*.json; do
        [ -e "$f" ] && [ "$(wc -c <"$f")" -lt 8192 ] || continue
        base=$(basename "$f" .json)
        cp "$f" "$2/$base"
        programs=
        case $1:$f in
        roundtrip:fuzz/* | untouched:fuzz/*) programs=$edits ;;
        check:fuzz/* | sanitize:fuzz/*) programs="$edits $refused" ;;
        esac
        for program in $programs; do
            n=$((n + 1))
            { printf '%s' "$program"; cat "$f"; } >"$2/$base-$n"
        done
        case $1:$f in
        check:fuzz/*) # results after a NUL
            while IFS= read -r result; do
                n=$((n + 1))
                { cat "$f"; printf '\000%s' "$result"; } >"$2/$base-$n"
            done <fuzz/results.txt ;;
        esac
    done
}

# what libFuzzer printed last under a name
stat() { sed -n "s/^stat::$1: *//p" "$out/log" | tail -n 1; }
afl_stat() { sed -n "s/^$1 *: *//p" "$out/default/fuzzer_stats"; }

with_afl() {
    program=build/fuzz/afl${plain}_$target
    export AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1
    [ ! -e build/fuzz/mutate.so ] || export AFL_CUSTOM_MUTATOR_LIBRARY="$PWD/build/fuzz/mutate.so"
    afl-fuzz -V "$secs" -G $longest -t 2000 -m none -x fuzz/edgefn.dict -i "$out/seeds" -o "$out" -- "$program" >"$out/log" 2>&1 || return 1
    [ -e "$out/default/fuzzer_stats" ] || return 1
    cp "$out"/default/queue/id* "build/fuzz/kept/$target/" 2>/dev/null
    for f in "$out"/default/crashes/id* "$out"/default/hangs/id*; do [ ! -e "$f" ] || cp "$f" "$out/finds/"; done
    executions=$(afl_stat execs_done) edges=$(afl_stat edges_found)
}

# A find ends libFuzzer: it goes on until the time is over, at most 20 times.
with_libfuzzer() {
    program=build/fuzz/${plain:-lib}_$target executions=0 edges=0 start=$(date +%s)
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        left=$((secs - $(date +%s) + start))
        [ $left -gt 0 ] || break
        "$program" -dict=fuzz/edgefn.dict -max_total_time=$left -max_len=$longest -timeout=20 -close_fd_mask=1 -print_final_stats=1 \
            -artifact_prefix="$out/finds/" "build/fuzz/kept/$target" "$out/seeds" >"$out/log" 2>&1
        rc=$?
        [ -n "$(stat number_of_executed_units)" ] || return 1
        executions=$((executions + $(stat number_of_executed_units)))
        edges=$(grep -a -o 'cov: [0-9]*' "$out/log" | tail -n 1 | tr -dc 0-9)
        [ $rc != 0 ] || break
    done
}

if [ "$target" = seeds ]; then seeds "$2" "$3"; exit; fi
if [ "$target" = corpus ]; then
    target=$2 out=build/fuzz/runs/corpus_$2
    limit "$target"
    mkdir -p "$out" "build/fuzz/kept/$target" fuzz/corpus
    seeds "$target" "$out/seeds"
    rm -rf "$out/small"
    mkdir -p "$out/small"
    build/fuzz/fast_$target -set_cover_merge=1 -use_counters=0 -max_len=$((longest < 1400 ? longest : 1400)) -close_fd_mask=1 "$out/small" "$out/seeds" "build/fuzz/kept/$target" >"$out/log" 2>&1 || exit 1
    build/fuzz/replay_$target -p "fuzz/corpus/$target.pack" "$out/small"
    exit
fi
case $engine in afl) needs=afl-fuzz ;; libfuzzer) needs=clang ;; *) echo "fuzz $target: ENGINE=$engine is neither afl nor libfuzzer"; exit 2 ;; esac
if ! command -v $needs >/dev/null 2>&1; then
    echo "SKIP fuzz $target: no $needs"
    exit 0
fi
limit "$target"
plain= checked=on
[ "${CHECKED:-}" != off ] || { plain=fast checked=off; }
rm -rf "$out"
mkdir -p "$out/finds" build/fuzz/finds "build/fuzz/kept/$target"
seeds "$target" "$out/seeds"
[ -n "$(ls "$out/seeds")" ] || echo 0 >"$out/seeds/0"
if ! with_$engine; then
    tail -n 8 "$out/log"
    echo "fuzz $target: $program ended without a result"
    exit 1
fi
finds=0
for f in "$out"/finds/*; do
    [ -e "$f" ] || continue
    finds=$((finds + 1))
    cp "$f" "build/fuzz/finds/$target-$(cksum <"$f" | cut -d' ' -f1)"
done
printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$(date +%Y-%m-%d)" "$target" "$engine" "$checked" "$secs" "$executions" "$edges" "$finds" >>build/fuzz/runs.tsv
echo "fuzz $target: $executions executions in $secs s with $engine, sanitizers $checked, $edges edges, $finds finds"
[ $finds = 0 ] || echo "fuzz $target: build/fuzz/replay_$target build/fuzz/finds/$target-*"
[ $finds = 0 ]
