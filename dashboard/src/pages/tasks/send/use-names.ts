import type { Source } from '../../../api/model.js';
import { useQueues, useSummary } from '../../../api/queries.js';

/** Names of tasks that may be sent to a source, as far as any are known: those that the settings write out, and those that have been seen. */
export function useSendableNames({ source, sendable }: Source): readonly string[] {
  const seen = useSummary().data?.per_task ?? [];
  const whole = sendable.filter((pattern) => !pattern.endsWith('*'));
  const fitting = seen
    .filter((name) => name.source === source && isSendable(sendable, name.task_name))
    .map((name) => name.task_name);
  return [...new Set([...whole, ...fitting])].sort();
}

export function isSendable(sendable: readonly string[], name: string): boolean {
  return sendable.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern));
}

export function useQueueNames(source: string): readonly string[] {
  const queues = useQueues().data?.queues ?? [];
  return queues.filter((queue) => queue.source === source).map(({ name }) => name);
}
