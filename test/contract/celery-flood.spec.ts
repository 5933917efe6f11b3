import { expect, test } from '@jest/globals';
import { metricsSettingsSchema } from '../../src/config/metrics-settings.js';
import { SystemClock } from '../../src/core/clock.js';
import { redactor } from '../../src/core/redaction.js';
import { createCeleryEngine } from '../../src/engines/celery/create-celery-engine.js';
import { MetricFamilies } from '../../src/metrics/metric-families.js';
import { ResultMetrics } from '../../src/metrics/result-metrics.js';
import { TaskFamilies } from '../../src/metrics/task-families.js';
import { TaskRecorder } from '../../src/metrics/task-recorder.js';
import { EventIntake } from '../../src/queue-inspector/event-intake.js';
import { floodOf, preparePublishing } from '../support/celery-flood.js';
import { eventually } from '../support/eventually.js';
import { startRedisServer } from '../support/redis-server.js';

const TASKS = 50_000;
const NAMES = 8;

test('50 000 tasks, told one event a message as fast as Redis takes them, are each counted once', async () => {
  // A reader on a machine that is busy with other tests may fall back by more than Redis keeps for it by default.
  const redis = await startRedisServer({
    args: ['--client-output-buffer-limit', 'pubsub 0 0 0', '--appendonly', 'no'],
  });
  const clock = new SystemClock();
  const settings = metricsSettingsSchema.parse({});
  const families = new MetricFamilies(settings.maxSeries);
  const tasks = new TaskFamilies(families, settings);
  const intake = new EventIntake({ maxTasks: 1_000, maxBytes: 16 * 1024 * 1024 });
  intake.listen(new TaskRecorder(clock, tasks, new ResultMetrics(families, settings), settings));
  const source = { name: 'flood', engine: 'celery', location: 'test' } as const;
  const engine = createCeleryEngine({
    source,
    url: redis.url,
    clock,
    redact: redactor(),
    overrides: { control: false },
    resultLatency: () => undefined,
  });
  try {
    engine.start({ events: (batch) => intake.take(source, batch), status: () => undefined });
    await eventually(() => expect(engine.status().connection).toBe('connected'), { within: 15_000 });
    const publish = await preparePublishing(redis, floodOf({ tasks: TASKS, names: NAMES, workers: 4, perMessage: 1 }));

    await publish();

    const counted = async (): Promise<readonly string[]> =>
      (await families.registry.metrics())
        .split('\n')
        // Those of the other outcomes stand there with 0 from the start.
        .filter((line) => /^celery_task_(total|duration_seconds_count){.*status="success"/.test(line))
        .map((line) => `${line.slice(0, line.indexOf('{'))} ${line.slice(line.lastIndexOf(' ') + 1)}`);
    const exact = ['celery_task_duration_seconds_count', 'celery_task_total'].flatMap((metric) =>
      Array.from({ length: NAMES }, () => `${metric} ${TASKS / NAMES}`),
    );
    await eventually(async () => expect([...(await counted())].sort()).toEqual(exact), { within: 30_000, every: 100 });
  } finally {
    await engine.stop();
    await redis.stop();
  }
}, 90_000);
