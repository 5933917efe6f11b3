import type { EngineSnapshot } from '../core/queue-engine.js';
import type { QueueInspector } from '../queue-inspector/queue-inspector.js';
import type { SourceView } from '../queue-inspector/source-view.js';

/** One source as it is now. `snapshot` is null where the source did not answer in time: an old one must not look like news. */
export interface SourceLook {
  readonly view: SourceView;
  readonly snapshot: EngineSnapshot | null;
  /** Why there is no snapshot, in one sentence; null where there is one. */
  readonly problem: string | null;
}

/** One look at every source, each within the deadline: a slow one is as good as absent, and delays nobody longer than that. */
export async function lookAtSources(inspector: QueueInspector, deadlineMs: number): Promise<readonly SourceLook[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, deadlineMs, null);
  });
  try {
    return await Promise.all(
      inspector.sources().map(async ({ name }) => {
        const answered = await Promise.race([inspector.look(name), late]);
        return (answered ?? inspector.views(name)).map((view) => lookOf(view, answered !== null));
      }),
    ).then((looks) => looks.flat());
  } finally {
    clearTimeout(timer);
  }
}

function lookOf(view: SourceView, inTime: boolean): SourceLook {
  const problem = inTime ? problemOf(view) : 'the source did not answer in time';
  return { view, snapshot: problem === null ? view.snapshot : null, problem };
}

function problemOf({ status, snapshot, problem }: SourceView): string | null {
  if (problem !== null) return problem;
  if (status.connection !== 'connected') return status.problem ?? `the source is ${status.connection}`;
  return snapshot === null ? 'the source has not been looked at yet' : null;
}
