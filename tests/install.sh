#!/bin/sh
# make deps: installs the missing programs that `make test` needs. If nothing is missing it is silent and needs no network.
# As root, or if sudo requires no password, it installs with apt and prints each command before running it; otherwise it prints the
# command to run. With NO_INSTALL=1 (NO_INSTALL=1 make test) it installs nothing and prints what is missing.
# With --fuzz it only considers what fuzzing needs, with --coverage what `make coverage` needs; that is also installed with DEEP=1.
# It never fails: tests whose programs are still missing print SKIP (a failure if CI=true).

wanted_here='..*'
[ "${1:-}" != --coverage ] || wanted_here='gcc\|libc6-dev\|python3\|clang-[0-9]*\|libclang-rt-[0-9]*-dev\|llvm-[0-9]*'
[ "${1:-}" != --fuzz ] || wanted_here='gcc\|clang\|afl++\|libc6-dev\|libgcc-.*-dev\|libclang-rt-[0-9]*-dev'
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
have() { command -v "$1" >/dev/null 2>&1; }
need() { have "$1" || missing="$missing $2"; }
sanitizers() { # true if this compiler can link AddressSanitizer
    echo 'int main(void) { return 0; }' >"$tmp/a.c" && "$1" -fsanitize=address,undefined "$tmp/a.c" -o "$tmp/a" >/dev/null 2>&1
}
# if AFL++ and its compilers are installed, so are their libraries: exit early, because fuzz/handler.sh calls this every time
if [ "${1:-}" = --fuzz ] && have gcc && have clang && have afl-fuzz && have afl-clang-fast; then exit 0; fi
need_coverage() { # a clang that counts MC/DC, its runtime library and its tools
    newest=$(sh tests/coverage.sh --compiler)
    version=19
    if [ -z "$newest" ]; then missing="$missing clang-19"; else version=$("$newest" -dumpversion | sed 's/\..*//'); fi
    echo 'int main(void) { return 0; }' >"$tmp/a.c"
    if [ -z "$newest" ] || ! "$newest" -fprofile-instr-generate "$tmp/a.c" -o "$tmp/a" >/dev/null 2>&1; then
        missing="$missing libclang-rt-$version-dev"
    fi
    have "llvm-profdata-$version" || need llvm-profdata "llvm-$version"
}
search() { # sets $missing to the Debian packages of missing programs
    missing=
    need gcc gcc; need g++ g++; need nm binutils; need clang clang; need clang++ clang; need python3 python3; need tcc tcc
    need afl-clang-fast afl++; need afl-fuzz afl++; need wasm-ld lld
    [ -e /usr/include/wasm32-wasi/string.h ] || missing="$missing wasi-libc"
    need chromium chromium # the playground
    need node nodejs; need zip zip # the Lambda@Edge hosts
    need chromium chromium # pages of make cloudfront, and of the JavaScript package
    need npm npm; need tsc node-typescript # the JavaScript package
    need musl-gcc musl-tools; need aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu # the AWS Lambda host, which is also tested for arm64
    have nginx || [ -x /usr/sbin/nginx ] || missing="$missing nginx-core"
    [ -e /usr/share/nginx/src/configure ] || missing="$missing nginx-dev"
    need traffic_server trafficserver; [ -e /usr/include/ts/ts.h ] || missing="$missing trafficserver-dev"
    need curl curl; need openssl openssl # HTTP/2 and TLS connections to the proxies
    [ -e /usr/include/event2/http.h ] || missing="$missing libevent-dev" # the minimal proxy
    [ -e /usr/include/openssl/x509.h ] || missing="$missing libssl-dev" # signatures by public keys
    if have python3 && ! python3 -c 'import cryptography' 2>/dev/null; then missing="$missing python3-cryptography"; fi
    if have python3 && ! python3 -c 'import yaml' 2>/dev/null; then missing="$missing python3-yaml"; fi # tests/test_ci.sh
    need valgrind valgrind # counts instructions
    need tidy tidy # pages of the reference site
    need parallel parallel # filters logs on several processors
    have qemu-aarch64-static || need qemu-aarch64 qemu-user
    if [ "${DEEP:-}" = 1 ]; then # tests/deep_analysis.sh, tests/deep_platforms.sh
        need clang-tidy clang-tidy; need cppcheck cppcheck; need frama-c frama-c-base
        for p in s390x:s390x riscv64:riscv64 i686:i386; do
            need "${p%%:*}-linux-gnu-gcc" "gcc-${p%%:*}-linux-gnu"
            [ -e "/usr/${p%%:*}-linux-gnu/include/stdlib.h" ] || missing="$missing libc6-dev-${p##*:}-cross"
        done
        need arm-linux-gnueabihf-gcc gcc-arm-linux-gnueabihf
        [ -e /usr/arm-linux-gnueabihf/include/stdlib.h ] || missing="$missing libc6-dev-armhf-cross"
        need x86_64-w64-mingw32-gcc gcc-mingw-w64-x86-64; need wine 'wine wine64'
    fi
    sh tests/test_format.sh --tool >/dev/null || missing="$missing clang-format-14"
    [ -e /usr/aarch64-linux-gnu/include/stdlib.h ] || [ "$(uname -m)" = aarch64 ] || missing="$missing libc6-dev-arm64-cross"
    [ -e /usr/include/stdlib.h ] || missing="$missing libc6-dev"
    printf '#if !__has_include(<simdjson.h>)\n#error\n#endif\n' >"$tmp/s.cc"
    if have g++ && ! g++ -std=c++17 -E "$tmp/s.cc" >/dev/null 2>&1; then missing="$missing libsimdjson-dev"; fi
    if have gcc && ! sanitizers gcc; then missing="$missing libgcc-$(gcc -dumpversion | sed 's/\..*//')-dev"; fi
    if have clang && ! sanitizers clang; then missing="$missing libclang-rt-$(clang -dumpversion | sed 's/\..*//')-dev"; fi
    # the C library for WebAssembly; the second package contains the functions that the compiler itself calls
    if have clang && [ ! -e "$(clang --target=wasm32-wasi -print-libgcc-file-name)" ]; then
        missing="$missing libclang-rt-$(clang -dumpversion | sed 's/\..*//')-dev-wasm32"
    fi
    case "${DEEP:-} ${1:-}" in '1 '* | *' --coverage') need_coverage ;; esac
    missing=$(printf '%s\n' $missing | grep -x "$wanted_here" | sort -u | tr '\n' ' ')
    missing=${missing% }
}
offered() { apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [0-9]'; }
only_offered() { # removes packages that this system does not offer from $missing
    wanted=$missing missing=
    for p in $wanted; do
        if offered "$p"; then missing="$missing $p"
        elif [ $p != clang-format-14 ]; then echo "install: this system has no package $p"
        elif ! have clang-format && offered clang-format; then missing="$missing clang-format" # may be another version
        fi
    done
    missing=${missing# }
}
asked() { # COMMAND...: prints the command and runs it; shows its output if it fails
    set -- $sudo env DEBIAN_FRONTEND=noninteractive $quiet_services "$@"
    echo "install: $*"
    "$@" >"$tmp/log" 2>&1 && return
    tail -5 "$tmp/log"
    echo "install: that failed; the tests that need it will print SKIP"
    exit 0
}

search "${1:-}"
[ -n "$missing" ] || exit 0
if [ "${NO_INSTALL:-0}" != 0 ]; then
    echo "install: NO_INSTALL is set; missing, and their tests will print SKIP: $missing"
    exit 0
fi
if ! have apt-get; then
    echo "install: missing, please install by your system's means: $missing"
    exit 0
fi
if [ "$(id -u)" = 0 ]; then sudo=
elif have sudo && sudo -n true 2>/dev/null; then sudo=sudo
else
    echo "install: missing tools; run this, then make test again (NO_INSTALL=1 make test does without):"
    echo "    sudo apt-get install -y --no-install-recommends $missing"
    exit 0
fi
# Prevents Debian's packages from starting servers, because the tests start their own: with these variables systemctl ignores "start",
# and without systemd nothing is started in runlevel 1. Whether a service is enabled is left to its package.
quiet_services='SYSTEMD_OFFLINE=1 RUNLEVEL=1 PREVLEVEL=N'
asked apt-get update
before=
for round in 1 2; do # the second round installs what can only be determined once clang is installed
    only_offered
    case $missing in '' | "$before") break ;; esac
    before=$missing
    case " $missing " in *' nginx-core '* | *' trafficserver '*)
        echo "install: with $quiet_services packages start no server now; Debian enables nginx and trafficserver for the next boot" ;;
    esac
    asked apt-get install -y --no-install-recommends $missing
    search "${1:-}"
done
exit 0
