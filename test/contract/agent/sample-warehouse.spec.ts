import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { TaskscopeAgentModule } from '../../../agent/nest-agent.module.js';
import { SampleSettings } from '../../../sample/sample-settings.js';
import { WarehouseModule } from '../../../sample/warehouse/warehouse.module.js';
import { busyOf, countFacts, readAgents } from '../../support/agent-record.js';
import { eventually } from '../../support/eventually.js';
import { type RedisServer, startRedisServer } from '../../support/redis-server.js';

describe('the sample’s warehouse', () => {
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

  test('shows a flow, a failed one, schedulers and webhooks from the first minute, all under a prefix of its own', async () => {
    const settings = new SampleSettings({ SAMPLE_REDIS_URL: server.url, SAMPLE_RATE: '20' });
    @Module({ imports: [TaskscopeAgentModule.forRoot({ heartbeatMs: 200 }), WarehouseModule.with(settings)] })
    class AppModule {}
    const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error'] });

    await eventually(
      async () => {
        const told = countFacts(await readAgents(redis));
        expect(told['plan_report succeeded']).toBeGreaterThanOrEqual(1);
        expect(told['build_report succeeded']).toBeGreaterThanOrEqual(1);
        expect(told['build_report failed']).toBeGreaterThanOrEqual(1);
        expect(told['deliver succeeded']).toBeGreaterThanOrEqual(3);
      },
      { within: 12_000, every: 100 },
    );
    expect(await redis.zrange('bullmq:nightly:repeat', 0, -1)).toEqual(['nightly-report']);
    expect(await redis.zrange('bullmq:webhooks:repeat', 0, -1)).toEqual(['heartbeat']);
    expect(await redis.keys('bull:*')).toEqual([]);

    await app.close();

    expect((await readAgents(redis)).map(({ report }) => [report.closing, busyOf(report)])).toEqual([[true, 0]]);
  });
});
