import type { Counted, FailureGroup, FailureGroups, FailureQuery } from '../core/failure.js';
import { partsOfSignature } from './failure-signature.js';

/** Failures that have everything but their number in common. */
export interface FailureFact {
  readonly signature: string;
  readonly name: string | null;
  readonly worker: string | null;
  /** Which part of the time. */
  readonly part: number;
  readonly count: number;
  /** Epoch milliseconds. */
  readonly first: number;
  readonly last: number;
  /** The latest task. */
  readonly sample: FailureGroup['sample'];
}

const LISTED = 5;

interface Growing {
  count: number;
  first: number;
  last: number;
  readonly trend: number[];
  readonly names: Map<string, number>;
  readonly workers: Map<string, number>;
  sample: FailureGroup['sample'];
}

/** Groups by cause, the most frequent first. */
export function groupFailures(facts: Iterable<FailureFact>, query: FailureQuery, complete: boolean): FailureGroups {
  const bySignature = new Map<string, Growing>();
  let failures = 0;
  for (const fact of facts) {
    failures += fact.count;
    const group = bySignature.get(fact.signature) ?? begun(fact, query.parts);
    bySignature.set(fact.signature, group);
    group.count += fact.count;
    group.trend[fact.part] = (group.trend[fact.part] ?? 0) + fact.count;
    group.first = Math.min(group.first, fact.first);
    if (fact.last >= group.last) {
      group.last = fact.last;
      group.sample = fact.sample;
    }
    if (fact.name !== null) add(group.names, fact.name, fact.count);
    if (fact.worker !== null) add(group.workers, fact.worker, fact.count);
  }
  const groups = Array.from(
    bySignature,
    ([signature, group]): FailureGroup => ({
      ...partsOfSignature(signature),
      count: group.count,
      firstSeen: group.first,
      lastSeen: group.last,
      trend: group.trend,
      names: mostFrequent(group.names),
      workers: mostFrequent(group.workers),
      sample: group.sample,
    }),
  ).sort((a, b) => b.count - a.count || b.lastSeen - a.lastSeen);
  return { groups: groups.slice(0, query.limit), causes: groups.length, failures, complete };
}

function begun({ first, last, sample }: FailureFact, parts: number): Growing {
  const trend = Array.from({ length: parts }, () => 0);
  return { count: 0, first, last, trend, names: new Map(), workers: new Map(), sample };
}

function add(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}

function mostFrequent(counts: ReadonlyMap<string, number>): readonly Counted[] {
  return Array.from(counts, ([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count)
    .slice(0, LISTED);
}
