# lib.sh - shared by the shell suites, which begin with suite=test_NAME and `. tests/lib.sh` and run in the top directory.
# Files are written to $tmp. `end` prints "test_NAME: N passed, N failed" and exits; a suite that passed leaves no files.
LC_ALL=C
export LC_ALL
tmp=build/$suite
passed=0 failed=0 rc=0
rm -rf "$tmp"
mkdir -p "$tmp"

there() { command -v "$1" >/dev/null 2>&1; }

ok() {
    passed=$((passed + 1))
    [ -z "${VERBOSE:-}" ] || printf 'ok %s\n' "$1"
}

# not_ok NAME: reports a failure, with the output of the last `run`; with TEST_STOP=1 the suite ends then (tests/mutate_hosts.py)
not_ok() {
    failed=$((failed + 1))
    printf 'not ok %s\n' "$1"
    [ ! -e "$tmp/out" ] || printf '    exit %s; stdout: %s\n    stderr: %s\n' "$rc" "$(head -c 500 "$tmp/out")" "$(head -c 2000 "$tmp/err")"
    [ -z "${TEST_STOP:-}" ] || exit 1
}

# check NAME COMMAND...: the command must succeed
check() {
    check_name=$1
    shift
    if "$@"; then ok "$check_name"; else not_ok "$check_name"; fi
}

# run COMMAND...: sets $rc and writes $tmp/out and $tmp/err
run() {
    "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
    rc=$?
}

# job NAME COMMAND...: runs a command that must succeed; shows its output if it fails
job() {
    job_name=$1
    shift
    run "$@"
    [ $rc = 0 ] && ok "$job_name" || { not_ok "$job_name: $*"; return 1; }
}

# counted COMMAND...: runs a program that prints what failed and, at the end, the numbers of passed and failed checks
counted() {
    run "$@"
    grep -v '^[0-9]* [0-9]*$' "$tmp/out"
    cat "$tmp/err"
    numbers=$(tail -n 1 "$tmp/out" | grep '^[0-9]* [0-9]*$') || { echo "not ok $*: died"; numbers='0 1'; }
    set -- $numbers
    passed=$((passed + $1)) failed=$((failed + $2))
}

end() {
    [ "$failed" -gt 0 ] || rm -rf "$tmp"
    echo "$suite: $passed passed, $failed failed"
    [ "$failed" -eq 0 ]
    exit
}

# skip WHY: ends a suite that cannot run here
skip() {
    echo "SKIP $suite: $1"
    end
}

# needs PROGRAM...: ends the suite if one is missing
needs() {
    for program; do there "$program" || skip "no $program"; done
}

# needs_nginx: ends the suite if the module cannot be built and run here; sets NGINX
needs_nginx() {
    [ "$(uname -s)" = Linux ] || skip "its tests are for Linux"
    PATH=$PATH:/usr/sbin:/sbin
    needs "${NGINX:=nginx}"
    [ -e "${NGINX_SOURCE:-/usr/share/nginx/src}/configure" ] || skip "no source of nginx (nginx-dev)"
    export NGINX
}

#--- for suites of the command line --------------------------------------------------------------------------------------

edgefn=build/edgefn handlers=build/handlers events=examples/events

silent() { [ ! -s "$tmp/out" ]; }
quiet() { [ ! -s "$tmp/err" ]; }
says() { grep -q -e "$1" "$tmp/err"; }
prints() { grep -q -e "$1" "$tmp/out"; }
has_line() { grep -q -x -F -e "$1" "$tmp/out"; }
same() { cmp -s "$1" "$2"; }
exits() { [ "$rc" -eq "$1" ] && quiet; }

# fails CODE REGEX: exit with CODE, nothing on stdout, REGEX on stderr
fails() { [ "$rc" -eq "$1" ] && silent && says "$2"; }

# usage NAME ARGUMENT...: edgefn must exit with 2 and print a hint
usage() {
    usage_name=$1
    shift
    run "$edgefn" "$@"
    check "usage: $usage_name" fails 2 "edgefn --help"
}

# axe_core: sets $axe to the file of axe-core, which audits accessibility; npm fetches it once. Empty, and said, if it cannot.
axe_core() {
    axe_tools=$PWD/build/tests/npm-axe
    axe=$axe_tools/node_modules/axe-core/axe.min.js
    mkdir -p "$axe_tools"
    echo '{"private": true}' >"$axe_tools/package.json"
    if there npm && { [ -e "$axe" ] || (cd "$axe_tools" && timeout 300 npm install --ignore-scripts --no-audit --no-fund --no-update-notifier --prefer-offline \
        --fetch-retries=1 axe-core@4.10.3) >$tmp/npm.log 2>&1; }; then :
    else
        echo "SKIP the accessibility audit: npm cannot fetch axe-core"
        axe=
    fi
}
