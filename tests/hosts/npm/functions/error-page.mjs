// A friendly page for errors, at origin-response. Faults: headers of a copied answer that only CloudFront may set; and where nothing is to do,
// the whole event is returned.
export const handler = async (event) => {
  const { response } = event.Records[0].cf;
  if (Number(response.status) < 500) return event;
  return {
    status: '200',
    headers: {
      'content-type': [{ key: 'Content-Type', value: 'text/html' }],
      'transfer-encoding': [{ key: 'Transfer-Encoding', value: 'chunked' }],
      'x-cache': [{ key: 'X-Cache', value: 'Error from cloudfront' }],
    },
    body: '<h1>Back in a minute</h1>',
  };
};
