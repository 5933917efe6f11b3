import { type ReactNode, useId } from 'react';

interface Props {
  readonly title: string;
  /** What is said where there is nothing to show: usually good news. */
  readonly nothing?: string;
  readonly isEmpty?: boolean;
  readonly more?: ReactNode;
  readonly children: ReactNode;
}

/** A titled part of a page. */
export function Panel({ title, nothing, isEmpty = false, more, children }: Props) {
  const heading = useId();
  return (
    <section className="panel" aria-labelledby={heading}>
      <header>
        <h2 id={heading}>{title}</h2>
        {more}
      </header>
      {isEmpty ? <p className="nothing">{nothing}</p> : children}
    </section>
  );
}
