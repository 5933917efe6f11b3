import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { Icon } from '../../components/Icon.js';
import { Menu } from '../../components/Menu.js';
import { usePreference, writePreference } from '../../scope/preferences.js';
import { useSetParameters } from '../../scope/scope.js';

interface View {
  readonly name: string;
  readonly q: string;
  readonly sort: string | null;
}

const READY: readonly View[] = [
  { name: 'All', q: '', sort: null },
  { name: 'Running', q: 'state:STARTED', sort: 'started' },
  { name: 'Waiting', q: 'state:PENDING', sort: 'sent' },
  { name: 'Failed', q: 'state:FAILURE', sort: '-finished' },
  { name: 'Retrying, or tried again', q: 'attempts:>1', sort: '-started' },
  { name: 'Slower than 10 s', q: 'runtime:>10s', sort: '-runtime' },
];

const KEPT = 'views.tasks';

/** Filters worth coming back to: a few that everybody needs, and the reader's own, kept in this browser. */
export function Views() {
  const [parameters] = useSearchParams();
  const set = useSetParameters();
  const own = viewsOf(usePreference(KEPT));
  const [name, setName] = useState('');
  const keep = (views: readonly View[]) => writePreference(KEPT, JSON.stringify(views));

  return (
    <Menu label="Views" className="views" face={<Icon name="tasks" size={14} />}>
      {READY.map((view) => (
        <button key={view.name} type="button" className="menu-item" onClick={() => set({ q: view.q, sort: view.sort })}>
          {view.name}
        </button>
      ))}
      {own.map((view) => (
        <div key={view.name} className="view-own">
          <button type="button" className="menu-item" onClick={() => set({ q: view.q, sort: view.sort })}>
            {view.name}
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label={`Forget ${view.name}`}
            onClick={() => keep(own.filter((other) => other !== view))}
          >
            <Icon name="cross" size={10} />
          </button>
        </div>
      ))}
      <form
        className="view-new"
        onSubmit={(event) => {
          event.preventDefault();
          const view = { name: name.trim(), q: parameters.get('q') ?? '', sort: parameters.get('sort') };
          if (view.name === '') return;
          keep([...own.filter((other) => other.name !== view.name), view]);
          setName('');
        }}
      >
        <input
          className="field"
          aria-label="Name of the view"
          placeholder="Keep this as …"
          maxLength={60}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <button type="submit" className="button">
          Keep
        </button>
      </form>
    </Menu>
  );
}

function viewsOf(text: string | null): readonly View[] {
  try {
    const found: unknown = text === null ? [] : JSON.parse(text);
    return Array.isArray(found) ? found.filter(isView) : [];
  } catch {
    // Kept by another version, or edited by hand: begin anew.
    return [];
  }
}

function isView(value: unknown): value is View {
  if (typeof value !== 'object' || value === null || !('name' in value && 'q' in value && 'sort' in value))
    return false;
  const { name, q, sort } = value;
  return typeof name === 'string' && typeof q === 'string' && (typeof sort === 'string' || sort === null);
}
