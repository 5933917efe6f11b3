import { randomUUID } from 'node:crypto';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../core/clock.js';
import { BulkOperationNotFound, CountExceeded, TooManyRequests } from '../core/errors.js';
import { currentScope, isLimited, type Scope, withinScope } from '../core/scope.js';
import { parseTaskFilter } from '../core/task-filter-parser.js';
import type { TaskCursor, TaskFilter } from '../core/task-query.js';
import { TaskArchive } from '../history/task-archive.js';
import { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { actOnOne, type BulkAction, capabilityOfBulk } from './bulk-action.js';
import { type BulkItem, BulkOperation } from './bulk-operation.js';

export interface BulkRequest {
  readonly action: BulkAction;
  /** Exactly one of `q`, in the filter language, and `ids`. */
  readonly q: string | null;
  readonly ids: readonly string[] | null;
  readonly source: string | null;
  readonly dryRun: boolean;
  readonly rate: number;
  /** Nothing is done where more tasks than this match; null: any number that is allowed at all. */
  readonly atMost: number | null;
}

/** Tasks per operation. */
export const MAX_TASKS = 10_000;
const MAX_RUNNING = 5;
const MAX_KEPT = 100;
/** Their tasks altogether: some 50 MB. */
const MAX_KEPT_TASKS = 200_000;
const KEEP_MS = 3_600_000;
const PAGE = 500;

/** Operations that run, and for an hour those that have ended. In memory alone: with the service they are gone. */
@Injectable()
export class BulkOperations implements OnApplicationShutdown {
  readonly #operations = new Map<string, BulkOperation>();

  constructor(
    private readonly inspector: QueueInspector,
    private readonly archive: TaskArchive,
    private readonly clock: Clock,
  ) {}

  /** Begins, or only counts. Errors: InvalidRequest, SourceNotFound, CountExceeded, TooManyRequests. */
  async create(request: BulkRequest): Promise<BulkOperation> {
    // Names an unknown source as such, where a search would just find nothing.
    const views = this.inspector.views(request.source ?? undefined);
    const found = request.ids === null ? await this.#search(request) : { items: itemsOf(request), complete: true };
    const { items, complete } = found;
    checkCount(request, items.length);
    this.#makeRoom(request.dryRun, items.length);
    const needed = capabilityOfBulk(request.action);
    const able = new Set(views.filter(({ capabilities }) => capabilities.has(needed)).map(({ source }) => source.name));
    const scope = currentScope();
    const operation = new BulkOperation(
      {
        id: randomUUID(),
        action: request.action,
        q: request.q,
        items,
        searchComplete: complete,
        unsupported: items.some(({ source }) => source === null)
          ? null
          : items.filter(({ source }) => source !== null && !able.has(source)).length,
        dryRun: request.dryRun,
        rate: request.rate,
        scope,
      },
      this.clock,
    );
    this.#operations.set(operation.order.id, operation);
    if (!request.dryRun) {
      void operation.run((item) => withinScope(scope, () => actOnOne(this.inspector, request.action, item)));
    }
    return operation;
  }

  /** The latest first; those that the caller may see. */
  list(): readonly BulkOperation[] {
    this.#forgetOld();
    return [...this.#operations.values()].filter(isVisible).reverse();
  }

  /** Errors: BulkOperationNotFound. */
  get(id: string): BulkOperation {
    this.#forgetOld();
    const operation = this.#operations.get(id);
    if (operation !== undefined && isVisible(operation)) return operation;
    throw new BulkOperationNotFound(
      `expected the id of a bulk operation that runs or ended within the last hour, found "${id}"`,
      { id },
    );
  }

  onApplicationShutdown(): void {
    for (const operation of this.#operations.values()) operation.cancel();
  }

  async #search({ q, source }: BulkRequest): Promise<{ readonly items: BulkItem[]; readonly complete: boolean }> {
    const filter: TaskFilter = {
      ...(source !== null && { source }),
      ...(q !== null && q.trim() !== '' && { expression: parseTaskFilter(q, this.clock.now()) }),
    };
    const items: BulkItem[] = [];
    let after: TaskCursor | null = null;
    do {
      const query = { filter, order: { field: 'sent', descending: false }, limit: PAGE, after } as const;
      const page = await this.archive.search(query);
      for (const task of page.items) items.push(waiting(task.id, task.source));
      if (!page.complete) return { items, complete: false };
      after = page.next;
    } while (after !== null && items.length <= MAX_TASKS);
    return { items, complete: true };
  }

  #makeRoom(dryRun: boolean, tasks: number): void {
    this.#forgetOld();
    const running = [...this.#operations.values()].filter(({ finishedAt }) => finishedAt === null);
    if (!dryRun && running.length >= MAX_RUNNING) {
      throw new TooManyRequests(
        `expected at most ${MAX_RUNNING} bulk operations at a time, found that many running: cancel one or wait for it`,
        { retry_after_seconds: 10, running: running.map(({ order }) => order.id) },
      );
    }
    let kept = [...this.#operations.values()].reduce((sum, { order }) => sum + order.items.length, tasks);
    for (const [id, { order, finishedAt }] of this.#operations) {
      if (kept <= MAX_KEPT_TASKS && this.#operations.size < MAX_KEPT) break;
      if (finishedAt === null) continue;
      this.#operations.delete(id);
      kept -= order.items.length;
    }
  }

  #forgetOld(): void {
    const before = this.clock.now() - KEEP_MS;
    for (const [id, { finishedAt }] of this.#operations) {
      if (finishedAt !== null && finishedAt < before) this.#operations.delete(id);
    }
  }
}

function itemsOf({ ids, source }: BulkRequest): readonly BulkItem[] {
  return [...new Set(ids)].map((id) => waiting(id, source));
}

function waiting(id: string, source: string | null): BulkItem {
  return { id, source, outcome: 'waiting', reason: null, message: null };
}

function checkCount({ action, atMost, dryRun }: BulkRequest, found: number): void {
  if (found > MAX_TASKS) {
    throw new CountExceeded(`expected at most ${MAX_TASKS} tasks in one operation, found more: narrow the filter`, {
      expected_count: MAX_TASKS,
    });
  }
  if (dryRun || atMost === null || found <= atMost) return;
  throw new CountExceeded(`expected to ${action.kind} at most ${atMost} tasks, found ${found}; nothing was done`, {
    expected_count: atMost,
    found_count: found,
  });
}

/** To whoever is limited, only the operations of people with the same limits. */
function isVisible({ order }: BulkOperation): boolean {
  const scope = currentScope();
  return !isLimited(scope) || sameScope(scope, order.scope);
}

function sameScope(a: Scope, b: Scope): boolean {
  return JSON.stringify([a.sources, a.queues]) === JSON.stringify([b.sources, b.queues]);
}
