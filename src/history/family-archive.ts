import { SourceUnavailable, TaskNotFound } from '../core/errors.js';
import { summarise } from '../core/live-task.js';
import type { TaskDetail } from '../core/task.js';
import { arranged, criticalPath, type FamilyMember, type PlacedMember, type Relative } from '../core/task-family.js';
import type { QueueInspector } from '../queue-inspector/queue-inspector.js';
import type { TaskArchive } from './task-archive.js';

export interface TaskFamily {
  readonly source: string;
  readonly rootId: string;
  /** Parents before their children. */
  readonly members: readonly PlacedMember[];
  readonly criticalPath: readonly string[];
  /** False where there are more members than are told, or not all could be looked at in time. */
  readonly complete: boolean;
}

const MAX_MEMBERS = 500;
/** Each is a few commands to the broker. */
const MAX_ASKED = 150;
const AT_ONCE = 8;
const DEADLINE_MS = 3_000;

/**
 * The workflow that a task belongs to. Its members come from what events told, from the history, and from the broker where that keeps who belongs
 * to whom; the last are asked for one by one, at most some hundred of them, for at most three seconds.
 */
export class FamilyArchive {
  readonly #inspector: QueueInspector;
  readonly #archive: TaskArchive;
  readonly #now: () => number;

  /** `now`: the monotonic clock, in milliseconds. */
  constructor(inspector: QueueInspector, archive: TaskArchive, now: () => number) {
    this.#inspector = inspector;
    this.#archive = archive;
    this.#now = now;
  }

  /** Errors: TaskNotFound, AmbiguousTaskId, SourceUnavailable. */
  async family(id: string, source?: string): Promise<TaskFamily> {
    const asked = await this.#archive.task(id, source);
    const rootId = asked.rootId ?? asked.parentId ?? asked.id;
    const found = new FoundMembers();
    found.add(asked);
    const told = this.#inspector.relatives(asked.source, rootId, MAX_MEMBERS);
    for (const { id: member, parentId } of told) {
      const task = this.#inspector.liveTask(asked.source, member);
      found.put({ id: member, parentId, task });
    }
    for (const stored of await this.#archive.relatives(rootId, asked.source, MAX_MEMBERS)) {
      found.put({ id: stored.id, parentId: stored.parentId, task: summarise(stored) });
    }
    found.mention({ id: rootId, parentId: null });

    const keepsFamilies = this.#inspector.views(asked.source).some((view) => view.capabilities.has('find-by-id'));
    const inTime = await this.#askFor(asked.source, found, keepsFamilies);
    const members = [...found.members.values()];
    return {
      source: asked.source,
      rootId: topOf(found.members, rootId),
      members: arranged(members, topOf(found.members, rootId)),
      criticalPath: criticalPath(members),
      complete: inTime && members.length < MAX_MEMBERS,
    };
  }

  /** True where nobody is left to be asked for. */
  async #askFor(source: string, found: FoundMembers, everybody: boolean): Promise<boolean> {
    const until = this.#now() + DEADLINE_MS;
    for (let count = 0; ; ) {
      const next = found.unasked(everybody).slice(0, AT_ONCE);
      if (next.length === 0) return true;
      if (count >= MAX_ASKED || found.members.size >= MAX_MEMBERS || this.#now() > until) return false;
      count += next.length;
      for (const id of next) found.asked.add(id);
      const details = await Promise.all(next.map((id) => this.#find(id, source)));
      for (const detail of details) if (detail !== null) found.add(detail);
    }
  }

  /** null where nobody knows more than the id. */
  async #find(id: string, source: string): Promise<TaskDetail | null> {
    try {
      return await this.#archive.task(id, source);
    } catch (error) {
      if (error instanceof TaskNotFound || error instanceof SourceUnavailable) return null;
      throw error;
    }
  }
}

class FoundMembers {
  readonly members = new Map<string, FamilyMember>();
  /** Those of which the broker has been asked. */
  readonly asked = new Set<string>();

  add(detail: TaskDetail): void {
    this.asked.add(detail.id);
    this.put({ id: detail.id, parentId: detail.parentId, task: summarise(detail) });
    if (detail.parentId !== null) this.mention({ id: detail.parentId, parentId: null });
    for (const id of detail.childIds) this.mention({ id, parentId: detail.id });
  }

  /** What is known of a member already, and is not known by the new telling, stays. */
  put({ id, parentId, task }: FamilyMember): void {
    if (!this.#room(id)) return;
    const known = this.members.get(id);
    this.members.set(id, { id, parentId: parentId ?? known?.parentId ?? null, task: known?.task ?? task });
  }

  mention({ id, parentId }: Relative): void {
    this.put({ id, parentId, task: null });
  }

  /** Members that the broker may tell more of: all, or those of which only the id is known. */
  unasked(everybody: boolean): readonly string[] {
    return [...this.members.values()]
      .filter(({ id, task }) => !this.asked.has(id) && (everybody || task === null))
      .map(({ id }) => id);
  }

  #room(id: string): boolean {
    return this.members.size < MAX_MEMBERS || this.members.has(id);
  }
}

/** The highest that is known above the root, which an engine may not tell. */
function topOf(members: ReadonlyMap<string, FamilyMember>, rootId: string): string {
  const seen = new Set<string>();
  let top = rootId;
  for (let parent = members.get(top)?.parentId; parent && members.has(parent) && !seen.has(parent); ) {
    seen.add(parent);
    top = parent;
    parent = members.get(top)?.parentId;
  }
  return top;
}
