import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { boundConnections } from '../../src/http/connection-bounds.js';
import { eventually } from '../support/eventually.js';

const BOUND = 3;
const sockets: Socket[] = [];
let server: Server;

beforeEach(async () => {
  server = createServer((_, response) => response.end('hello'));
  boundConnections(server, BOUND);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** A connection that says nothing. */
function idle(from: string): Promise<Socket> {
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, localAddress: from }, () => resolve(socket));
    socket.once('error', reject);
    sockets.push(socket);
  });
}

/** What somebody is answered who asks from there; null where the connection ends instead. */
async function asked(from: string): Promise<string | null> {
  const socket = await idle(from);
  let answer = '';
  socket.on('data', (part) => {
    answer += String(part);
  });
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  await closed;
  return answer === '' ? null : (answer.split('\r\n', 1)[0] ?? null);
}

describe('connections', () => {
  test('of one address are so many, and keep nobody else out', async () => {
    const opened = await Promise.all(Array.from({ length: BOUND }, () => idle('127.0.0.2')));

    expect(await asked('127.0.0.2')).toBeNull();
    expect(await asked('127.0.0.3')).toBe('HTTP/1.1 200 OK');

    opened[0]?.destroy();
    await eventually(async () => expect(await asked('127.0.0.2')).toBe('HTTP/1.1 200 OK'), { within: 20_000 });
  }, 60_000);
});
