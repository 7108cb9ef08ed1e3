#!/bin/sh
# .github/workflows/ci.yml: valid, what it runs exists, and its platforms are those of deep_platforms.sh.
suite=test_ci
. tests/lib.sh
ci=.github/workflows/ci.yml
if ! there python3 || ! python3 -c 'import yaml' 2>/dev/null; then
    echo "SKIP test_ci: it needs python3 with yaml"
    end
fi
cat >"$tmp/read.py" <<'END'
import sys, yaml
jobs = yaml.safe_load(open(sys.argv[1]))['jobs']
for name, job in jobs.items():
    for step in job['steps']:
        if 'run' in step:
            print('run', step['run'])
        elif 'uses' not in step:
            sys.exit('%s: a step that neither runs nor uses anything' % name)
print('platforms', *jobs['platforms']['strategy']['matrix']['only'])
END
run python3 "$tmp/read.py" $ci
check "it is valid" [ "$rc" -eq 0 ]
cp "$tmp/out" "$tmp/read"
grep -o 'make [a-z][-a-z]*' "$tmp/read" | grep -v 'make gcc' | sort -u >"$tmp/targets"
check "it runs make test" grep -q -x 'make test' "$tmp/targets"
while read -r make target; do
    run make -n -q --no-print-directory "$target"
    check "make $target" [ "$rc" -ne 2 ]
done <"$tmp/targets"
grep -o 'tests/[a-z_]*\.sh' "$tmp/read" | sort -u >"$tmp/scripts"
while read -r script; do
    check "$script is there" [ -e "$script" ]
done <"$tmp/scripts"
sed -n 's/^platforms //p' "$tmp/read" | tr ' ' '\n' | sort >"$tmp/matrix"
grep -o "^ *\(EXE=.exe \)\{0,1\}platform [-a-z0-9]*" tests/deep_platforms.sh | sed 's/.*platform //' | sort >"$tmp/platforms"
run diff "$tmp/platforms" "$tmp/matrix"
check "all platforms are in it" [ "$rc" -eq 0 ]
end
