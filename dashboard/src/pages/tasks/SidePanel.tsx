import { useEffect } from 'react';
import { Icon } from '../../components/Icon.js';
import { ScopedLink, taskPath } from '../../components/ScopedLink.js';
import { TaskView } from './TaskView.js';

interface Props {
  readonly id: string;
  readonly source: string | null;
  readonly close: () => void;
}

/** A task beside its list: Esc closes it, the list's own keys walk on. */
export function SidePanel({ id, source, close }: Props) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && document.querySelector('dialog[open], .menu[open]') === null) close();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [close]);
  return (
    <aside className="side-panel" aria-label="Task">
      <div className="side-tools">
        <ScopedLink
          to={taskPath(id)}
          className="icon-button"
          title="Open as a page"
          {...(source === null ? {} : { with: { source } })}
        >
          <Icon name="link" size={14} />
          <span className="visually-hidden">Open as a page</span>
        </ScopedLink>
        <button type="button" className="icon-button" aria-label="Close" onClick={close}>
          <Icon name="cross" size={14} />
        </button>
      </div>
      <TaskView key={`${source} ${id}`} id={id} source={source} />
    </aside>
  );
}
