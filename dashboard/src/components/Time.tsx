import { absolute, clockTime, relative } from '../format/times.js';
import { useTextOfNow } from '../scope/now.js';
import { useZone } from '../scope/preferences.js';
import { Unknown } from './Unknown.js';

interface Props {
  /** ISO 8601. */
  readonly at: string | null | undefined;
  /** `relative` says how long ago, `clock` the time of day. The absolute time with its zone is on hover either way. */
  readonly as?: 'relative' | 'clock';
  readonly why?: string;
}

export function Time({ at, as = 'relative', why = 'The engine does not tell when' }: Props) {
  const zone = useZone();
  const ms = at === null || at === undefined ? Number.NaN : Date.parse(at);
  const text = useTextOfNow((now) => (as === 'relative' ? relative(ms, now) : clockTime(ms, zone, now)));
  if (Number.isNaN(ms)) return <Unknown why={why} />;
  return (
    <time className="number" dateTime={new Date(ms).toISOString()} title={absolute(ms, zone)}>
      {text}
    </time>
  );
}
