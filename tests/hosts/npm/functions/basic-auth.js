// Basic authentication at viewer-request, callback style. Faults: status is a number; the header that asks for the password is
// named as in HTTP, and its value is a string.
'use strict';

const credentials = 'Basic ' + Buffer.from('user:pass').toString('base64');

exports.handler = (event, context, callback) => {
  const { request } = event.Records[0].cf;
  const { authorization } = request.headers;
  if (authorization && authorization[0].value === credentials) return callback(null, request);
  return callback(null, {
    status: 401,
    statusDescription: 'Unauthorized',
    headers: { 'WWW-Authenticate': 'Basic realm="Staging"' },
    body: 'Unauthorized',
  });
};
