import type { ReactNode } from 'react';
import { ScopedLink } from './ScopedLink.js';
import '../styles/page-head.css';

interface Props {
  readonly title: string;
  /** Where the list is that this is one of. */
  readonly up?: { readonly to: string; readonly label: string };
  /** Right behind the title: a state, a copy button. */
  readonly beside?: ReactNode;
  /** What can be done, or chosen, at the right. */
  readonly children?: ReactNode;
}

/** The first line of a page: what it is about, and what can be done here. */
export function PageHead({ title, up, beside, children }: Props) {
  return (
    <header className="page-head">
      <div className="page-title">
        {up !== undefined && (
          <ScopedLink to={up.to} className="hint">
            {up.label}
          </ScopedLink>
        )}
        <h1>{title}</h1>
        {beside}
      </div>
      {children !== undefined && <div className="page-tools">{children}</div>}
    </header>
  );
}
