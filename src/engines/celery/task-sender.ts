import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/clock.js';
import { InvalidRequest, PermissionDenied, QueueNotFound, TaskNotFound } from '../../core/errors.js';
import { isReady } from '../../core/task.js';
import type { Refusal, TaskActionReport } from '../../core/task-action.js';
import { type EngineEvent, taskEvent } from '../../core/task-event.js';
import type { EditedArguments, SentTask, TaskOrder } from '../../core/task-sending.js';
import { tell } from './event-fields.js';
import { isTooDeep } from './json-fields.js';
import type { KnownQueues } from './known-queues.js';
import type { KnownResults } from './known-results.js';
import { jsonOfRepr } from './repr-json.js';
import { stateOfNote } from './task-detail.js';
import { taskMessage } from './task-message.js';
import type { TaskNotes } from './task-notes.js';
import type { CeleryTransport } from './transport/celery-transport.js';

export interface TaskSenderParts {
  readonly transport: CeleryTransport;
  readonly results: KnownResults;
  readonly notes: TaskNotes;
  readonly queues: KnownQueues;
  readonly clock: Clock;
  /** Whether tasks of this name may be sent with arguments of the caller's choice. */
  readonly sendable: (name: string) => boolean;
  /** Hears of every task that the broker has taken. */
  readonly sent: (events: readonly EngineEvent[]) => void;
}

/** JSON texts, where each is known in full. */
interface Arguments {
  readonly args: string | null;
  readonly kwargs: string | null;
  readonly from: 'the result backend' | 'its events';
}

/** Puts tasks into queues: new ones, and finished ones once more, which in Celery is a new task with the arguments of the old. */
export class TaskSender {
  readonly #parts: TaskSenderParts;

  constructor(parts: TaskSenderParts) {
    this.#parts = parts;
  }

  /** Errors: PermissionDenied, QueueNotFound, InvalidRequest, SourceUnavailable. */
  async send(order: TaskOrder, signal: AbortSignal): Promise<SentTask> {
    const { name, queue, delayMs } = order;
    this.#requireSendable(name);
    const eta = delayMs === 0 ? null : this.#parts.clock.now() + delayMs;
    return this.#put({ name, queue, eta, args: written(order.args), kwargs: written(order.kwargs) }, signal);
  }

  /** Errors: TaskNotFound where nobody knows it; PermissionDenied, QueueNotFound, InvalidRequest, SourceUnavailable. */
  async again(id: string, edited: EditedArguments, signal: AbortSignal): Promise<TaskActionReport> {
    const { notes, results } = this.#parts;
    const stored = await results.find(id, signal);
    const row = stored?.kind === 'row' ? stored.row : null;
    const note = notes.get(id) ?? null;
    const state = row?.state ?? stateOfNote(note);
    if (state === null)
      throw new TaskNotFound(`expected the id of a task that has been heard of, found "${id}"`, { id });
    const before = { state, stage: isReady(state) ? 'finished' : 'reserved', eta: null, priority: null } as const;
    const refused = (refusal: Refusal, message: string): TaskActionReport => ({
      id,
      refusal,
      message,
      before,
      after: before,
    });
    if (!isReady(state)) return refused('state', `It has not ended, as far as anybody knows: it is ${state}.`);

    const name = row?.name ?? note?.name ?? null;
    const queue = note?.queue ?? row?.queue ?? null;
    if (name === null || queue === null) {
      const missing = name === null ? 'what it is called' : 'which queue it came from';
      return refused('payload', `Nobody has told ${missing}; with \`result_extended\` the result backend would.`);
    }
    if (edited.args !== undefined || edited.kwargs !== undefined) this.#requireSendable(name);
    const original = await this.#original(id, note, signal);
    const args = edited.args === undefined ? original.args : written(edited.args);
    const kwargs = edited.kwargs === undefined ? original.kwargs : written(edited.kwargs);
    if (args === null || kwargs === null) {
      const missing = args === null ? 'args' : 'kwargs';
      return refused(
        'payload',
        `Its original ${missing} are not known in full: only a text that was cut, or that no JSON can be made of with certainty. ` +
          `Give ${missing}, or set \`result_extended\`.`,
      );
    }
    const sent = await this.#put({ name, queue, eta: null, args, kwargs }, signal);
    const source = edited.args !== undefined && edited.kwargs !== undefined ? 'you' : original.from;
    const message = `Sent as ${sent.id} to the queue ${queue}, with the arguments that ${source} told.`;
    return {
      id,
      refusal: null,
      message,
      before,
      after: { ...before, state: 'PENDING', stage: 'reserved' },
      newId: sent.id,
    };
  }

  #requireSendable(name: string): void {
    if (this.#parts.sendable(name)) return;
    throw new PermissionDenied(
      `expected the name of a task that may be sent with arguments of your own, found "${name}"; the setting celery.sendable lists them`,
    );
  }

  /** The result backend has them as they were; an event has a text of them, which is whole where it is short and plain. */
  async #original(
    id: string,
    note: { readonly args: string | null; readonly kwargs: string | null } | null,
    signal: AbortSignal,
  ): Promise<Arguments> {
    const stored = await this.#parts.results.argumentsOf(id, signal);
    if (stored !== null) return { ...stored, from: 'the result backend' };
    const json = (repr: string | null | undefined, opening: RegExp): string | null => {
      const text = repr ? jsonOfRepr(repr) : null;
      return text !== null && opening.test(text) ? text : null;
    };
    return { args: json(note?.args, /^\[/), kwargs: json(note?.kwargs, /^\{/), from: 'its events' };
  }

  async #put(
    task: {
      readonly name: string;
      readonly queue: string;
      readonly eta: number | null;
      readonly args: string;
      readonly kwargs: string;
    },
    signal: AbortSignal,
  ): Promise<SentTask> {
    const { transport, queues, clock } = this.#parts;
    const { name, queue, eta } = task;
    for (const known of await transport.knownQueues(signal)) queues.add(known);
    if (!queues.all().includes(queue)) {
      throw new QueueNotFound(`expected the name of a queue that is known, found "${queue}"`, { name: queue });
    }
    const id = randomUUID();
    const told: EngineEvent[] = [];
    // Before it is handed over: its worker may be done with it before the broker has confirmed it.
    const at = clock.now();
    const note = this.#parts.notes.obtain(id, at);
    note.name = name;
    note.queue = queue;
    note.sentAt = at;
    note.queuedAt = at;
    if (!(await transport.enqueue(queue, taskMessage({ id, ...task }), signal))) {
      throw new QueueNotFound(`expected the name of a queue that the broker has, found "${queue}"`, { name: queue });
    }
    const event = taskEvent('task-sent', id, at, { occurrence: at, name, queue, sentAt: at, eta });
    tell(note, event, told);
    this.#parts.sent(told);
    return { id, name, queue, eta };
  }
}

function written(value: unknown): string {
  if (isTooDeep(value)) throw new InvalidRequest('expected arguments of at most 64 levels, found deeper ones');
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'number' && Number.isInteger(item) && !Number.isSafeInteger(item)) {
      throw new InvalidRequest(`expected whole numbers of at most ${Number.MAX_SAFE_INTEGER}, found ${item}`);
    }
    return item;
  });
}
