import type { TaskSummary } from '../../api/model.js';
import { Icon } from '../../components/Icon.js';
import { Menu } from '../../components/Menu.js';
import { csv, saveFile } from '../../components/save-file.js';
import { counted } from '../../format/numbers.js';

const FIELDS = [
  'source',
  'engine',
  'task_id',
  'task_name',
  'state',
  'queue',
  'worker',
  'sent_at',
  'eta',
  'started_at',
  'finished_at',
  'runtime_seconds',
  'attempts',
] as const satisfies readonly (keyof TaskSummary)[];

/** Gives what is on the screen as a file. */
export function Export({ rows }: { readonly rows: readonly TaskSummary[] }) {
  return (
    <Menu label="Download" className="export" face={<Icon name="download" size={14} />}>
      <p className="hint">{counted(rows.length, 'task')} on the screen</p>
      <button
        type="button"
        className="menu-item"
        onClick={() =>
          saveFile(
            'tasks.csv',
            'text/csv',
            csv(
              [...FIELDS, 'error_type', 'error_message'],
              rows.map((row) => [
                ...FIELDS.map((field) => row[field]),
                row.error?.type ?? null,
                row.error?.message ?? null,
              ]),
            ),
          )
        }
      >
        As CSV
      </button>
      <button
        type="button"
        className="menu-item"
        onClick={() => saveFile('tasks.json', 'application/json', JSON.stringify(rows, null, 2))}
      >
        As JSON
      </button>
    </Menu>
  );
}
