// Security headers at viewer-response. Faults: makes new headers instead of adding to the received ones, and so loses two that must stay;
// a value that is undefined; a body, which cannot be changed there.
export const handler = async (event) => {
  const { response } = event.Records[0].cf;
  const set = (key, value) => [{ key, value }];
  return {
    ...response,
    headers: {
      'content-type': response.headers['content-type'],
      'strict-transport-security': set('Strict-Transport-Security', 'max-age=63072000'),
      'x-frame-options': set('X-Frame-Options', 'DENY'),
      server: set('Server', undefined),
    },
    body: '<!-- checked -->',
  };
};
