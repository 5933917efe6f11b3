import { useId, useState } from 'react';
import { answered, client } from '../../api/client.js';
import { CopyButton } from '../../components/CopyButton.js';
import { Dialog } from '../../components/Dialog.js';

const ROLES = ['viewer', 'operator', 'admin'] as const;

/** Makes a token, which is shown this once. */
export function NewToken({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<string>(ROLES[0]);
  const [days, setDays] = useState(90);
  const [token, setToken] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const fields = useId();
  const make = async () => {
    try {
      const made = await answered(
        client.POST('/api/v1/celery/tokens', { body: { name, role, expires_in_days: days } }),
      );
      setToken(made.token);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <Dialog label="A new API token" onClose={onClose}>
      <h2>A new API token</h2>
      {token === null ? (
        <form
          className="token-form"
          onSubmit={(event) => {
            event.preventDefault();
            void make();
          }}
        >
          <label htmlFor={`${fields}-name`}>What uses it</label>
          <input
            id={`${fields}-name`}
            className="field"
            required
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <label htmlFor={`${fields}-role`}>Role</label>
          <input
            id={`${fields}-role`}
            className="field"
            required
            list={`${fields}-roles`}
            value={role}
            onChange={(event) => setRole(event.target.value)}
          />
          <datalist id={`${fields}-roles`}>
            {ROLES.map((known) => (
              <option key={known} value={known} />
            ))}
          </datalist>
          <label htmlFor={`${fields}-days`}>Days until it expires</label>
          <input
            id={`${fields}-days`}
            className="field"
            type="number"
            min={1}
            max={366}
            value={days}
            onChange={(event) => setDays(event.target.valueAsNumber)}
          />
          {problem !== null && (
            <p className="bad" role="alert">
              {problem}
            </p>
          )}
          <div className="dialog-actions">
            <button type="button" className="button" onClick={onClose}>
              Cancel
            </button>
            <button type="submit" className="button">
              Make it
            </button>
          </div>
        </form>
      ) : (
        <>
          <p>Copy it now: it is not shown again.</p>
          <p className="command">
            <code>{token}</code>
            <CopyButton text={token} what="the token" />
          </p>
          <div className="dialog-actions">
            <button type="button" className="button" onClick={onClose}>
              Close
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}
