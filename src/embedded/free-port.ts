import { createServer } from 'node:net';

/** A port that nothing on loopback listens on at this moment; `wanted` if that one is free. */
export async function freePort(wanted?: number): Promise<number> {
  if (wanted !== undefined) {
    const port = await tryPort(wanted);
    if (port !== null) return port;
  }
  const port = await tryPort(0);
  if (port === null) throw new Error('expected a free port on 127.0.0.1, found none');
  return port;
}

function tryPort(wanted: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null));
    });
  });
}
