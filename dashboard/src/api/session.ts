import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { answered, client } from './client.js';
import type { components } from './schema.js';

export type Session = components['schemas']['SessionDto'];
export type Permission = components['schemas']['Permission'];

/** A session that ends while the page is open is noticed at the latest after this. */
const EVERY_MS = 60_000;

/** Who looks at the page, and what he may do. */
export function useSession() {
  return useQuery({
    queryKey: ['session'],
    queryFn: ({ signal }) => answered(client.GET('/api/v1/celery/session', { signal })),
    refetchInterval: EVERY_MS,
  });
}

/** Whether the reader may do something; false while that is not known. */
export function useMay(): (permission: Permission) => boolean {
  const { data } = useSession();
  return useCallback((permission) => refusalOf(data, permission) === null, [data]);
}

/** What acts on workers, leaves nothing of a queue, or sends what nobody has sent, by operationId; for the rest it is enough to be an operator. */
const FOR_ADMINS: ReadonlySet<string> = new Set([
  'obliterateQueue',
  'shutdownWorker',
  'changeWorkerPool',
  'setWorkerAutoscale',
  'addWorkerQueue',
  'cancelWorkerQueue',
  'setWorkerEvents',
  'sendTask',
]);

/**
 * Why the reader may not do something, in a sentence; null where he may. `operation` is the operationId of what changes something: a token
 * may be good for some of them only.
 */
export function useRefusal(operation: string): string | null {
  return refusalOf(useSession().data, FOR_ADMINS.has(operation) ? 'administer' : 'operate', operation);
}

function refusalOf(session: Session | undefined, permission: Permission, operation?: string): string | null {
  if (session === undefined) return 'It is not known yet who asks';
  const { permissions, actions, read_only, role, name } = session;
  if (!permissions.includes(permission)) {
    if (read_only) return 'The service is read-only: it changes nothing, whoever asks';
    return `${name ?? 'The caller'} may not: this needs the permission “${permission}”, which ${role === null ? 'was not given' : `the role “${role}” does not have`}`;
  }
  if (operation === undefined || actions === null || actions.includes(operation)) return null;
  return `${name ?? 'The caller'} may not: only ${actions.join(', ')} was allowed`;
}

/** Signs in or out, and forgets everything that was asked for before: it belongs to somebody else. */
export function useSignIn() {
  const queries = useQueryClient();
  const begun = useCallback(
    (session: Session) => {
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
      queries.setQueryData(['session'], session);
    },
    [queries],
  );
  return {
    signIn: async (name: string, password: string) =>
      begun(await answered(client.POST('/api/v1/celery/session', { body: { name, password } }))),
    signOut: async () => begun(await answered(client.DELETE('/api/v1/celery/session'))),
  };
}
