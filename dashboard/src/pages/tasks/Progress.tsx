import type { TaskDetail } from '../../api/model.js';
import { JsonTree } from '../../components/JsonTree.js';

/** What a running task reports: a bar where it is a share that can be told, else as it is. */
export function Progress({ task }: { readonly task: TaskDetail }) {
  const { progress } = task;
  if (progress === null || progress === undefined) return null;
  const share = shareOf(progress);
  const over = task.state === 'SUCCESS' || task.state === 'FAILURE';
  if (share === null) return over ? null : <JsonTree value={progress} what="the progress" />;
  if (over && share === 0) return null;
  return (
    <div className="progress">
      <progress value={share} max={100} aria-label="Progress" />
      <span className="number">{Math.round(share)} %</span>
    </div>
  );
}

/** A number of per cent, or the pairs that Celery tasks commonly report. */
function shareOf(progress: unknown): number | null {
  if (typeof progress === 'number') return progress >= 0 && progress <= 100 ? progress : null;
  if (typeof progress !== 'object' || progress === null) return null;
  const percent = numberIn(progress, ['percent', 'percentage', 'progress']);
  if (percent !== null) return percent >= 0 && percent <= 100 ? percent : null;
  const current = numberIn(progress, ['current', 'done', 'completed']);
  const total = numberIn(progress, ['total']);
  return current === null || total === null || total <= 0 || current > total ? null : (current / total) * 100;
}

function numberIn(value: object, names: readonly string[]): number | null {
  for (const name of names) {
    const found: unknown = Reflect.get(value, name);
    if (typeof found === 'number') return found;
  }
  return null;
}
