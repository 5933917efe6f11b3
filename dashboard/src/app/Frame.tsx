import { useState } from 'react';
import { Outlet } from 'react-router';
import { useLiveUpdates } from '../api/live.js';
import { useSession } from '../api/session.js';
import { CommandPalette } from './CommandPalette.js';
import { KeyHelp } from './KeyHelp.js';
import { Rail } from './Rail.js';
import { SignIn } from './SignIn.js';
import { StaleNotice } from './StaleNotice.js';
import { TopBar } from './TopBar.js';
import { useKeys } from './use-keys.js';
import { usePastedId } from './use-pasted-id.js';
import { useTrouble } from './use-trouble.js';
import { Warnings } from './Warnings.js';

/** The page for whoever may see it; else the way to sign in. */
export function Frame() {
  const { data } = useSession();
  if (data !== undefined && !data.authenticated && data.sign_in.required) return <SignIn ways={data.sign_in} />;
  return <Inside />;
}

/** Rail, top bar, and the page between them. */
function Inside() {
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
        <Warnings />
        <StaleNotice />
        <Outlet />
      </main>
      {open === 'palette' && <CommandPalette onClose={() => setOpen(null)} />}
      {open === 'keys' && <KeyHelp onClose={() => setOpen(null)} />}
    </div>
  );
}
