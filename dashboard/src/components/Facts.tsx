import type { ReactNode } from 'react';
import '../styles/page-head.css';

interface Fact {
  readonly name: string;
  readonly value: ReactNode;
}

/** Names and values, two columns wide. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className="facts">
      {facts.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
