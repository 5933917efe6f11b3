import { useState } from 'react';

interface Field<T> {
  readonly text: string;
  readonly change: (text: string) => void;
  /** What is to be sent; undefined where it was left as it was. */
  readonly edited: T | undefined;
  readonly wrong: boolean;
}

/** A JSON text that begins as what is known; empty where it is known only as the engine's own text. */
export function useJsonField<T>(known: unknown, fits: (value: unknown) => value is T): Field<T> {
  const [before] = useState(fits(known) ? JSON.stringify(known, null, 1).replaceAll(/\n\s*/g, ' ') : '');
  const [text, change] = useState(before);
  if (text.trim() === before.trim()) return { text, change, edited: undefined, wrong: false };
  const value = parsed(text);
  return fits(value) ? { text, change, edited: value, wrong: false } : { text, change, edited: undefined, wrong: true };
}

interface JsonFieldProps {
  readonly label: string;
  readonly field: Field<unknown>;
  readonly expected: string;
  readonly placeholder: string;
}

export function JsonField({ label, field: { text, change, wrong }, expected, placeholder }: JsonFieldProps) {
  return (
    <label>
      {label}
      <textarea
        className="field json-field"
        rows={3}
        spellCheck={false}
        aria-invalid={wrong}
        placeholder={placeholder}
        value={text}
        onChange={(event) => change(event.target.value)}
      />
      {wrong && <span className="bad">Expected {expected}.</span>}
    </label>
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not finished yet, or no JSON: the field says so.
    return undefined;
  }
}

export function isList(value: unknown): value is unknown[] {
  return Array.isArray(value);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
