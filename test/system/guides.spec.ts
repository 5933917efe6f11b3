import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Bull from 'bull';
import { codeBlocks } from '../support/code-blocks.js';
import { eventually } from '../support/eventually.js';
import { type RabbitServer, startRabbitServer } from '../support/rabbitmq-server.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { runCommand } from '../support/run-command.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';

const FOLDER = 'docs/guides';
const commands = readdirSync(FOLDER).flatMap((file) =>
  codeBlocks(readFileSync(join(FOLDER, file), 'utf8'))
    .filter(({ info }) => info === 'sh' || info === 'sh runs')
    .map(({ info, text }) => ({ file, text: text.trim(), runs: info === 'sh runs' })),
);

/**
 * Runs what the guides tell people to type, in a shell, with `taskscope` on the path. Only addresses are others: the servers are the test's
 * own, on free ports.
 */
describe('the commands in the guides', () => {
  const folder = mkdtempSync(join(tmpdir(), 'taskscope-guides-'));
  let redis: RedisServer;
  let rabbit: RabbitServer;
  let queue: Bull.Queue;
  let service: ServiceProcess;

  const environment = (): Record<string, string> => ({
    PATH: `${folder}:${process.env.PATH ?? ''}`,
    TASKSCOPE_URL: service.url,
    TASKSCOPE_DATA: join(folder, 'data'),
  });
  const addressed = (text: string): string =>
    text
      .replaceAll('localhost:6379', `127.0.0.1:${redis.port}`)
      .replaceAll('localhost:5672', `127.0.0.1:${rabbit.port}`)
      .replaceAll('localhost:8000', new URL(service.url).host);

  beforeAll(async () => {
    [redis, rabbit] = await Promise.all([startRedisServer(), startRabbitServer()]);
    writeFileSync(
      join(folder, 'taskscope'),
      `#!/bin/sh\nexec '${process.execPath}' '${process.cwd()}/dist/src/cli.js' "$@"\n`,
    );
    chmodSync(join(folder, 'taskscope'), 0o755);
    queue = new Bull('orders', redis.url);
    await queue.add('ship', {});
    service = await startServiceProcess(
      process.execPath,
      ['dist/src/cli.js', '--port', '0', '--data', join(folder, 'own'), redis.url],
      {
        within: 30_000,
      },
    );
    await eventually(async () => expect((await fetch(`${service.url}/health/ready`)).status).toBe(200), {
      within: 30_000,
    });
  }, 120_000);

  afterAll(async () => {
    service?.kill();
    await queue?.close();
    await Promise.all([redis?.stop(), rabbit?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  test('are some', () => {
    expect(commands.length).toBeGreaterThan(15);
  });

  test('end well', async () => {
    for (const { file, text } of commands.filter(({ runs }) => !runs)) {
      const { code, stdout, stderr } = await runCommand('bash', ['-euc', addressed(text)], { env: environment() });
      expect({ file, text, code, output: `${stdout}${stderr}` }).toEqual({
        file,
        text,
        code: 0,
        output: expect.anything(),
      });
    }
  }, 120_000);

  test('start a service where they say so', async () => {
    const texts = new Set(commands.filter(({ runs }) => runs).map(({ text }) => text));
    expect(texts.size).toBeGreaterThan(4);

    await Promise.all([...texts].map(startsAndConnects));
  }, 120_000);

  async function startsAndConnects(text: string, at: number): Promise<void> {
    const started = await startServiceProcess('bash', ['-euc', `exec ${addressed(text)} --port 0`], {
      env: { ...environment(), TASKSCOPE_DATA: join(folder, `data-${at}`) },
      within: 60_000,
    });
    try {
      await eventually(
        async () => {
          const answer = await (await fetch(`${started.url}/api/v1/celery/sources`)).text();
          expect({ text, answer }).toEqual({ text, answer: expect.stringContaining('"connection":"connected"') });
        },
        { within: 30_000, every: 200 },
      );
    } finally {
      started.kill();
    }
  }
});
