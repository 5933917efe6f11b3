import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { answered, client } from '../../api/client.js';
import { sourceParameter } from '../../api/queries.js';
import type { components } from '../../api/schema.js';
import { type Range, useScope } from '../../scope/scope.js';

export type FailureGroup = components['schemas']['FailureGroupDto'];

const EVERY_MS = 10_000;
/** A quarter of an hour says little about causes: unless the reader has chosen, a day. */
const BY_DEFAULT: Range = '24h';

/** Failures of the chosen time by cause, the most frequent first. */
export function useFailures() {
  const { source, range, rangeChosen, live } = useScope();
  const since = rangeChosen ? range : BY_DEFAULT;
  const query = useQuery({
    queryKey: ['failures', source, since],
    queryFn: ({ signal }) =>
      answered(
        client.GET('/api/v1/celery/failures', {
          params: { query: { ...sourceParameter(source), since, limit: 200 } },
          signal,
        }),
      ),
    refetchInterval: live ? EVERY_MS : false,
    placeholderData: keepPreviousData,
  });
  return { query, since };
}
