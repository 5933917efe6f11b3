import { useState } from 'react';
import { Icon } from './Icon.js';

const SHOWN_MS = 1_500;

/** Copies a text; says so where it has happened, and where it has not. */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const [outcome, setOutcome] = useState<'copied' | 'refused' | null>(null);
  const copy = async () => {
    const done = await written(text);
    setOutcome(done ? 'copied' : 'refused');
    setTimeout(() => setOutcome(null), SHOWN_MS);
  };
  const label = outcome === null ? `Copy ${what}` : outcome === 'copied' ? 'Copied' : 'The browser refused to copy';
  return (
    <button type="button" className="icon-button" aria-label={label} title={label} onClick={() => void copy()}>
      <Icon name={outcome === 'copied' ? 'check' : outcome === 'refused' ? 'cross' : 'copy'} size={14} />
    </button>
  );
}

async function written(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without https the clipboard is closed to pages: the old way still works there.
    const field = document.createElement('textarea');
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    return done;
  }
}
