import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BullModule, getQueueToken, Processor, WorkerHost } from '@nestjs/bullmq';
import { Module, Scope } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { TaskscopeAgentModule } from '../../../agent/nest-agent.module.js';
import { countFacts, readAgents } from '../../support/agent-record.js';
import { eventually } from '../../support/eventually.js';
import { type RedisServer, startRedisServer } from '../../support/redis-server.js';

@Processor('letters', { concurrency: 3 })
class LettersProcessor extends WorkerHost {
  async process(): Promise<string> {
    return 'sent';
  }
}

/** Made anew for each job; its worker is one all the same. */
@Processor({ name: 'parcels', scope: Scope.REQUEST })
class ParcelsProcessor extends WorkerHost {
  async process(): Promise<string> {
    return 'carried';
  }
}

describe('TaskscopeAgentModule in an application of @nestjs/bullmq', () => {
  let server: RedisServer;
  let redis: Redis;

  beforeAll(async () => {
    server = await startRedisServer();
    redis = new Redis(server.url);
  });

  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  test('follows the worker of every processor, and workers that are providers', async () => {
    const connection = { host: '127.0.0.1', port: server.port };
    @Module({
      imports: [
        TaskscopeAgentModule.forRoot({ heartbeatMs: 200 }),
        BullModule.forRoot({ connection, prefix: 'post' }),
        BullModule.registerQueue({ name: 'letters' }, { name: 'parcels' }, { name: 'telegrams' }),
      ],
      providers: [
        LettersProcessor,
        ParcelsProcessor,
        {
          provide: 'telegraph',
          useFactory: () => new Worker('telegrams', async () => 'wired', { connection, prefix: 'post' }),
        },
      ],
    })
    class AppModule {}
    const app = await NestFactory.createApplicationContext(AppModule, { logger: false });

    for (const name of ['letters', 'parcels', 'telegrams']) {
      await app.get<Queue>(getQueueToken(name), { strict: false }).add(`${name}-job`, {}, { removeOnComplete: true });
    }

    await eventually(async () =>
      expect(countFacts(await readAgents(redis))).toEqual({
        'letters-job succeeded': 1,
        'parcels-job succeeded': 1,
        'telegrams-job succeeded': 1,
      }),
    );
    expect(app.get(TaskscopeAgentModule).agents.size).toBe(1);
    await eventually(async () => {
      const queues = (await readAgents(redis))[0]?.report.queues ?? [];
      expect(
        new Map(queues.map(({ engine, prefix, queue, concurrency }) => [queue, [engine, prefix, concurrency]])),
      ).toEqual(
        new Map([
          ['letters', ['bullmq', 'post', 3]],
          ['parcels', ['bullmq', 'post', 1]],
          ['telegrams', ['bullmq', 'post', 1]],
        ]),
      );
    });

    await app.close();

    expect((await readAgents(redis)).map(({ report }) => report.closing)).toEqual([true]);
  });

  test('says so, and lets the application start, where a worker is not there yet', async () => {
    @Module({
      imports: [
        TaskscopeAgentModule.forRoot(),
        BullModule.forRoot({
          connection: { host: '127.0.0.1', port: server.port },
          extraOptions: { manualRegistration: true },
        }),
        BullModule.registerQueue({ name: 'letters' }),
      ],
      providers: [LettersProcessor],
    })
    class AppModule {}
    const warnings: string[] = [];
    const silent = (): void => undefined;
    const warn = (message: unknown): void => void warnings.push(String(message));
    const logger = { log: silent, error: silent, warn };
    const app = await NestFactory.createApplicationContext(AppModule, { logger });

    expect(app.get(TaskscopeAgentModule).agents.size).toBe(0);
    expect(warnings).toEqual([expect.stringContaining('A worker is not followed')]);

    await app.close();
  });
});
