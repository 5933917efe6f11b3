import type { components } from '../../api/schema.js';
import { Badge } from '../../components/State.js';
import { Time } from '../../components/Time.js';
import type { Column } from '../../components/table-columns.js';

export type AuditRecord = components['schemas']['AuditRecordDto'];

const LOOK = {
  allowed: { word: 'done', tone: 'success', icon: 'check' },
  refused: { word: 'refused', tone: 'revoked', icon: 'slash' },
  failed: { word: 'failed', tone: 'failure', icon: 'cross' },
} as const satisfies Record<AuditRecord['outcome'], object>;

export const COLUMNS: readonly Column<AuditRecord>[] = [
  { id: 'at', header: 'When', width: 88, cell: ({ at }) => <Time at={at} /> },
  { id: 'outcome', header: 'Outcome', width: 100, cell: ({ outcome }) => <Badge {...LOOK[outcome]} /> },
  { id: 'who', header: 'Who', width: 100, grow: true, cell: ({ who, kind }) => who ?? kind ?? 'nobody' },
  { id: 'action', header: 'Action', width: 130, grow: true, priority: 2, cell: ({ action }) => action },
  {
    id: 'path',
    header: 'On',
    width: 180,
    grow: true,
    priority: 2,
    cell: ({ path }) => (
      <span className="mono" title={path}>
        {path.replace(/^.*?\/api\/v1\/celery/, '')}
      </span>
    ),
  },
  {
    id: 'message',
    header: 'Said',
    width: 160,
    grow: true,
    priority: 3,
    cell: ({ message }) => <span title={message ?? undefined}>{message}</span>,
  },
  { id: 'from', header: 'From', width: 120, priority: 3, cell: ({ from }) => from },
  { id: 'status', header: 'Status', width: 64, align: 'right', priority: 4, cell: ({ status }) => status },
];
