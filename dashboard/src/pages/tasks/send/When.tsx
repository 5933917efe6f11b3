import { useState } from 'react';
import { useZone } from '../../../scope/preferences.js';

interface Asked {
  readonly delay_seconds?: number;
  readonly eta?: string;
}

export interface WhenState {
  readonly kind: Kind;
  readonly choose: (kind: Kind) => void;
  readonly text: string;
  readonly change: (text: string) => void;
  readonly wrong: boolean;
  /** As the service wants it. */
  readonly asked: Asked;
}

const KINDS = { now: 'at once', after: 'after so many seconds', at: 'at a time' } as const;
type Kind = keyof typeof KINDS;

/** When a task is to run: told as the reader's clock tells time, in the zone that the page shows. */
export function useWhen(): WhenState {
  const [kind, choose] = useState<Kind>('now');
  const [text, change] = useState('');
  const zone = useZone();
  const asked = askedFor(kind, text, zone === 'utc');
  return {
    kind,
    choose: (next) => {
      choose(next);
      change('');
    },
    text,
    change,
    wrong: asked === null,
    asked: asked ?? {},
  };
}

function askedFor(kind: Kind, text: string, utc: boolean): Asked | null {
  if (kind === 'now') return {};
  if (text === '') return null;
  if (kind === 'after') {
    const seconds = Number(text);
    return Number.isFinite(seconds) && seconds >= 0 ? { delay_seconds: seconds } : null;
  }
  const at = Date.parse(utc ? `${text}Z` : text);
  return Number.isNaN(at) ? null : { eta: new Date(at).toISOString() };
}

export function When({ when }: { readonly when: WhenState }) {
  const zone = useZone();
  return (
    <div className="send-when">
      <label>
        To be run
        <select
          className="choice"
          value={when.kind}
          onChange={(event) => {
            const kind = (['now', 'after', 'at'] as const).find((known) => known === event.target.value);
            if (kind !== undefined) when.choose(kind);
          }}
        >
          {Object.entries(KINDS).map(([kind, words]) => (
            <option key={kind} value={kind}>
              {words}
            </option>
          ))}
        </select>
      </label>
      {when.kind === 'after' && (
        <label>
          Seconds
          <input
            className="field"
            type="number"
            required
            min={0}
            max={31_536_000}
            step="any"
            value={when.text}
            onChange={(event) => when.change(event.target.value)}
          />
        </label>
      )}
      {when.kind === 'at' && (
        <label>
          {zone === 'utc' ? 'Time, UTC' : 'Time, of this browser'}
          <input
            className="field"
            type="datetime-local"
            required
            step={1}
            value={when.text}
            onChange={(event) => when.change(event.target.value)}
          />
        </label>
      )}
    </div>
  );
}
