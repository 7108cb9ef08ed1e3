// measure.js - for measure.sh: ab_test.c and add_security_headers.c, written for njs.
function uri(r) {
    if (r.uri !== '/experiment-pixel.jpg') return r.uri;
    let group;
    const parts = (r.headersIn.Cookie || '').split(';');
    for (let i = 0; i < parts.length; i++) { // njs 0.7 has no for-of
        const part = parts[i], at = part.indexOf('=');
        if (part.slice(0, at).trim() !== 'X-Experiment-Name') continue;
        const value = part.slice(at + 1).trim();
        if (value === 'A' || value === 'B') { group = value; break; }
    }
    if (!group) group = Math.random() < 0.75 ? 'A' : 'B';
    return group === 'A' ? '/experiment-group/control-pixel.jpg' : '/experiment-group/treatment-pixel.jpg';
}

function headers(r) {
    const out = r.headersOut;
    out['Strict-Transport-Security'] = 'max-age=63072000; includeSubdomains; preload';
    out['Content-Security-Policy'] = "default-src 'none'; img-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; frame-ancestors 'none'";
    out['X-Content-Type-Options'] = 'nosniff';
    out['X-Frame-Options'] = 'DENY';
    out['X-XSS-Protection'] = '1; mode=block';
    out['Referrer-Policy'] = 'same-origin';
}

export default { uri, headers };
