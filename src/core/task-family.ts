import type { TaskSummary } from './task.js';

/** A task and the one that began it, or that waits for it. */
export interface Relative {
  readonly id: string;
  readonly parentId: string | null;
}

export interface FamilyMember extends Relative {
  /** null where only its id is known: nobody keeps the task any more, or it was not looked at. */
  readonly task: TaskSummary | null;
}

export interface PlacedMember extends FamilyMember {
  /** Generations below the root. */
  readonly depth: number;
}

/** The tree from the root down, parents before their children, the earlier before the later. Whoever belongs to nobody known comes last, at depth 0. */
export function arranged(members: readonly FamilyMember[], rootId: string): readonly PlacedMember[] {
  const children = new Map<string | null, FamilyMember[]>();
  for (const member of members) {
    const siblings = children.get(member.parentId);
    if (siblings === undefined) children.set(member.parentId, [member]);
    else siblings.push(member);
  }
  const placed = new Map<string, PlacedMember>();
  const place = (from: readonly FamilyMember[]): void => {
    // Not recursive: a chain of hundreds of tasks is as deep as it is long.
    const waiting = from.map((member) => ({ member, depth: 0 })).reverse();
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { member, depth } = next;
      if (placed.has(member.id)) continue;
      placed.set(member.id, { ...member, depth });
      const below = [...(children.get(member.id) ?? [])].sort(byBeginning).reverse();
      for (const child of below) waiting.push({ member: child, depth: depth + 1 });
    }
  };
  const known = new Set(members.map(({ id }) => id));
  place(members.filter(({ id }) => id === rootId));
  place(members.filter(({ parentId }) => parentId === null || !known.has(parentId)).sort(byBeginning));
  // Tasks that name each other as parents.
  place(members);
  return [...placed.values()];
}

/**
 * The tasks that decided when the family was done: from the one that ended last, or has not ended, back to the one that had to end, or to
 * begin, before it could start. Only parents and children wait for each other. Ids, the first to run first; [] where no task has started.
 */
export function criticalPath(members: readonly FamilyMember[]): readonly string[] {
  const byId = new Map(members.map((member) => [member.id, member]));
  const related = new Map<string, FamilyMember[]>();
  for (const member of members) {
    const parent = member.parentId === null ? undefined : byId.get(member.parentId);
    if (parent === undefined) continue;
    related.set(member.id, [...(related.get(member.id) ?? []), parent]);
    related.set(parent.id, [...(related.get(parent.id) ?? []), member]);
  }
  const path: string[] = [];
  const seen = new Set<string>();
  let at = greatest(
    members.filter(({ task }) => startOf(task) !== null),
    ({ task }) => task?.finishedAt ?? Number.POSITIVE_INFINITY,
  );
  while (at !== undefined) {
    path.push(at.id);
    seen.add(at.id);
    const start = startOf(at.task);
    const { parentId } = at;
    if (start === null) break;
    const before = (related.get(at.id) ?? []).filter(({ id, task }) => {
      const began = startOf(task);
      if (seen.has(id) || began === null || began > start) return false;
      return id === parentId || (task?.finishedAt ?? Number.POSITIVE_INFINITY) <= start;
    });
    at = greatest(before, ({ task }) => Math.min(task?.finishedAt ?? start, start));
  }
  return path.reverse();
}

function startOf(task: TaskSummary | null): number | null {
  return task?.startedAt ?? null;
}

function greatest<T>(all: readonly T[], of: (one: T) => number): T | undefined {
  return all.reduce<T | undefined>((best, one) => (best === undefined || of(one) > of(best) ? one : best), undefined);
}

function byBeginning(a: FamilyMember, b: FamilyMember): number {
  const [left, right] = [momentOf(a.task), momentOf(b.task)];
  if (left !== right) return left - right;
  return a.id < b.id ? -1 : 1;
}

function momentOf(task: TaskSummary | null): number {
  return task?.sentAt ?? task?.startedAt ?? Number.MAX_SAFE_INTEGER;
}
