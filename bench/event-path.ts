import type { TaskFact } from '../agent/protocol.js';
import { type MetricsSettings, metricsSettingsSchema } from '../src/config/metrics-settings.js';
import { SystemClock } from '../src/core/clock.js';
import { redactor } from '../src/core/redaction.js';
import type { EngineEvent } from '../src/core/task-event.js';
import { AgentFactMapper } from '../src/engines/bull/agent-fact-mapper.js';
import { BullQueue } from '../src/engines/bull/bull-queue.js';
import { BullTaskTracker } from '../src/engines/bull/bull-task-tracker.js';
import { readEntry } from '../src/engines/jobs/agent-messages.js';
import { OutcomeHolder } from '../src/engines/jobs/outcome-holder.js';
import { StallMatcher } from '../src/engines/jobs/stall-matcher.js';
import { EventCounts } from '../src/metrics/event-counts.js';
import { MetricFamilies } from '../src/metrics/metric-families.js';
import { ResultMetrics } from '../src/metrics/result-metrics.js';
import { TaskFamilies } from '../src/metrics/task-families.js';
import { TaskRecorder } from '../src/metrics/task-recorder.js';
import { EventIntake } from '../src/queue-inspector/event-intake.js';
import { cpuSeconds, type Figure, figure, median } from './figure.js';

const TASKS = 50_000;
const FACTS_PER_ENTRY = 50;
const NAMES = 200;
const ROUNDS = 7;

/**
 * The whole path of an agent's facts, from the bytes of a stream entry to the counters, against decoding the same bytes and nothing else.
 * Both are run in turn, so that a machine that slows down does so to both; the medians are compared.
 */
export function measureEventPath(): readonly Figure[] {
  const entries = streamEntries();
  const events = TASKS * 2;
  const bare: number[] = [];
  const whole: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const decoding = cpuSeconds(() => {
      for (const [, , , , , body] of entries) if (!Array.isArray(JSON.parse(body))) throw new Error('expected a batch');
    });
    const path = newPath();
    const taking = cpuSeconds(() => path.take(entries));
    if (path.finished() !== TASKS)
      throw new Error(`expected ${TASKS} finished tasks to be counted, found ${path.finished()}`);
    // The first round compiles.
    if (round === 0) continue;
    bare.push(events / decoding);
    whole.push(events / taking);
  }
  const share = (median(whole) / median(bare)) * 100;
  return [
    figure('bare decoding of the agents’ messages', median(bare), 'events/CPU-s'),
    figure('whole path: decoding, live state, metrics', median(whole), 'events/CPU-s'),
    figure('whole path as a share of bare decoding', share, '%', { text: 'at least 30', good: share >= 30 }),
  ];
}

type Entry = readonly [string, string, string, string, string, string];

/** What an agent writes: starts and ends of tasks with a small result. */
function streamEntries(): readonly Entry[] {
  const facts: TaskFact[] = [];
  for (let task = 0; task < TASKS; task += 1) {
    const at = 1_795_000_000_000 + task;
    const common = {
      engine: 'bull',
      prefix: 'bull',
      queue: 'training',
      jobId: String(task),
      jobName: `model_${task % NAMES}`,
      attempt: 1,
      sentAt: at - 20,
      eta: null,
      error: null,
      timedOut: false,
    } as const;
    facts.push({ ...common, seq: facts.length + 1, kind: 'started', at, runtimeMs: null, resultBytes: 0 });
    facts.push({
      ...common,
      seq: facts.length + 1,
      kind: 'succeeded',
      at: at + 12,
      runtimeMs: 12.5,
      result: { rows: task, ok: true },
      resultBytes: 24,
    });
  }
  const entries: Entry[] = [];
  for (let from = 0; from < facts.length; from += FACTS_PER_ENTRY) {
    entries.push([
      'agent',
      'agent-1',
      'kind',
      'facts',
      'body',
      JSON.stringify(facts.slice(from, from + FACTS_PER_ENTRY)),
    ]);
  }
  return entries;
}

function newPath() {
  const clock = new SystemClock();
  const settings: MetricsSettings = metricsSettingsSchema.parse({});
  const families = new MetricFamilies(settings.maxSeries);
  const recorder = new TaskRecorder(
    clock,
    new TaskFamilies(families, settings),
    new ResultMetrics(families, settings),
    settings,
  );
  const intake = new EventIntake({ maxTasks: 100_000, maxBytes: 256 * 1024 * 1024 });
  const source = { name: 'bench', engine: 'bull', location: 'redis://bench' } as const;
  let finished = 0;
  intake.listen(recorder);
  intake.listen(new EventCounts(clock, families));
  intake.listen({
    transitions: (_, batch) => {
      for (const transition of batch) if (transition.kind === 'finished') finished += 1;
    },
    notice: () => undefined,
  });
  const queue = new BullQueue('bull', 'training', 'training');
  let events: EngineEvent[] = [];
  const tracker = new BullTaskTracker();
  const holder = new OutcomeHolder(({ event }) => events.push(event));
  const mapper = new AgentFactMapper({
    tracker,
    holder,
    stalls: new StallMatcher(holder, () => clock.monotonic()),
    tally: { ended: () => undefined, duplicated: () => undefined, reprocessed: () => undefined },
    queueOf: () => queue,
    workerOf: () => 'worker-1@host',
    tokenOf: () => 'token',
    learn: () => undefined,
    emit: (event) => events.push(event),
    redact: redactor(),
    now: () => clock.now(),
  });
  return {
    finished: () => finished,
    take: (entries: readonly Entry[]): void => {
      for (const flat of entries) {
        const entry = readEntry(flat);
        if (entry?.kind !== 'facts') throw new Error('expected facts');
        for (const fact of entry.facts) mapper.take(entry.agent, fact);
        const batch = events;
        events = [];
        intake.take(source, batch);
      }
    },
  };
}
