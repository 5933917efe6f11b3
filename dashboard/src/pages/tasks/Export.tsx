import { apiAddress } from '../../api/client.js';
import { Icon } from '../../components/Icon.js';
import { Menu } from '../../components/Menu.js';
import { count, counted } from '../../format/numbers.js';
import type { Asked } from './use-task-list.js';

/** As many as the service writes into one file. */
const MOST = 1_000_000;

const FORMATS = [
  { format: 'csv', words: 'As CSV' },
  { format: 'ndjson', words: 'As JSON, one task a line' },
] as const;

interface Props {
  readonly asked: Asked;
  /** Tasks that match; undefined while that is not known. */
  readonly total: number | undefined;
}

/** Everything that the filter selects as a file, which the service writes while it is taken. */
export function Export({ asked, total }: Props) {
  return (
    <Menu label="Download" className="export" face={<Icon name="download" size={14} />}>
      <p className="hint">
        {total === undefined ? 'All tasks that match' : `All that match: ${counted(total, 'task')}`}
        {total !== undefined && total > MOST && `, the first ${count(MOST)}`}
      </p>
      {FORMATS.map(({ format, words }) => (
        <a key={format} className="menu-item" href={addressOf(asked, format)} download={`tasks.${format}`}>
          {words}
        </a>
      ))}
    </Menu>
  );
}

function addressOf(asked: Asked, format: string): string {
  const search = new URLSearchParams({ format, limit: String(MOST) });
  for (const [name, value] of Object.entries(asked)) if (value !== undefined) search.set(name, String(value));
  return `${apiAddress('/tasks/export')}?${search}`;
}
