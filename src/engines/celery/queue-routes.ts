import type { CeleryWorker } from './celery-worker.js';
import type { ListedTask } from './control-replies.js';

/** Queue by exchange and routing key, as the workers have bound them. */
export function routesOf(workers: readonly CeleryWorker[]): ReadonlyMap<string, string> {
  const routes = new Map<string, string>();
  for (const worker of workers) {
    for (const { exchange, routingKey, name } of worker.replies.queues?.value ?? []) {
      routes.set(routeKey(exchange, routingKey), name);
    }
  }
  return routes;
}

/** Through the default exchange the routing key is the queue's name. */
export function queueOf(task: ListedTask, routes: ReadonlyMap<string, string>): string | null {
  if (task.routingKey === null) return null;
  if (task.exchange === '' || task.exchange === null) return task.routingKey;
  return routes.get(routeKey(task.exchange, task.routingKey)) ?? null;
}

function routeKey(exchange: string, routingKey: string): string {
  return `${exchange}\0${routingKey}`;
}
