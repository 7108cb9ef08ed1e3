// serve.mjs - serves build/playground, and build/docs if it is there, on 127.0.0.1:    node serve.mjs [PORT]
// Port 0, or one that is in use: any free one. Prints the address.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';

const TYPES = { '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.json': 'application/json', '.svg': 'image/svg+xml', '.gz': 'application/octet-stream' };

export function serve(port, root = 'build') {
  const server = createServer(async ({ url }, response) => {
    let path;
    try {
      path = normalize(decodeURIComponent(new URL(url, 'http://x').pathname));
    } catch {
      return response.writeHead(400).end('not a path\n');
    }
    if (path === '/' || path === '/playground') return response.writeHead(302, { Location: '/playground/' }).end();
    if (!/^\/(playground|docs)\//.test(path)) return response.writeHead(404).end('not found\n');
    const name = path.endsWith('/') ? `${path}index.html` : path;
    const content = await readFile(join(root, name)).catch(() => undefined);
    if (content === undefined) return response.writeHead(404).end('not found\n');
    return response.writeHead(200, { 'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream', 'Cache-Control': 'no-cache' }).end(content);
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error) => (error.code === 'EADDRINUSE' && port !== 0 ? resolve(serve(0, root)) : reject(error)));
    server.listen(port, '127.0.0.1', () => resolve({ server, address: `http://127.0.0.1:${server.address().port}/playground/` }));
  });
}

if (process.argv[1]?.endsWith('serve.mjs')) {
  const { address } = await serve(Number(process.argv[2] ?? 8080));
  console.log(`the playground: ${address}    (Ctrl-C ends it)`);
}
