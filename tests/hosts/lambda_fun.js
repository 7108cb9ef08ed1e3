/* lambda_fun.js - runs a bootstrap with tests/hosts/lambda_handler.c against the runtime server
   of @vercel/fun, an independent implementation of the Runtime API.

       node lambda_fun.js DIRECTORY-WITH-NODE_MODULES BOOTSTRAP

   Prints what failed, and at the end "N passed, N failed". That server sends no chunks, no trace
   id and a constant deadline, and does not compare request ids; lambda_stub.py covers these. */
'use strict';
const path = require('path');
const { spawn, execFileSync } = require('child_process');
const { readdirSync, readFileSync } = require('fs');
const [, , directory, bootstrap] = process.argv;
let RuntimeServer;
try {
    ({ RuntimeServer } = require(path.resolve(directory, 'node_modules/@vercel/fun/dist/src/runtime-server.js')));
} catch (x) { /* requires Node.js 20, but may work with older versions */
    console.log('SKIP @vercel/fun: Node.js ' + process.version + ' cannot load it: ' + x.message.split('\n')[0]);
    console.log('0 passed, 0 failed');
    process.exit(0);
}

let passed = 0, failed = 0;
function check(good, complaint) {
    if (good) passed++;
    else { failed++; console.log('FAILED: @vercel/fun: ' + complaint); }
}

function event(uri, pad) {
    const request = { clientIp: '203.0.113.178', method: 'GET', uri, querystring: '', headers: { host: [{ key: 'Host', value: 'example.com' }] } };
    if (pad) request.body = { action: 'read-only', data: 'x'.repeat(pad), encoding: 'text', inputTruncated: false };
    const config = { distributionDomainName: 'd1.cloudfront.net', distributionId: 'E1', eventType: 'viewer-request', requestId: 'id==' };
    return { text: JSON.stringify({ Records: [{ cf: { config, request } }] }), result: JSON.stringify(request) };
}

async function main() {
    const server = new RuntimeServer({});
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    const child = spawn(bootstrap, [], { env: { AWS_LAMBDA_RUNTIME_API: '127.0.0.1:' + server.address().port }, stdio: 'ignore' });
    const ended = new Promise((done) => child.on('exit', done));
    const watch = setTimeout(() => { check(false, 'it takes too long'); child.kill('SIGKILL'); finish(); }, 15000);
    const invoke = (text) => server.invoke({ InvocationType: 'RequestResponse', Payload: text });
    function finish() {
        clearTimeout(watch);
        console.log(passed + ' passed, ' + failed + ' failed');
        process.exit(failed === 0 ? 0 : 1);
    }

    for (const file of readdirSync('examples/events')) {
        const name = path.join('examples/events', file);
        const want = execFileSync('build/edgefn', ['run', 'build/handlers/pass.so', name]).toString().slice(0, -1);
        const answer = await invoke(readFileSync(name, 'utf8'));
        check(!answer.FunctionError && answer.Payload === want, name + ': ' + answer.Payload.slice(0, 200));
    }
    for (const pad of [1, 3000, 900000, 4000000]) {
        const e = event('/a', pad);
        const answer = await invoke(e.text);
        check(!answer.FunctionError && answer.Payload === e.result, 'a body of ' + pad);
    }
    for (const [uri, type] of [['/fail', 'EDGEFN_E_HANDLER'], ['/policy', 'EDGEFN_E_CHECK']]) {
        const answer = await invoke(event(uri).text);
        check(answer.FunctionError === 'Handled' && JSON.parse(answer.Payload).errorType === type, uri + ': ' + answer.Payload);
    }
    const refused = await invoke('{}');
    check(refused.FunctionError === 'Handled' && JSON.parse(refused.Payload).errorType === 'EDGEFN_E_NOT_AN_EVENT', '{}: ' + refused.Payload);

    const calls = 1000, e = event('/a'), start = process.hrtime.bigint();
    for (let i = 0; i < calls; i++) {
        const answer = await invoke(e.text);
        if (answer.FunctionError || answer.Payload !== e.result) { check(false, 'call ' + i); break; }
    }
    const us = Number(process.hrtime.bigint() - start) / 1000 / calls;
    console.log('@vercel/fun: ' + us.toFixed(0) + ' us an event of ' + e.text.length + ' bytes');
    check(child.exitCode === null, 'it ended');
    child.kill();
    await ended;
    finish();
}

main().catch((x) => { console.log('FAILED: @vercel/fun: ' + x.stack); console.log(passed + ' passed, ' + (failed + 1) + ' failed'); process.exit(1); });
