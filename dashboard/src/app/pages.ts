import { useLocation } from 'react-router';
import { useMay } from '../api/session.js';
import type { PageDefinition } from '../pages/page-definition.js';

/** Every folder below pages/ that has a page.ts, in the order of the rail. */
const found = import.meta.glob<{ readonly page: PageDefinition }>('../pages/*/page.ts', { eager: true });

export const PAGES: readonly PageDefinition[] = Object.values(found)
  .map(({ page }) => page)
  .sort((a, b) => a.order - b.order);

/** Where the page is: its path without parameters. */
export function addressOf(page: PageDefinition): string {
  return `/${page.path.replace(/\/?[:*].*$/, '')}`;
}

/** The one that is shown; undefined at an address that is none's. */
export function useCurrentPage(): PageDefinition | undefined {
  const { pathname } = useLocation();
  return PAGES.findLast((known) => pathname.startsWith(addressOf(known)));
}

/** Those that this reader may see. */
export function usePages(): readonly PageDefinition[] {
  const may = useMay();
  return PAGES.filter(({ needs }) => needs === undefined || may(needs));
}
