import { useState } from 'react';
import { Outlet } from 'react-router';
import { useLiveUpdates } from '../api/live.js';
import { CommandPalette } from './CommandPalette.js';
import { KeyHelp } from './KeyHelp.js';
import { Rail } from './Rail.js';
import { StaleNotice } from './StaleNotice.js';
import { TopBar } from './TopBar.js';
import { useKeys } from './use-keys.js';
import { usePastedId } from './use-pasted-id.js';
import { useTrouble } from './use-trouble.js';

/** Rail, top bar, and the page between them. */
export function Frame() {
  const [open, setOpen] = useState<'palette' | 'keys' | null>(null);
  useKeys({ palette: () => setOpen('palette'), help: () => setOpen('keys') });
  useLiveUpdates();
  usePastedId();
  useTrouble();
  return (
    <div className="frame">
      <a className="skip" href="#page">
        Skip to the page
      </a>
      <TopBar onSearch={() => setOpen('palette')} />
      <Rail />
      <main id="page" className="page" tabIndex={-1}>
        <StaleNotice />
        <Outlet />
      </main>
      {open === 'palette' && <CommandPalette onClose={() => setOpen(null)} />}
      {open === 'keys' && <KeyHelp onClose={() => setOpen(null)} />}
    </div>
  );
}
