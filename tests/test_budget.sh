#!/bin/sh
# Compares the instructions of parse and job with bench/budget.tsv, and checks that the comparison detects differences.
suite=test_budget
. tests/lib.sh
if ! there "${GCC:-gcc}" || ! there valgrind; then
    echo "SKIP test_budget: it needs gcc and valgrind"
    end
fi

job "the program that is counted" make -s --no-print-directory build/bench/counted || end
job "within the budget" sh bench/budget.sh build/bench/counted
cat "$tmp/out"

# tests the comparison itself, with saved counts
mkdir -p "$tmp/bench"
cp bench/budget.sh "$tmp/bench/"
cat >"$tmp/bench/callgrind.sh" <<'END'
cat counts
END
compare() { # SED: edits the budget
    sed "$1" bench/budget.tsv >"$tmp/bench/budget.tsv"
    awk -F '\t' 'NF == 3 { print "INSTR\t" $1 "\t" $2 "\tedgefn\t" $3 }' bench/budget.tsv >"$tmp/counts"
    (cd "$tmp" && sh bench/budget.sh none) >"$tmp/out" 2>"$tmp/err"
}
gcc=$(${GCC:-gcc} -dumpfullversion)
fails() { ! compare "$1"; }
check "equal counts" compare "s/^gcc.*/gcc\t$gcc/"
lower=$(awk '$1 == "job" && $2 == "vreq" { print int($3 * 0.97) }' bench/budget.tsv)
check "a budget that is 3 % lower" fails "s/^gcc.*/gcc\t$gcc/; s/^job\tvreq\t.*/job\tvreq\t$lower/"
check "the same by another gcc" compare "s/^gcc.*/gcc\t1.2.3/; s/^job\tvreq\t.*/job\tvreq\t9000/"
check "a row is missing" fails '/^parse.oreq/d'
check "no version of gcc" fails '/^gcc/d'
end
