import { LiveState } from '../src/core/live-state.js';
import { taskEvent } from '../src/core/task-event.js';
import type { Transition } from '../src/core/transition.js';
import { type Figure, figure } from './figure.js';

const TASKS = 100_000;

/** Bytes of heap that one finished live task takes, beside what live state believes. Needs --expose-gc. */
export function measureLiveMemory(): readonly Figure[] {
  const live = new LiveState({ maxTasks: TASKS, maxBytes: Number.MAX_SAFE_INTEGER });
  const before = heap();
  const out: Transition[] = [];
  for (let at = 0; at < TASKS; at += 1) {
    const id = `training:${at}`;
    const said = {
      occurrence: 1,
      name: `training.model_${at % 200}`,
      queue: 'training',
      worker: `worker-${at % 8}@host`,
    };
    live.apply('bench', 'bull', taskEvent('task-sent', id, at, { ...said, occurrence: 0, sentAt: at }), out);
    live.apply('bench', 'bull', taskEvent('task-started', id, at + 5, said), out);
    live.apply(
      'bench',
      'bull',
      taskEvent('task-succeeded', id, at + 9, { ...said, runtimeMs: 4, value: at, valueBytes: 8 }),
      out,
    );
    out.length = 0;
  }
  const perTask = (heap() - before) / live.size;
  const believed = live.bytes / live.size;
  return [
    figure('heap per finished live task', Math.round(perTask), 'bytes', {
      text: 'at most 1500',
      good: perTask <= 1500,
    }),
    figure('live state’s own estimate per task', Math.round(believed), 'bytes'),
  ];
}

function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
