# function.sh - sourced by nginx/cloudfront.sh: functions in JavaScript and Python. What their text says is only a default, for settings that were not given.

is_function() { # FILE
    case $1 in *.mjs | *.cjs | *.js | *.py) ;; *) return 1 ;; esac
}

# Lambda@Edge exports its handler, CloudFront Functions do not.
function_dialect() { # FILE
    case $1 in *.js | *.cjs) if ! grep -q -E '(^|[^A-Za-z0-9_])exports([^A-Za-z0-9_]|$)|^[[:space:]]*export[[:space:]]' "$1"; then echo functions; return; fi ;; esac
    echo lambda
}

# The triggers of a function that looks at the event's type, at the response, at the origin or at headers that CloudFront adds.
function_triggers() { # FILE DIALECT
    if grep -q 'eventType' "$1"; then
        if [ "$2" = functions ]; then echo viewer-request viewer-response; else echo viewer-request origin-request origin-response viewer-response; fi
    elif grep -q -E "(cf|event|Records\[0\]\.cf)\.response([^A-Za-z0-9_]|$)|\[['\"]response['\"]\]|\{[^}]*response[^}]*\} *= *(event|.*\.cf)" "$1"; then
        if [ "$2" = functions ]; then echo viewer-response; else echo origin-response; fi
    elif [ "$2" = lambda ] && grep -q -i -E "\.origin([^A-Za-z0-9_]|$)|\[['\"]origin['\"]\]|cloudfront-(is|viewer)-" "$1"; then echo origin-request
    else echo viewer-request
    fi
}

# CloudFront's headers that a function reads, for the cache key.
function_key() { # FILE
    grep -o -i 'cloudfront-[a-z-]*[a-z]' "$1" | tr 'A-Z' 'a-z' | sort -u | tr '\n' ' '
}

# Why it runs as it does, for the terminal.
function_words() { # FILE. Needs DIALECT, KEY and BODY
    if [ "$DIALECT" = functions ]; then kind='CloudFront Functions'; else kind='Lambda@Edge'; fi
    said="It is for $kind, as its text says${KEY:+; in the cache key: $(echo $KEY | sed 's/ /, /g')}"
    [ "${BODY:-off}" = off ] || said="$said; it sees bodies"
    echo "$said. TRIGGERS=, DIALECT=, KEY= and BODY= set it."
}

# data.js for the desk's pages.
function_data() { # FILE. Needs PORT, secure and DIALECT
    said=$(basename "$1" | sed 's/["\\]/\\&/g; s/</\\u003c/g')
    printf 'window.edge = { port: "%s", httpsPort: "%s", dialect: "%s", settings: "", handlers: [{ name: "%s", about: "at %s.", more: "", events: "", change: "", needs: "", traps: "" }],\n' \
        "$PORT" "$secure" "$DIALECT" "$said" "$where"
    printf '  tries: [%s, %s] };\n' '{ method: "GET", target: "/", scheme: "http", headers: {}, body: "", shows: "", about: "this page, through the function" }' \
        '{ method: "GET", target: "/any/page?a=1", scheme: "http", headers: {}, body: "", shows: "", about: "a page that shows what the origin received" }'
}

# Reports whether a function expects an S3 origin.
function_needs_s3() { # FILE
    grep -q -E "origin\.s3\.|\[['\"]origin['\"]\]\[['\"]s3['\"]\]\[" "$1" && ! grep -q -E "(\.|['\"])custom['\"]?[].]" "$1"
}

function_needs_body() { # FILE
    grep -q -E "request\.body|\[['\"]body['\"]\]\[|\.body\.data|include.?body" "$1"
}

# Runs a function's process, and starts it again when it ends.
function_keep() { # FILE SOCKET
    child=
    trap 'kill $child 2>/dev/null; exit' HUP INT TERM
    case $1 in *.py) set -- python3 "$runtime/run.py" "$@" ;; *) set -- node "$runtime/run.mjs" "$@" ;; esac
    while :; do
        "$@" &
        child=$!
        wait $child || true
        echo "$(basename "$3"): its process ended, and is started again" >&2
        sleep 0.2
    done
}

# Starts a function's process, which ends with the script. Sets function_at to the first word for the directives, and adds the process to functions.
# Needs DIR, runtime, the directory of this file, and unlink_plain of desk.sh. TABLES: "TABLE KEY VALUE" in lines.
functions=
functions_end() {
    # shellcheck disable=SC2086
    [ -z "$functions" ] || kill $functions 2>/dev/null || true
    functions=
}
function_start() { # FILE DIALECT TABLES [DIRECTORY]
    case $1 in *.py) program=python3 ;; *) program=node ;; esac
    command -v $program >/dev/null 2>&1 || { echo "$1: $program is missing" >&2; exit 1; }
    # shellcheck disable=SC2086
    set -- "$1" "$2" "$3" "${4:-$DIR/function-$(echo $functions | wc -w | tr -d ' ')}"
    mkdir -p "$4"
    chmod 755 "$4"
    socket=$4/$(basename "$1" | tr -c 'A-Za-z0-9._\n-' '_').sock
    rm -f "$socket"
    trap 'functions_end; unlink_plain' EXIT
    trap 'exit 143' HUP INT TERM
    DIALECT=$2 TABLES=$3 function_keep "$1" "$socket" &
    functions="$functions $!"
    i=0
    until [ -S "$socket" ] || [ $i = 100 ]; do i=$((i + 1)); sleep 0.05; done
    function_at=unix:$socket
}
