// index.js - for tests/test_functions_desk.sh: CommonJS, with a callback
exports.handler = (event, context, callback) => {
  const { request } = event.Records[0].cf;
  if (request.uri === '/error') return void callback(new Error('by callback'));
  if (request.uri === '/nothing') return;
  if (request.uri === '/value') return request; // which Lambda ignores: it is not a promise
  if (request.uri === '/early') setTimeout(() => {}, 4000);
  if (request.uri === '/early' || request.uri === '/done') return void context.succeed(request);
  setTimeout(() => {
    request.headers['x-called'] = [{ key: 'X-Called', value: 'back' }];
    callback(null, request);
  }, 10);
};
