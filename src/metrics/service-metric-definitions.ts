import { counter, gauge } from './metric-definition.js';

const SOURCE = ['source'] as const;

/** The history about itself; absent where nothing is stored. */
export const HISTORY_METRICS = {
  up: gauge('taskscope_history_up', [], [], 'none', '1 while the history can be written, 0 while it cannot.'),
  writer: gauge(
    'taskscope_history_writer',
    [],
    [],
    'none',
    '1 where this instance writes the history, 0 where another one does and this one only reads it.',
  ),
  pending: gauge('taskscope_history_pending_tasks', [], [], 'none', 'Tasks whose latest state is not stored yet.'),
  batchDuration: gauge(
    'taskscope_history_batch_duration_seconds',
    [],
    [],
    'none',
    'How long the latest batch took to be stored, in seconds.',
  ),
  tasks: gauge('taskscope_history_tasks', [], [], 'none', 'Tasks stored.'),
  bytes: gauge('taskscope_history_bytes', [], [], 'none', 'Size of the history on disk, in bytes.'),
  stored: counter('taskscope_history_stored_total', [], [], 'Records of tasks written.'),
  shed: counter(
    'taskscope_history_shed_total',
    [],
    [],
    'Changes of tasks that were not stored because the history is slower than the events; counters are stored all the same.',
  ),
  failures: counter(
    'taskscope_history_write_failures_total',
    [],
    [],
    'Batches that could not be written; they are tried again.',
  ),
} as const;

/** The service about itself. */
export const SERVICE_METRICS = {
  buildInfo: gauge(
    'taskscope_build_info',
    ['version', 'node_version'],
    [],
    'none',
    'Always 1; the labels say what runs.',
  ),
  sourceUp: gauge(
    'taskscope_source_up',
    ['source', 'engine'],
    [],
    'none',
    '1 if the source answered this scrape; at 0 the gauges of its tasks, workers and queues are absent.',
  ),
  events: counter('taskscope_events_total', ['source', 'kind'], [], 'Facts heard for the first time, by kind.'),
  rejected: counter(
    'taskscope_events_rejected_total',
    ['source', 'reason'],
    ['reason'],
    'Things from the broker that could not be used.',
  ),
  lastEventAge: gauge(
    'taskscope_last_event_age_seconds',
    SOURCE,
    [],
    'none',
    'Time since anything was last heard from the source, in seconds; absent until something was.',
  ),
  eventLag: gauge(
    'taskscope_event_lag_seconds',
    SOURCE,
    [],
    'none',
    'From when the latest fact happened to when it was heard, in seconds; includes any difference between the clocks.',
  ),
  gaps: counter('taskscope_gaps_total', ['source', 'reason'], ['reason'], 'Times of which not everything is known.'),
  gapMissed: counter(
    'taskscope_gap_missed_at_most_total',
    SOURCE,
    [],
    'Finished attempts missing from the counters, at most.',
  ),
  gapUnbounded: counter(
    'taskscope_gaps_unbounded_total',
    SOURCE,
    [],
    'Gaps of which nobody can tell how many attempts they hide.',
  ),
  reconciled: counter(
    'taskscope_reconciled_total',
    ['source', 'status'],
    [],
    'Finished attempts counted from the totals of the broker or a worker instead of an event each.',
  ),
  reconnects: counter('taskscope_source_reconnects_total', SOURCE, [], 'Connections to the broker made again.'),
  connections: gauge('taskscope_broker_connections', SOURCE, [], 'none', 'Connections to the broker open now.'),
  commands: counter('taskscope_broker_commands_total', SOURCE, [], 'Commands sent to the broker.'),
  bytesRead: counter('taskscope_broker_read_bytes_total', SOURCE, [], 'Bytes read from the broker.'),
  brokerMemory: gauge(
    'taskscope_broker_memory_bytes',
    SOURCE,
    [],
    'none',
    "Memory that the broker's data takes, by its own word, in bytes; absent where it does not tell.",
  ),
  brokerMemoryLimit: gauge(
    'taskscope_broker_memory_limit_bytes',
    SOURCE,
    [],
    'none',
    'Memory that the broker may use, in bytes; absent where there is no limit or it does not tell.',
  ),
  brokerClients: gauge(
    'taskscope_broker_clients',
    SOURCE,
    [],
    'none',
    'Connections of anybody to the broker, by its own word; absent where it does not tell.',
  ),
  pollDuration: gauge(
    'taskscope_poll_duration_seconds',
    SOURCE,
    [],
    'none',
    'How long the latest poll of the source took, in seconds.',
  ),
  snapshotAge: gauge('taskscope_snapshot_age_seconds', SOURCE, [], 'none', 'Age of the latest good poll, in seconds.'),
  liveTasks: gauge('taskscope_live_tasks', [], [], 'none', 'Tasks held in memory.'),
  liveBytes: gauge('taskscope_live_bytes', [], [], 'none', 'Estimated memory of the tasks held, in bytes.'),
  forgotten: counter(
    'taskscope_live_forgotten_total',
    [],
    [],
    'Unfinished tasks dropped from memory because of its limit.',
  ),
  labelOverflow: counter(
    'taskscope_label_overflow_total',
    ['metric'],
    [],
    'What was added up under __other__ because the metric has its maximum of label sets.',
  ),
  scrapeDuration: gauge(
    'taskscope_scrape_duration_seconds',
    [],
    [],
    'none',
    'How long the scrape before this one took, from looking at the sources to the finished text, in seconds.',
  ),
  eventLoopDelay: gauge(
    'taskscope_event_loop_delay_p99_seconds',
    [],
    [],
    'none',
    'Delay of the event loop below which 99 % stayed since the last scrape, in seconds.',
  ),
  heap: gauge('taskscope_heap_used_bytes', [], [], 'none', 'JavaScript heap in use, in bytes.'),
  startTime: gauge('taskscope_start_time_seconds', [], [], 'none', 'When the service started, in Unix seconds.'),
} as const;
