import { z } from 'zod';
import type { TaskNotes } from './task-notes.js';
import type { WorkerBook } from './worker-book.js';

/** Running tasks that are stored; workers run some thousands at once at most. */
const MAX_RUNNING = 10_000;
const MAX_WORKERS = 20_000;
const clock = z.number();

/** What is known of one worker process. */
const workerSchema = z.object({
  name: z.string(),
  pid: z.number(),
  /** Tasks it had begun, all of which we have heard of or told as missing. */
  accounted: z.number(),
  /** Starts before this moment, by the worker's own clock, were never ours to count. */
  countedFrom: clock,
  heartbeatSeconds: z.number().positive().nullable(),
  seenAt: clock,
});

/** A task whose start has been counted and whose end has not. */
const runningSchema = z.object({
  id: z.string(),
  name: z.string().nullable(),
  queue: z.string().nullable(),
  worker: z.string(),
  startedAt: z.number(),
  attempts: z.number(),
});

/**
 * How far a Celery broker has been heard. Its events are told to whoever listens and kept for nobody, so nothing can be read again: what a later
 * run needs are the workers' own counts, against which it finds out how much it has missed.
 */
export const celeryPositionSchema = z.object({
  /** Until when all is known, but for what gaps have told. */
  soundUntil: clock,
  /** Of an outage whose size is not known yet: losses already taken into account, and ends known to be untold. */
  missed: z.number(),
  endsUntold: z.number(),
  workers: z.array(workerSchema).max(MAX_WORKERS),
  running: z.array(runningSchema).max(MAX_RUNNING),
});
export type CeleryPosition = z.infer<typeof celeryPositionSchema>;

/** O(unfinished tasks). */
export function positionOf(
  workers: WorkerBook,
  notes: TaskNotes,
  said: Pick<CeleryPosition, 'soundUntil' | 'missed'>,
): CeleryPosition {
  const running: CeleryPosition['running'] = [];
  for (const [id, { name, queue, worker, started, startedAt, attempts, incarnation }] of notes.openTasks()) {
    if (!started || startedAt === null || worker === null || incarnation === null) continue;
    running.push({ id, name, queue, worker, startedAt, attempts });
    if (running.length === MAX_RUNNING) break;
  }
  const known: CeleryPosition['workers'] = [];
  for (const { name, incarnation, heartbeatSeconds, seenAtEpoch, saidGoodbye } of workers.all()) {
    const { pid, ledger } = incarnation;
    if (ledger.accounted === null || saidGoodbye) continue;
    known.push({
      name,
      pid,
      accounted: ledger.accounted,
      countedFrom: ledger.countedFrom,
      heartbeatSeconds: heartbeatSeconds === null || heartbeatSeconds <= 0 ? null : heartbeatSeconds,
      seenAt: seenAtEpoch,
    });
  }
  return { ...said, endsUntold: notes.endsUntold, workers: known, running };
}

/** Puts workers and running tasks back as they were. */
export function restore(
  position: CeleryPosition,
  workers: WorkerBook,
  notes: TaskNotes,
  now: number,
  epoch: number,
): void {
  for (const { name, pid, accounted, countedFrom, heartbeatSeconds, seenAt } of position.workers) {
    const worker = workers.heard(name, pid, 0, now, seenAt);
    worker.heartbeatSeconds = heartbeatSeconds;
    worker.incarnation.ledger.resume(accounted, countedFrom, position.soundUntil);
  }
  for (const { id, name, queue, worker, startedAt, attempts } of position.running) {
    const incarnation = workers.get(worker)?.incarnation;
    if (incarnation === undefined) continue;
    const note = notes.obtain(id, startedAt);
    Object.assign(note, { name, queue, worker, startedAt, attempts, incarnation, started: true, heardAt: epoch });
  }
  notes.endsUntold += position.endsUntold;
}
