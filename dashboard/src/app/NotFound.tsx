import { Empty } from '../components/PageState.js';
import { ScopedLink } from '../components/ScopedLink.js';

export function NotFound() {
  return (
    <Empty title="There is no such page">
      <p>
        The address leads nowhere. <ScopedLink to="/">Go to the overview</ScopedLink>, or press <kbd>?</kbd> for the
        keys.
      </p>
    </Empty>
  );
}
