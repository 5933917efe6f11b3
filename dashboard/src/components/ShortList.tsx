import type { ReactNode } from 'react';

interface Props {
  readonly rows: readonly { readonly key: string; readonly name: ReactNode; readonly facts: ReactNode }[];
}

/** A few names, each with what is to be said of it at the right. */
export function ShortList({ rows }: Props) {
  return (
    <ul className="short-list">
      {rows.map(({ key, name, facts }) => (
        <li key={key}>
          <span className="short-name">{name}</span>
          <span className="short-facts">{facts}</span>
        </li>
      ))}
    </ul>
  );
}
