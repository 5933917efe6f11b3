import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BullModule, getQueueToken, InjectQueue, Process, Processor } from '@nestjs/bull';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Queue } from 'bull';
import { Redis } from 'ioredis';
import { TaskscopeAgentModule } from '../../../agent/nest-agent.module.js';
import { countFacts, readAgents } from '../../support/agent-record.js';
import { eventually } from '../../support/eventually.js';
import { type RedisServer, startRedisServer } from '../../support/redis-server.js';

@Processor('letters')
class LettersProcessor {
  @Process({ name: 'send', concurrency: 3 })
  async send(): Promise<string> {
    return 'sent';
  }
}

@Injectable()
class Office {
  constructor(@InjectQueue('letters') readonly letters: Queue) {}
}

describe('TaskscopeAgentModule', () => {
  let server: RedisServer;
  let other: RedisServer;
  let redis: Redis;

  beforeAll(async () => {
    [server, other] = await Promise.all([startRedisServer(), startRedisServer()]);
    redis = new Redis(server.url);
  });

  afterAll(async () => {
    redis.disconnect();
    await Promise.all([server.stop(), other.stop()]);
  });

  test('instruments every queue of the application, wherever it is registered, with one agent per Redis', async () => {
    @Module({
      imports: [BullModule.registerQueue({ name: 'letters', url: server.url })],
      providers: [LettersProcessor, Office],
    })
    class LettersModule {}
    @Module({
      imports: [BullModule.registerQueue({ name: 'parcels', url: server.url, processors: [async () => 'carried'] })],
    })
    class ParcelsModule {}
    @Module({
      imports: [BullModule.registerQueue({ name: 'abroad', url: other.url, processors: [async () => 'flown'] })],
    })
    class AbroadModule {}
    // Only adds to the queue that another process works on.
    @Module({ imports: [BullModule.registerQueue({ name: 'only-added-to', url: server.url })] })
    class ProducerModule {}
    @Module({
      imports: [
        TaskscopeAgentModule.forRoot({ heartbeatMs: 200 }),
        LettersModule,
        ParcelsModule,
        AbroadModule,
        ProducerModule,
      ],
    })
    class AppModule {}
    const app = await NestFactory.createApplicationContext(AppModule, { logger: false });

    await app.get(Office, { strict: false }).letters.add('send', {}, { removeOnComplete: true });
    await app.get<Queue>(getQueueToken('parcels'), { strict: false }).add({}, { removeOnComplete: true });

    await eventually(
      async () =>
        expect(countFacts(await readAgents(redis))).toEqual({ 'send succeeded': 1, '__default__ succeeded': 1 }),
      { within: 5_000 },
    );
    expect(app.get(TaskscopeAgentModule).agents.size).toBe(2);
    await eventually(async () => {
      const [record] = await readAgents(redis);
      expect(record?.report.queues.map(({ queue, concurrency }) => [queue, concurrency])).toEqual([
        ['letters', 3],
        ['parcels', 1],
      ]);
    });

    await app.close();

    expect((await readAgents(redis)).map(({ report }) => report.closing)).toEqual([true]);
  });
});
