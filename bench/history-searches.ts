import { encodeCursor } from '../src/http/cursor.js';
import { momentOf } from './history-fill.js';
import type { MeasuredService } from './measured-service.js';

export interface SearchFigures {
  readonly what: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of the answers, how many ended with "scanned so far". */
  readonly partial: number;
  readonly asked: number;
}

/** What people ask for: what selects much, little and nothing, in every order, near the end and far from it. */
export function searchesOf(tasks: number, now: number): Readonly<Record<string, string>> {
  const iso = (part: number): string => new Date(momentOf(part * tasks, tasks, now)).toISOString();
  const deep = encodeCursor({ key: momentOf(tasks / 2, tasks, now), source: 'bench', id: '' }, '-sent');
  const filters: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'the latest': {},
    failures: { q: 'state:FAILURE' },
    'a frequent name': { q: 'name:app.tasks.model_0' },
    'a rare name, slowest first': { q: 'name:app.tasks.model_199', sort: '-runtime' },
    'failures of names that begin so': { q: 'name:app.tasks.model_1* state:FAILURE' },
    'an exception class': { q: 'error:TimeoutError' },
    'a text in an error': { q: 'error:"row 4242 of"' },
    'slow ones, the slowest first': { q: 'runtime:>9s', sort: '-runtime' },
    'a worker and a queue': { q: 'worker:celery@worker-3 queue:queue-3' },
    'failures within a day': { q: `sent:>${iso(0.5)} sent:<${iso(0.55)} state:FAILURE` },
    'a word that is nowhere': { q: 'nothing_like_this' },
    'from the middle on': { cursor: deep },
  };
  return Object.fromEntries(
    Object.entries(filters).map(([what, parameters]) => [what, `/tasks?${new URLSearchParams(parameters)}`]),
  );
}

/** Asks in turn, each search for its first page and for the pages after it. */
export async function measureSearches(
  service: MeasuredService,
  searches: Readonly<Record<string, string>>,
  rounds: number,
): Promise<readonly SearchFigures[]> {
  const all = Object.entries(searches).map(([what, path]) => ({
    what,
    path,
    next: path,
    times: [] as number[],
    partial: 0,
  }));
  for (let round = 0; round < rounds; round += 1) {
    for (const search of all) {
      const began = performance.now();
      const page = await service.get(search.next);
      search.times.push(performance.now() - began);
      const cursor = textIn(page, 'next_cursor');
      search.next = cursor === null ? search.path : withCursor(search.path, cursor);
      if (fieldOf(page, 'complete') === false) search.partial += 1;
    }
  }
  return all.map(({ what, times, partial }) => {
    times.sort((a, b) => a - b);
    return { what, p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99), partial, asked: times.length };
  });
}

function withCursor(path: string, cursor: string): string {
  const [head = '', query = ''] = path.split('?');
  const parameters = new URLSearchParams(query);
  parameters.set('cursor', cursor);
  return `${head}?${parameters}`;
}

function fieldOf(page: unknown, field: string): unknown {
  return typeof page === 'object' && page !== null ? Reflect.get(page, field) : undefined;
}

function textIn(page: unknown, field: string): string | null {
  const value = fieldOf(page, field);
  return typeof value === 'string' ? value : null;
}

export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
