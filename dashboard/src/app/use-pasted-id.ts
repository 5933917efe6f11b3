import { useEffect } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { taskPath } from '../components/ScopedLink.js';
import { scopedSearch } from '../scope/scope.js';
import { isTyping } from './use-keys.js';

/** Looks like a Celery uuid, or like `queue:42`. */
const TASK_ID = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[^\s:]{1,200}:\S{1,200})$/i;

/** A task id pasted anywhere but into a field opens the task. */
export function usePastedId(): void {
  const navigate = useNavigate();
  const [parameters] = useSearchParams();
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      const text = event.clipboardData?.getData('text').trim() ?? '';
      if (isTyping(event.target) || !TASK_ID.test(text) || /^https?:/.test(text)) return;
      void navigate({ pathname: taskPath(text), search: scopedSearch(parameters) });
    };
    document.addEventListener('paste', onPaste);
    return () => document.removeEventListener('paste', onPaste);
  }, [navigate, parameters]);
}
