#!/bin/sh
# callgrind.sh BENCH [CLASS...] - instructions per event of edgefn's parse and job, the same on every run on one machine:
# the difference between three passes over a class and one, divided by the events of two passes.
# Prints: INSTR <task> <class> <subject> <count>
set -eu
bench=$1
shift
command -v valgrind >/dev/null 2>&1 || { echo "bench-instructions: SKIP: valgrind is not installed (apt-get install valgrind)" >&2; exit 0; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
count() { # PASSES CLASS TASK SUBJECT
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$bench" --instructions "$1" --classes "$2" --tasks "$3" --subjects "$4" 2>"$tmp/log" ||
        { cat "$tmp/log" >&2; exit 1; }
    sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$tmp/log"
}
for class in ${*:-vreq oreq cffreq}; do
    for subject in ${SUBJECTS:-edgefn}; do
        for task in parse job; do
            one=$(count 1 "$class" "$task" "$subject")
            three=$(count 3 "$class" "$task" "$subject")
            events=$(sed -n '/^[0-9][0-9]*$/p' "$tmp/log")
            printf 'INSTR\t%s\t%s\t%s\t%s\n' "$task" "$class" "$subject" $(((three - one) / (2 * events)))
        done
    done
done
