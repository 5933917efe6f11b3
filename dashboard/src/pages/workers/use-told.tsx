import { useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { CommandReport } from '../../api/model.js';
import { CommandOutcome } from '../../components/CommandOutcome.js';

/** Waits for the answers, has the page ask anew, and gives what each worker has said. */
export function useTold(): (telling: Promise<CommandReport>) => Promise<ReactNode> {
  const queries = useQueryClient();
  return async (telling) => {
    const report = await telling;
    void queries.invalidateQueries({ queryKey: ['workers'] });
    return <CommandOutcome report={report} />;
  };
}
