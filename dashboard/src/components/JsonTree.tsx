import { useState } from 'react';
import { counted } from '../format/numbers.js';
import { CopyButton } from './CopyButton.js';

/** Entries shown of one object or list before the reader asks for more. */
const FIRST = 100;
const OPEN_DEPTH = 2;
const LONG_TEXT = 400;

interface Props {
  readonly value: unknown;
  /** What it is, for the copy button and the screen reader: "arguments". */
  readonly what: string;
}

/** JSON that folds, with the whole of it to copy. Everything is text: nothing in it is ever taken for markup. */
export function JsonTree({ value, what }: Props) {
  return (
    <div className="json">
      <div className="json-copy">
        <CopyButton text={JSON.stringify(value, null, 2) ?? ''} what={what} />
      </div>
      <Node value={value} depth={0} />
    </div>
  );
}

function Node({ value, depth }: { readonly value: unknown; readonly depth: number }) {
  if (typeof value === 'string') return <Text value={value} />;
  if (typeof value !== 'object' || value === null) {
    return <span className={`json-${value === null ? 'null' : typeof value}`}>{String(value)}</span>;
  }
  const list = Array.isArray(value);
  const entries: [string, unknown][] = Object.entries(value);
  if (entries.length === 0) return <span className="json-null">{list ? '[]' : '{}'}</span>;
  return (
    <details className="json-node" open={depth < OPEN_DEPTH}>
      <summary>{list ? `[${counted(entries.length, 'item')}]` : `{${counted(entries.length, 'field')}}`}</summary>
      <Entries entries={entries} list={list} depth={depth} />
    </details>
  );
}

function Entries({
  entries,
  list,
  depth,
}: {
  readonly entries: readonly (readonly [string, unknown])[];
  readonly list: boolean;
  readonly depth: number;
}) {
  const [shown, setShown] = useState(FIRST);
  return (
    <ul>
      {entries.slice(0, shown).map(([key, value]) => (
        <li key={key}>
          <span className={list ? 'json-index' : 'json-key'}>{key}</span>
          <Node value={value} depth={depth + 1} />
        </li>
      ))}
      {shown < entries.length && (
        <li>
          <button type="button" className="button small" onClick={() => setShown(shown + FIRST * 10)}>
            {counted(entries.length - shown, 'more entry', 'more entries')}
          </button>
        </li>
      )}
    </ul>
  );
}

function Text({ value }: { readonly value: string }) {
  const [whole, setWhole] = useState(false);
  if (whole || value.length <= LONG_TEXT) return <span className="json-string">{JSON.stringify(value)}</span>;
  return (
    <span className="json-string">
      {JSON.stringify(value.slice(0, LONG_TEXT))}
      <button type="button" className="button small" onClick={() => setWhole(true)}>
        {counted(value.length - LONG_TEXT, 'more character')}
      </button>
    </span>
  );
}
