import { Dialog } from '../components/Dialog.js';
import { usePages } from './pages.js';

const KEYS: readonly (readonly [string, string])[] = [
  ['⌘K', 'search, or go to a task by its id'],
  ['/', 'filter this page'],
  ['p', 'hold the updates, or let them run'],
  ['↑ ↓, j k', 'walk a list'],
  ['Enter', 'open what is marked'],
  ['x', 'select what is marked'],
  ['Esc', 'close what is open'],
  ['?', 'this'],
];

export function KeyHelp({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog label="Keys" onClose={onClose}>
      <h2>Keys</h2>
      <dl className="keys">
        {[...KEYS, ...usePages().map(({ key, title }) => [`g ${key}`, `go to ${title}`] as const)].map(
          ([key, meaning]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{meaning}</dd>
            </div>
          ),
        )}
      </dl>
      <p>A task id pasted anywhere opens the task.</p>
    </Dialog>
  );
}
