#!/bin/sh
# The reference site (make docs): its pages are well-formed, every link and anchor is there, and the search finds what people type.
# With DEEP=1 also HTML Tidy, and in Chromium, from a disk, the search and an audit of accessibility with axe-core, which npm fetches. Started in the top directory, after make.
suite=test_docs_site
. tests/lib.sh
if ! there python3; then
    echo "SKIP test_docs_site: no python3"
    end
fi
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE

# with a playground beside it, and without
python3 tests/site/pages.py "$tmp/without" >"$tmp/log" 2>&1 &
job 'the site' python3 tests/site/pages.py "$tmp/docs" ../playground/index.html
wait $! && ok 'the site, without a playground' || not_ok "the site, without a playground: $(cat "$tmp/log")"
counted python3 tests/site/check.py "$tmp/docs" ../playground/index.html
grep -l 'href="[^"]*playground' "$tmp"/without/*.html >"$tmp/out" && not_ok 'no links to a playground that is not there' || ok 'no links to a playground that is not there'
check 'without a playground: where it is described' grep -q 'class="playground" href="host-browser.html"' "$tmp/without/index.html"
for page in host-browser rules recipe-language_path; do
    check "without a playground: $page.html says how it is made" grep -q 'make playground' "$tmp/without/$page.html"
done

# the checks find what is wrong
edit() { # PAGE SED
    cp "$tmp/docs/$1" "$tmp/without/$1"
    sed "$2" "$tmp/docs/$1" >"$tmp/without/$1"
}
edit api-fields.html 's/ id="edgefn_get"//'
edit hosts.html 's,</table>,,'
edit rules.html 's/The JSON output is not parsable/x/; s,<code>cdn-loop</code>,,'
edit benchmark.html 's/src="job.svg"/src="no.svg"/'
python3 tests/site/check.py "$tmp/without" ../playground/index.html >"$tmp/out" 2>"$tmp/err"
check 'noticed: an anchor that is missing' prints '^not ok edgefn_get() has no anchor'
check 'noticed: an element that is not closed' prints '^not ok hosts.html: .*table'
check 'noticed: a rule without its words' prints '^not ok rules.html lacks the words or the source of result.json'
check 'noticed: a rule without a header that it is about' prints '^not ok rules.html: header.read-only.changed is not said to be about cdn-loop'
check 'noticed: a picture that is missing' prints '^not ok benchmark.html: a link to nothing: no.svg'

# search, as its page does it: words, and what must be among the first three
if there node; then
    cat >"$tmp/search.cjs" <<'END'
const [site] = process.argv.slice(2), { search } = require(`${site}/search.js`), index = require(`${site}/index.js`);
const wanted = { edgefn_get: 'api-fields.html#edgefn_get', 'edgefn_redirect()': 'api-respond.html#edgefn_redirect', 'header.read-only.added': 'rules.html#header.read-only.added',
  EDGEFN_E_OOM: 'errors.html#EDGEFN_E_OOM', 'jwt sign': 'api-secrets-tokens-signatures.html#edgefn_jwt_sign', cache_key: 'recipe-cache_key.html', 'sign in jwt': 'recipe-jwt_sign_in.html',
  'cookie set': 'api-cookies.html#edgefn_cookie_set', negotiating: 'manual.html#negotiating-and-choosing', redirect_opts: 'types.html#edgefn_redirect_opts' };
let passed = 0, failed = 0;
for (const [query, url] of Object.entries(wanted)) {
  const found = search(index, query).slice(0, 3).map((row) => row[2]);
  if (found.includes(url)) passed++;
  else { failed++; console.log(`not ok search: ${query}: ${found.join(' ')}`); }
}
for (const query of ['', ' ', 'zzqx', '$^']) {
  if (search(index, query).length === 0) passed++;
  else { failed++; console.log(`not ok search: ${query} finds something`); }
}
console.log(`${passed} ${failed}`);
END
    counted node "$tmp/search.cjs" "$PWD/$tmp/docs"
else
    echo "SKIP test_docs_site: search: no node"
fi

if [ "${DEEP:-}" = 1 ]; then
    if there tidy; then
        for page in "$tmp"/docs/*.html; do # it does not know aria-current, which is WAI-ARIA 1.1
            run tidy -quiet -errors --drop-empty-elements no "$page"
            grep -v 'proprietary attribute "aria-current"' "$tmp/err" >"$tmp/out"
            check "tidy: ${page##*/}" silent
        done
    else
        echo "SKIP test_docs_site: no tidy"
    fi
    if there chromium && there node; then
        axe_core
        job 'the search in a browser, and an audit of accessibility' timeout 300 node tests/site/browser.mjs "$tmp/docs" "$tmp/profile" $axe
    else
        echo "SKIP test_docs_site: search in a browser: no chromium, or no node"
    fi
fi
end
