import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { startCeleryWatch } from '../support/celery-watch.js';
import { startCelerySender, startCeleryWorker } from '../support/celery-worker.js';
import { makeCertificate } from '../support/certificates.js';
import { eventually } from '../support/eventually.js';
import { startRabbitServer } from '../support/rabbitmq-server.js';

test('RabbitMQ is reached over TLS with its own authority, as Celery writes it, and not without', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'taskscope-amqps-'));
  const certificate = makeCertificate(folder, 'rabbit');
  const rabbit = await startRabbitServer(certificate);
  const address = `amqps://guest:guest@localhost:${rabbit.tlsPort}//`;
  const trusting = startCeleryWatch({ broker: `${address}?ssl_ca_certs=${encodeURIComponent(certificate.certFile)}` });
  const wary = startCeleryWatch({ broker: address });
  const worker = startCeleryWorker({ broker: rabbit.url, name: 'w', concurrency: 1 });
  const sender = startCelerySender({ broker: rabbit.url });
  try {
    await trusting.workerIs('w@test', 'online', 60_000);
    const id = await sender.send({ name: 'tasks.add', args: [1, 2] });

    expect(await trusting.event(id, 'task-succeeded', 20_000)).toMatchObject({ kind: 'task-succeeded' });
    await eventually(() => expect(JSON.stringify(wary.engine.status())).toMatch(/self-signed certificate/i), {
      within: 20_000,
    });
    expect(wary.engine.status().connection).not.toBe('connected');
    expect(wary.count('task-succeeded')).toBe(0);
  } finally {
    await sender.stop();
    await worker.kill();
    await trusting.stop();
    await wary.stop();
    await rabbit.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}, 240_000);
