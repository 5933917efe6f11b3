import { type LiveTask, MAX_LIVE_RESULT_BYTES } from './live-task.js';
import type { AttemptOutcome, TaskState } from './task.js';
import type { TaskEvent, TaskEventKind } from './task-event.js';
import type { Transition, TransitionKind } from './transition.js';

/*
 * How a task's events become its state.
 *
 * Brokers deliver late, twice and out of order, so the state is not "what came last" but a function of the set of facts. Facts of one task
 * are ordered by occurrence (Celery: the timestamp; Bull: the number of the attempt) and, within one occurrence, by rank: a start beats a
 * receipt, an outcome beats a start. The fact that is last in this order decides the state, whenever it arrives. Each fact is counted the
 * first time it is seen; a second telling, by another channel or after a reconnect, changes nothing.
 *
 * A fact without an occurrence takes its place by arrival: it belongs to the latest start known.
 */

const OUTCOMES: Partial<Record<TaskEventKind, AttemptOutcome>> = {
  'task-succeeded': 'success',
  'task-failed': 'failure',
  'task-retried': 'retry',
  'task-revoked': 'revoked',
  'task-rejected': 'rejected',
};

interface KindRule {
  readonly index: number;
  readonly rank: number;
  readonly state: TaskState | null;
  readonly tells: TransitionKind;
  readonly outcome: AttemptOutcome | null;
}

const rule = (
  index: number,
  rank: number,
  kind: TaskEventKind,
  state: TaskState | null,
  tells: TransitionKind,
): KindRule => ({
  index,
  rank,
  state,
  tells,
  outcome: OUTCOMES[kind] ?? null,
});

const RULES: Readonly<Record<TaskEventKind, KindRule>> = {
  'task-sent': rule(0, 0, 'task-sent', null, 'sent'),
  'task-requeued': rule(1, 1, 'task-requeued', 'PENDING', 'requeued'),
  'task-received': rule(2, 2, 'task-received', 'RECEIVED', 'received'),
  'task-progress': rule(3, 3, 'task-progress', null, 'progressed'),
  'task-started': rule(4, 4, 'task-started', 'STARTED', 'started'),
  'task-lost': rule(10, 5, 'task-lost', 'LOST', 'lost'),
  'task-retried': rule(5, 6, 'task-retried', 'RETRY', 'finished'),
  'task-rejected': rule(6, 7, 'task-rejected', 'REJECTED', 'finished'),
  'task-revoked': rule(7, 8, 'task-revoked', 'REVOKED', 'finished'),
  'task-failed': rule(8, 9, 'task-failed', 'FAILURE', 'finished'),
  'task-succeeded': rule(9, 10, 'task-succeeded', 'SUCCESS', 'finished'),
};

const RULES_BY_INDEX: readonly (KindRule | undefined)[] = Object.values(RULES).sort((a, b) => a.index - b.index);

/** A fact takes two places in `LiveTask.facts`: the index of its kind, and its occurrence. */
const FACT_WIDTH = 2;
/** A task that repeats for ever must not grow for ever; facts older than these could be counted twice, which nobody has seen happen. */
const MAX_FACTS = 64 * FACT_WIDTH;
const MAX_ATTEMPT_HISTORY = 20;
/** An occurrence that nobody told and that no start settles. */
const UNTOLD = -1;

/**
 * Works one event into a task and appends to `out` what has become known by it.
 * Cost: a scan over the task's own few facts; allocates only the transitions.
 */
export function applyEvent(task: LiveTask, event: TaskEvent, out: Transition[]): void {
  const kind = RULES[event.kind];
  learn(task, event);
  if (kind.index === RULES['task-progress'].index) {
    if (event.value !== undefined) task.progress = event.value;
    out.push({ kind: 'progressed', task, event, outcome: null, ms: null });
    return;
  }

  const occurrence = event.occurrence ?? placeByArrival(task, kind);
  if (!remember(task, kind, occurrence)) return;

  if (kind.state !== null) decideState(task, kind, occurrence, event);
  if (kind.tells === 'started') {
    start(task, event, occurrence, out);
  } else if (kind.outcome !== null) {
    finish(task, event, kind.outcome, occurrence, out);
  } else {
    out.push({ kind: kind.tells, task, event, outcome: null, ms: null });
  }
  tellWait(task, event, out);
}

/** Names and places fill in once; the worker is the one that ran it last. */
function learn(task: LiveTask, event: TaskEvent): void {
  if (task.name === null) task.name = event.name;
  if (task.queue === null) task.queue = event.queue;
  if (event.sentAt !== null && (task.sentAt === null || event.sentAt < task.sentAt)) task.sentAt = event.sentAt;
  if (event.eta !== null && (task.eta === null || event.eta > task.eta)) task.eta = event.eta;
}

function placeByArrival(task: LiveTask, kind: KindRule): number {
  const known = task.startOccurrence > Number.NEGATIVE_INFINITY ? task.startOccurrence : task.stateOccurrence;
  if (kind.outcome !== null || kind.tells === 'requeued') return known > Number.NEGATIVE_INFINITY ? known : UNTOLD;
  return UNTOLD;
}

/** False where the fact was known already. UNTOLD stands for any occurrence of its kind. */
function remember(task: LiveTask, kind: KindRule, occurrence: number): boolean {
  const { facts } = task;
  for (let at = 0; at < facts.length; at += FACT_WIDTH) {
    if (facts[at] !== kind.index) continue;
    const known = facts[at + 1];
    if (known === occurrence || occurrence === UNTOLD) return false;
    if (known === UNTOLD) {
      facts[at + 1] = occurrence;
      return false;
    }
  }
  if (facts.length >= MAX_FACTS) facts.splice(0, FACT_WIDTH);
  facts.push(kind.index, occurrence);
  return true;
}

