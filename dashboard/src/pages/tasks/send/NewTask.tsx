import { lazy, Suspense, useState } from 'react';
import { useSources } from '../../../api/queries.js';
import { ActionButton } from '../../../components/ActionButton.js';
import { useScope } from '../../../scope/scope.js';

const SendDialog = lazy(() => import('./SendDialog.js'));

/** There only where the settings of a source list names of tasks that may be sent. */
export function NewTask() {
  const { source: only } = useScope();
  const { data } = useSources();
  const [open, setOpen] = useState(false);
  const sources = (data?.items ?? []).filter(
    ({ sendable, source }) => sendable.length > 0 && (only === null || source === only),
  );
  if (sources.length === 0) return null;
  return (
    <>
      <ActionButton operation="sendTask" className="button small" onClick={() => setOpen(true)}>
        New task …
      </ActionButton>
      {open && (
        <Suspense>
          <SendDialog sources={sources} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
