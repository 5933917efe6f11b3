import { useLiveStatus } from '../api/live.js';
import { useSources } from '../api/queries.js';
import { useSession, useSignIn } from '../api/session.js';
import { AppearanceChoice } from '../components/AppearanceChoice.js';
import { Icon } from '../components/Icon.js';
import { Menu } from '../components/Menu.js';
import { ScopedLink } from '../components/ScopedLink.js';
import { RANGES, useScope, useSetParameters } from '../scope/scope.js';
import { useCurrentPage } from './pages.js';

export function TopBar({ onSearch }: { readonly onSearch: () => void }) {
  return (
    <header className="top-bar">
      <ScopedLink to="/" className="brand">
        Taskscope
      </ScopedLink>
      <SourceChoice />
      <LiveState />
      <RangeChoice />
      <button type="button" className="search-button" onClick={onSearch} aria-keyshortcuts="Meta+K Control+K">
        <Icon name="search" size={14} />
        <span className="search-words">Search, or a task id</span>
        <kbd>⌘K</kbd>
      </button>
      <Me />
    </header>
  );
}

function SourceChoice() {
  const { source } = useScope();
  const set = useSetParameters();
  const { data } = useSources();
  const names = (data?.items ?? []).map((known) => known.source);
  // One from the address that is not there (any more) stays to be seen.
  const all = source === null || names.includes(source) ? names : [...names, source];
  return (
    <select
      className="choice source-choice"
      aria-label="Source"
      value={source ?? ''}
      onChange={(event) => set({ source: event.target.value === '' ? null : event.target.value })}
    >
      <option value="">all sources</option>
      {all.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}

function RangeChoice() {
  const { range, rangeChosen } = useScope();
  const set = useSetParameters();
  const unchosen = useCurrentPage()?.unchosenRange;
  return (
    <select
      className="choice"
      aria-label="Time range"
      value={unchosen !== undefined && !rangeChosen ? '' : range}
      onChange={(event) => set({ range: event.target.value })}
    >
      {unchosen !== undefined && <option value="">{unchosen}</option>}
      {RANGES.map((known) => (
        <option key={known} value={known}>
          {known.replace(/(\d+)(\w)/, '$1\u202f$2')}
        </option>
      ))}
    </select>
  );
}

function LiveState() {
  const { live } = useScope();
  const { open, heardAt } = useLiveStatus();
  const set = useSetParameters();
  const late = live && !open && heardAt !== null;
  return (
    <button
      type="button"
      className="live"
      data-live={late ? 'late' : live || undefined}
      aria-pressed={live}
      title={live ? 'Updates by itself; press p to hold it still' : 'Held still; press p to update by itself'}
      onClick={() => set({ live: live ? 'off' : null })}
    >
      <span className="live-dot" aria-hidden="true" />
      {late ? 'late' : live ? 'live' : 'held'}
    </button>
  );
}

function Me() {
  const { data } = useSession();
  const { signOut } = useSignIn();
  const signedIn = data?.kind === 'user' || data?.kind === 'oidc';
  return (
    <>
      {data?.read_only === true && (
        <span className="read-only" title="The service was started read-only: it changes nothing, whoever asks">
          read-only
        </span>
      )}
      <Menu label="Appearance" className="appearance" face={<Icon name="theme" />}>
        {signedIn && (
          <p className="menu-note">
            {data.name} {data.role !== null && <span className="hint">{data.role}</span>}
          </p>
        )}
        <AppearanceChoice />
        {signedIn && (
          <button type="button" className="menu-item" onClick={() => void signOut()}>
            Sign out
          </button>
        )}
      </Menu>
    </>
  );
}
