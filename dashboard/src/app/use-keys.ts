import { useEffect, useRef } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { scopedSearch, useScope, useSetParameters } from '../scope/scope.js';
import { addressOf, usePages } from './pages.js';

/** After `g`, the next key must come within this. */
const SEQUENCE_MS = 1_200;

interface Actions {
  readonly palette: () => void;
  readonly help: () => void;
}

/** The keys that work on every page: ⌘K or / search, ? help, `g` and a letter go to a page, p holds the updates. */
export function useKeys(actions: Actions): void {
  const navigate = useNavigate();
  const [parameters] = useSearchParams();
  const { live } = useScope();
  const set = useSetParameters();
  const pages = usePages();
  const waiting = useRef(Number.NEGATIVE_INFINITY);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        actions.palette();
        return;
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      const going = performance.now() - waiting.current < SEQUENCE_MS;
      waiting.current = Number.NEGATIVE_INFINITY;
      if (going) {
        const page = pages.find(({ key }) => key === event.key);
        if (page !== undefined) void navigate({ pathname: addressOf(page), search: scopedSearch(parameters) });
        return;
      }
      if (event.key === 'g') waiting.current = performance.now();
      else if (event.key === '?') actions.help();
      else if (event.key === 'p') set({ live: live ? 'off' : null });
      else if (event.key === '/') {
        event.preventDefault();
        const filter = document.querySelector<HTMLInputElement>('[data-page-filter]');
        if (filter === null) actions.palette();
        else filter.focus();
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [actions, navigate, pages, parameters, live, set]);
}

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, dialog, [contenteditable]') !== null;
}
