// Another origin for some countries, at origin-request. Faults: a URL instead of a domain, a port as text, and the Host header of the old origin.
const ORIGINS = { DE: 'https://eu.example.net', SE: 'https://eu.example.net' };

export const handler = async (event) => {
  const { request } = event.Records[0].cf;
  const country = request.headers['cloudfront-viewer-country']?.[0].value;
  if (ORIGINS[country]) {
    request.origin.custom.domainName = ORIGINS[country];
    request.origin.custom.port = '443';
  }
  return request;
};