/** What each fact of a task says about its place, in the order in which they were told. */
export function factsOf(facts: readonly number[]): readonly {
  readonly occurrence: number;
  readonly rank: number;
  readonly starts: boolean;
  /** It has a say in the task's state. */
  readonly decides: boolean;
}[] {
  return Array.from({ length: Math.floor(facts.length / FACT_WIDTH) }, (_, at) => {
    const kind = RULES_BY_INDEX[facts[at * FACT_WIDTH] ?? -1];
    return {
      occurrence: facts[at * FACT_WIDTH + 1] ?? UNTOLD,
      rank: kind?.rank ?? -1,
      starts: kind?.tells === 'started',
      decides: kind !== undefined && kind.state !== null,
    };
  });
}

function decideState(task: LiveTask, kind: KindRule, occurrence: number, event: TaskEvent): void {
  const later =
    event.occurrence === null
      ? occurrence >= task.stateOccurrence
      : occurrence > task.stateOccurrence || (occurrence === task.stateOccurrence && kind.rank > task.stateRank);
  if (!later || kind.state === null) return;
  task.state = kind.state;
  task.stateOccurrence = occurrence;
  task.stateRank = kind.rank;
  if (event.worker !== null) task.worker = event.worker;
  if (kind.outcome === null) {
    task.finishedAt = null;
    return;
  }
  task.finishedAt = event.at;
  task.error = event.error;
  if (event.kind === 'task-succeeded') {
    task.result = event.valueBytes <= MAX_LIVE_RESULT_BYTES ? event.value : undefined;
    task.resultBytes = event.valueBytes;
  }
}

function start(task: LiveTask, event: TaskEvent, occurrence: number, out: Transition[]): void {
  task.attempts += 1;
  if (occurrence >= task.startOccurrence) {
    task.startOccurrence = occurrence;
    task.startedAt = event.at;
    if (task.worker === null) task.worker = event.worker;
  }
  const firstAttempt = !isNumber(occurrence) || occurrence === 1;
  if (firstAttempt && (task.firstStartedAt === null || event.at < task.firstStartedAt)) task.firstStartedAt = event.at;
  noteAttempt(task, occurrence, event, null);
  out.push({ kind: 'started', task, event, outcome: null, ms: null });

  const untimed = task.untimed;
  if (untimed !== null && untimed.occurrence >= occurrence && untimed.at >= event.at) {
    task.untimed = null;
    tellRuntime(task, event, untimed.outcome, untimed.at - event.at, out);
  }
}

function finish(
  task: LiveTask,
  event: TaskEvent,
  outcome: AttemptOutcome,
  occurrence: number,
  out: Transition[],
): void {
  noteAttempt(task, occurrence, event, outcome);
  out.push({ kind: 'finished', task, event, outcome, ms: event.runtimeMs });
  if (event.runtimeMs !== null) {
    tellRuntime(task, event, outcome, event.runtimeMs, out);
  } else if (task.startedAt !== null && task.startOccurrence <= occurrence && task.startedAt <= event.at) {
    tellRuntime(task, event, outcome, event.at - task.startedAt, out);
  } else {
    task.untimed = { outcome, occurrence, at: event.at };
  }
}

function tellRuntime(task: LiveTask, event: TaskEvent, outcome: AttemptOutcome, ms: number, out: Transition[]): void {
  task.runtimeMs = ms;
  out.push({ kind: 'timed', task, event, outcome, ms });
}

/** Only the first start ends the wait; a retry's wait is its back-off and says nothing about the queue. */
function tellWait(task: LiveTask, event: TaskEvent, out: Transition[]): void {
  if (task.waitTold || task.firstStartedAt === null) return;
  const since = task.eta ?? task.sentAt;
  if (since === null) return;
  task.waitTold = true;
  // Sender and worker have clocks of their own: a start before its sending is their difference, not a negative wait.
  out.push({ kind: 'waited', task, event, outcome: null, ms: Math.max(0, task.firstStartedAt - since) });
}

/** Attempts are listed by number where the engine numbers them, else in the order in which they were heard of. */
function noteAttempt(task: LiveTask, occurrence: number, event: TaskEvent, outcome: AttemptOutcome | null): void {
  const number = isNumber(occurrence) ? occurrence : Math.max(1, task.attempts);
  const at = task.attemptHistory.findIndex((attempt) => attempt.number === number);
  const known = at < 0 ? undefined : task.attemptHistory[at];
  const attempt = {
    number,
    worker: event.worker ?? known?.worker ?? null,
    startedAt:
      outcome === null
        ? event.at
        : (known?.startedAt ?? (event.runtimeMs === null ? null : event.at - event.runtimeMs)),
    endedAt: outcome === null ? (known?.endedAt ?? null) : event.at,
    outcome: outcome ?? known?.outcome ?? null,
    error: event.error ?? known?.error ?? null,
  };
  if (at >= 0) task.attemptHistory[at] = attempt;
  else task.attemptHistory.push(attempt);
  if (task.attemptHistory.length > MAX_ATTEMPT_HISTORY) task.attemptHistory.shift();
}

/** Occurrences are numbers of attempts or, far larger, timestamps. */
function isNumber(occurrence: number): boolean {
  return occurrence > 0 && occurrence <= 1_000_000;
}
