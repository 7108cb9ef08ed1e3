#!/bin/sh
# budget.sh BENCH           compares the instructions of parse and job with bench/budget.tsv: fails if one takes over 2 % more and gcc has
#                           the version in that file; with another gcc it only prints the comparison
# budget.sh --write BENCH   rewrites the file. A commit that raises a count explains why.
# Instructions do not depend on other programs on the machine; callgrind counts them.
set -eu
file=bench/budget.tsv
write=false
if [ "$1" = --write ]; then write=true; shift; fi
gcc=$(${GCC:-gcc} -dumpfullversion)
counts=$(sh bench/callgrind.sh "$1" vreq oreq ores cffreq cffres pretty)
[ -n "$counts" ] || exit 0
if $write; then
    { printf '# instructions per event: task, class, count; written by make bench-budget, gcc -O2\ngcc\t%s\n' "$gcc"
      printf '%s\n' "$counts" | awk -F '\t' '{ print $2 "\t" $3 "\t" $5 }'; } >$file
    cat $file
    exit 0
fi
printf '%s\n' "$counts" | awk -F '\t' -v gcc="$gcc" -v file=$file '
    BEGIN {
        while ((getline line < file) > 0) {
            split(line, f, "\t")
            if (f[1] == "gcc") of = f[2]
            else if (line !~ /^#/) budget[f[1] "\t" f[2]] = f[3]
        }
        if (of == "") { print file ": no version of gcc"; exit 1 }
        if (of != gcc) print "counted with gcc " gcc ", the budget with " of ": only a comparison"
    }
    {
        of_it = budget[$2 "\t" $3]
        if (of_it == "") { print file ": no row for " $2 " " $3; bad = 1; next }
        seen++
        more = ($5 / of_it - 1) * 100
        printf "%-5s %-6s %6d instructions, budget %6d, %+.1f %%\n", $2, $3, $5, of_it, more
        if (more > 2 && of == gcc) { print "    above the budget: make it cheaper, or run make bench-budget and explain why in the commit"; bad = 1 }
    }
    END { if (bad || seen != 12) exit 1 }'
