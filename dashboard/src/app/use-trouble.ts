import { useEffect } from 'react';
import { useSources, useSummary } from '../api/queries.js';
import { useCurrentPage } from './pages.js';

/** The title says where one is, and an exclamation mark that something is wrong: it is seen among twenty tabs. */
export function useTrouble(): void {
  const sources = useSources();
  const summary = useSummary();
  const away = sources.data?.items.some((source) => source.connection === 'disconnected') ?? false;
  const workers = summary.data?.workers;
  const nobody = workers !== undefined && workers.total > 0 && workers.up === 0;
  const trouble = away || nobody || sources.error !== null;
  const page = useCurrentPage();
  useEffect(() => {
    document.title = `${trouble ? '(!) ' : ''}${page?.title ?? 'Taskscope'} · Taskscope`;
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (icon !== null) icon.href = trouble ? './favicon-trouble.svg' : './favicon.svg';
  }, [trouble, page]);
}
