import { createServer, connect as dial, type Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { startCeleryWatch } from '../support/celery-watch.js';
import { eventually } from '../support/eventually.js';
import { startRabbitServer } from '../support/rabbitmq-server.js';

test('a RabbitMQ that falls silent without closing is noticed, and come back to', async () => {
  const rabbit = await startRabbitServer();
  const sockets = new Set<Socket>();
  let frozen = false;
  // A network that swallows everything, as a pulled cable does.
  const proxy = createServer((near) => {
    const far = dial(rabbit.port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (data) => {
        if (!frozen) to.write(data);
      });
      from.on('error', () => undefined);
      from.on('close', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const watch = startCeleryWatch({ broker: `amqp://guest:guest@127.0.0.1:${port}//` });
  try {
    await eventually(() => expect(watch.engine.status().connection).toBe('connected'), { within: 20_000 });

    frozen = true;
    await eventually(() => expect(watch.engine.status().connection).not.toBe('connected'), { within: 30_000 });
    frozen = false;

    await eventually(() => expect(watch.engine.status().connection).toBe('connected'), { within: 30_000 });
  } finally {
    await watch.stop();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => proxy.close(resolve));
    await rabbit.stop();
  }
}, 120_000);
