import { answered, client } from '../../api/client.js';
import type { Schedule } from '../../api/model.js';
import type { Control } from '../../components/control.js';

export const ACTIONS = [
  { id: 'run', label: 'Run now', needs: 'run-schedule', operation: 'runSchedule' },
  { id: 'edit', label: 'Edit', needs: 'edit-schedule', operation: 'editSchedule' },
  { id: 'remove', label: 'Remove', needs: 'remove-schedule', operation: 'removeSchedule' },
] as const satisfies readonly Control<Schedule['capabilities'][number]>[];

export type ActionId = (typeof ACTIONS)[number]['id'];

function at({ id, source }: Schedule) {
  return { path: { id }, query: { source } };
}

export function run(schedule: Schedule) {
  return answered(client.POST('/api/v1/celery/schedules/{id}/run', { params: at(schedule) }));
}

export function remove(schedule: Schedule) {
  return answered(client.DELETE('/api/v1/celery/schedules/{id}', { params: at(schedule) }));
}

export type Rhythm = { readonly cron: string; readonly time_zone?: string } | { readonly every_seconds: number };

export function edit(schedule: Schedule, rhythm: Rhythm) {
  return answered(client.PATCH('/api/v1/celery/schedules/{id}', { params: at(schedule), body: rhythm }));
}
