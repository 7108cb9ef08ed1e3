# recipe.awk - reads the first comments of the handlers that run, and what try.txt has for recipes of these names:
#     awk -v mode=data|tables|key|body|origins|headers|domain|s3|country -f recipe.awk FILE.c... try.txt
# data: data.js for the pages; the others: a line each for cloudfront.sh.
function json(s) { gsub(/\\/, "\\\\", s); gsub(/"/, "\\\"", s); gsub(/\t/, " ", s); gsub(/</, "\\u003c", s); return "\"" s "\"" }
function trim(s) { sub(/^ +/, "", s); sub(/ +$/, "", s); return s }
function add(s) { part = part (part == "" ? "" : " ") trim(s) }
function close_part() { if (label != "") { parts[handler, label] = trim(part) } part = ""; label = "" }
function after(line, word) { sub(/^ *[^ ]+ */, "", line); return line }
# headers that a sentence of Needs wants in the cache policy
function keys(text,    n, i, k, words, sentences, count, w) {
    n = split(text, sentences, /[;.] */)
    for (i = 1; i <= n; i++) {
        if (sentences[i] !~ /in the cache policy/ || sentences[i] ~ /need not|not in|neither|none|[Ll]eave|out of/) continue
        count = split(sentences[i], words, /[ ,]+/)
        for (k = 1; k <= count; k++) {
            w = words[k]
            if (w == "CloudFront-Is-*-Viewer") { w = "CloudFront-Is-Mobile-Viewer CloudFront-Is-Tablet-Viewer CloudFront-Is-SmartTV-Viewer CloudFront-Is-Desktop-Viewer" }
            else if (w !~ /^([A-Z][A-Za-z]*(-[A-Z][A-Za-z]*)+|Host|Origin)$/) continue
            wanted[++wanted_count] = w
        }
    }
}
FNR == 1 { close_part(); state = FILENAME ~ /try\.txt$/ ? "try" : "code"; current = ""; if (state == "code") { handler = FILENAME; sub(/.*\//, "", handler); sub(/\.c$/, "", handler); order[++handlers] = handler } }
state == "code" && /^\/\*/ { state = "comment"; label = "about"; sub(/^\/\* *[A-Za-z0-9_]+\.c - /, ""); sub(/^\/\* */, "") }
state == "comment" {
    line = $0
    last = line ~ /\*\//
    sub(/ *\*\/.*/, "", line)
    if (match(line, /^ *(Events|Change|Needs|Traps):/)) {
        close_part()
        label = tolower(trim(substr(line, 1, RLENGTH - 1)))
        line = substr(line, RLENGTH + 1)
    } else if (line ~ /^ *$/ && label == "about") { close_part(); label = "more" }
    add(line)
    if (last) { close_part(); state = "done" }
    next
}
state == "try" && /^[^ #]/ { current = ""; for (i = 1; i <= handlers; i++) if (order[i] == $1) current = $1; next }
state != "try" || current == "" || $1 == "" { next }
$1 == "table" { row = $0; sub(/^ *table +/, "", row); tables[++table_count] = row; next }
$1 == "origin" { origins = origins (origins == "" ? "" : " ") $2 ($3 == "http" ? ":http" : ""); next }
$1 == "domain" || $1 == "s3" || $1 == "country" { set[$1] = $2; next }
$1 == "key" { wanted[++wanted_count] = $2; next }
$1 == "origin-header" { sub(/^ *origin-header +/, ""); name = $1; sub(/:$/, "", name); sub(/^[^ ]+ +/, ""); gsub(/["\\]/, "\\\\&"); sent = sent "add_header " name " \"" $0 "\"; "; next }
$1 == "try" { t = ++tries; method[t] = $2; target[t] = $3; scheme[t] = $4 == "https" ? "https" : "http"; next }
$1 == "shows" { sub(/^ *shows +/, ""); shows[t] = $0; next }
$1 == "about" { sub(/^ *about +/, ""); about[t] = $0; next }
$1 == "data" { sub(/^ *data +/, ""); body[t] = $0; next }
$1 ~ /:$/ { name = $1; sub(/:$/, "", name); sub(/^ *[^ ]+ */, ""); headers[t] = headers[t] (headers[t] == "" ? "" : ", ") json(name) ": " json($0); next }
{ print "try.txt: what is this: " $0 >"/dev/stderr"; exit 2 }
END {
    for (i = 1; i <= handlers; i++) {
        needs = parts[order[i], "needs"]
        if (needs ~ /"Include body"/) with_body = "on"
        keys(needs)
    }
    if (mode == "body") print with_body
    if (mode == "origins") print origins
    if (mode == "headers") print sent
    if (mode in set) print set[mode]
    if (mode == "key")
        for (i = 1; i <= wanted_count; i++)
            if (!(wanted[i] in seen)) { seen[wanted[i]] = 1; print wanted[i] }
    if (mode == "tables")
        for (i = 1; i <= table_count; i++) print tables[i]
    if (mode != "data") exit
    printf "window.edge = { port: %s, httpsPort: %s, dialect: %s, settings: %s, handlers: [", json(port), json(https), json(dialect), json(settings)
    for (i = 1; i <= handlers; i++) {
        h = order[i]
        printf "%s\n  { name: %s, about: %s, more: %s, events: %s, change: %s, needs: %s, traps: %s }", (i > 1 ? "," : ""), json(h), \
            json(parts[h, "about"]), json(parts[h, "more"]), json(parts[h, "events"]), json(parts[h, "change"]), json(parts[h, "needs"]), json(parts[h, "traps"])
    }
    printf "],\n  tries: ["
    for (i = 1; i <= tries; i++)
        printf "%s\n  { method: %s, target: %s, scheme: %s, headers: { %s }, body: %s, shows: %s, about: %s }", (i > 1 ? "," : ""), json(method[i]), \
            json(target[i]), json(scheme[i]), headers[i], json(body[i]), json(shows[i]), json(about[i])
    print "] };"
}
