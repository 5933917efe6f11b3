import { type ReactNode, useEffect, useRef } from 'react';

interface Props {
  readonly label: string;
  readonly face: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}

/** Something that opens below its button, and closes on Esc and on a click elsewhere. */
export function Menu({ label, face, className = '', children }: Props) {
  const element = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event) => {
      const menu = element.current;
      if (menu === null || !menu.open) return;
      const outside = event instanceof MouseEvent && event.target instanceof Node && !menu.contains(event.target);
      const escaped = event instanceof KeyboardEvent && event.key === 'Escape';
      if (!outside && !escaped) return;
      menu.open = false;
      if (escaped) menu.querySelector('summary')?.focus();
    };
    document.addEventListener('click', close);
    document.addEventListener('keydown', close);
    return () => {
      document.removeEventListener('click', close);
      document.removeEventListener('keydown', close);
    };
  }, []);
  return (
    <details ref={element} className={`menu ${className}`}>
      <summary aria-label={label} title={label}>
        {face}
      </summary>
      <div className="menu-panel">{children}</div>
    </details>
  );
}
