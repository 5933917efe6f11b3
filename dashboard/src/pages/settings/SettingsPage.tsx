import { useMay } from '../../api/session.js';
import { AppearanceChoice } from '../../components/AppearanceChoice.js';
import { Panel } from '../../components/Panel.js';
import { Account } from './Account.js';
import { SourceCosts } from './SourceCosts.js';
import { Tokens } from './Tokens.js';
import './settings.css';

/** What belongs to the reader, who he is, what watching costs, and API tokens. */
export function SettingsPage() {
  const may = useMay();
  return (
    <div className="settings">
      <h1>Settings</h1>
      <Panel title="Appearance">
        <AppearanceChoice />
      </Panel>
      <Account />
      <SourceCosts />
      {may('manage-access') && <Tokens />}
    </div>
  );
}
