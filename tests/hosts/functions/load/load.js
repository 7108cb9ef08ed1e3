// load.js - for tests/deep_functions.sh: CloudFront Functions at both viewer triggers; the path is "/cff/WHAT/TYPE"
function handler(event) {
    var type = event.context.eventType, one = event.response || event.request, path = event.request.uri.split('/'), what = path[2];
    if (path[3] === type) {
        if (what === 'throw') throw new Error('no way');
        if (what === 'via') one.headers.via = { value: 'own' };
        if (what === 'answer') return { statusCode: 218, body: 'x'.repeat(20000) };
    }
    if (what === 'large') one.headers['x-large-7'] = { value: 'changed' };
    one.headers['x-' + type] = { value: 'ran' };
    return one;
}
