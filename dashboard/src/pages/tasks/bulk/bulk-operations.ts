import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { answered, client } from '../../../api/client.js';
import type { components } from '../../../api/schema.js';

export type BulkOperation = components['schemas']['BulkOperationDto'];
export type BulkOutcome = components['schemas']['BulkOutcome'];
type BulkItem = components['schemas']['BulkItemDto'];
export type BulkBody = components['schemas']['BulkOperationBodyDto'];

/** While one runs it is asked for so often. */
const RUNNING_MS = 500;
/** Of what each task came to, on the screen at once. */
export const ITEMS_SHOWN = 100;
const ITEMS_PER_REQUEST = 1_000;

export function isRunning({ state }: BulkOperation): boolean {
  return state === 'running' || state === 'cancelling';
}

export function createBulk(body: BulkBody): Promise<BulkOperation> {
  return answered(client.POST('/api/v1/celery/bulk-operations', { body }));
}

export function cancelBulk(id: string): Promise<BulkOperation> {
  return answered(client.DELETE('/api/v1/celery/bulk-operations/{id}', { params: { path: { id } } }));
}

/** How far one has come, asked again until it is over. */
export function useBulkOperation(id: string) {
  return useQuery({
    queryKey: ['bulk-operation', id],
    queryFn: ({ signal }) =>
      answered(client.GET('/api/v1/celery/bulk-operations/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (state.data === undefined || isRunning(state.data) ? RUNNING_MS : false),
  });
}

/** Those that run or have ended within the hour, the latest first. */
export function useBulkOperations() {
  return useQuery({
    queryKey: ['tasks', 'bulk-operations'],
    queryFn: ({ signal }) => answered(client.GET('/api/v1/celery/bulk-operations', { signal })),
  });
}

/** What has come of each task; `step` changes as the operation goes on, so that it is asked anew. */
export function useBulkItems(id: string, outcome: BulkOutcome | null, step: number) {
  return useQuery({
    queryKey: ['bulk-items', id, outcome, step],
    queryFn: ({ signal }) => items(id, outcome, 0, ITEMS_SHOWN, signal),
    placeholderData: keepPreviousData,
    gcTime: 10_000,
  });
}

/** Every item, for a file. */
export async function allBulkItems(id: string): Promise<readonly BulkItem[]> {
  const all: BulkItem[] = [];
  for (;;) {
    const page = await items(id, null, all.length, ITEMS_PER_REQUEST);
    all.push(...page.items);
    if (page.items.length === 0 || all.length >= page.total) return all;
  }
}

function items(id: string, outcome: BulkOutcome | null, offset: number, limit: number, signal?: AbortSignal) {
  const query = { ...(outcome === null ? {} : { outcome }), offset, limit };
  return answered(
    client.GET('/api/v1/celery/bulk-operations/{id}/items', {
      params: { path: { id }, query },
      ...(signal === undefined ? {} : { signal }),
    }),
  );
}
