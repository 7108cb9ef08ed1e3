// A CloudFront Function that redirects to the address with a slash. Faults: a header name in upper case, a value that is not in an object,
// and a cookie among the headers. It is a script, as CloudFront runs it: `handler` is a global function.
function handler(event) {
  var request = event.request;
  if (request.uri.endsWith('/')) return request;
  return {
    statusCode: 301,
    statusDescription: 'Moved Permanently',
    headers: {
      Location: { value: request.uri + '/' },
      'cache-control': 'max-age=3600',
      'set-cookie': { value: 'seen=1' },
    },
  };
}
