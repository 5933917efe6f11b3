import type { MetricsSettings } from '../config/metrics-settings.js';
import { counter, gauge, histogram } from './metric-definition.js';

/** From being due to being started. */
const ETA_DELTA_BUCKETS = [0, 1, 5, 10, 30, 60, 300, 600, 1800, 3600];
const BACKEND_LATENCY_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2, 5];

const TASK = ['task_name', 'source'] as const;
const WORKER = ['worker_name', 'source'] as const;
const QUEUE = ['queue_name', 'source'] as const;
const PROCESS = ['process_type', 'worker_name', 'source'] as const;

/** Counted from events. */
export function taskMetrics(settings: Pick<MetricsSettings, 'durationBuckets' | 'waitBuckets'>) {
  return {
    total: counter(
      'celery_task_total',
      ['task_name', 'status', 'source'],
      ['task_name'],
      'Finished attempts by how they ended: success, failure, retry, revoked.',
    ),
    duration: histogram(
      'celery_task_duration_seconds',
      ['task_name', 'status', 'source'],
      ['task_name'],
      settings.durationBuckets,
      'Run time of finished attempts in seconds.',
    ),
    retries: counter(
      'celery_task_retries_total',
      ['task_name', 'reason', 'source'],
      ['task_name', 'reason'],
      'Attempts that ended in a retry, by exception class.',
    ),
    failures: counter(
      'taskscope_task_failures_total',
      ['task_name', 'reason', 'source'],
      ['task_name', 'reason'],
      'Attempts that failed for good, by exception class.',
    ),
    timeouts: counter('celery_task_timeouts_total', TASK, ['task_name'], 'Attempts that exceeded their time limit.'),
    rejected: counter(
      'taskscope_task_rejected_total',
      TASK,
      ['task_name'],
      'Attempts that a worker rejected: neither a success nor a failure, so not in celery_task_total.',
    ),
    wait: histogram(
      'celery_task_wait_seconds',
      TASK,
      ['task_name'],
      settings.waitBuckets,
      'Time from being enqueued, or from its ETA, to the first start, in seconds.',
    ),
    etaDelta: histogram(
      'celery_task_eta_delta_seconds',
      TASK,
      ['task_name'],
      ETA_DELTA_BUCKETS,
      'Start minus ETA of tasks that have one, in seconds; below 0 it started early.',
    ),
    backendLatency: histogram(
      'celery_result_backend_latency_seconds',
      ['operation', 'source'],
      [],
      BACKEND_LATENCY_BUCKETS,
      'Time that the result backend took to answer, in seconds.',
    ),
    activeTasks: gauge('celery_active_tasks', TASK, ['task_name'], 'sum', 'Tasks running now.'),
    failureRate: gauge('celery_task_failure_rate', TASK, ['task_name'], 'sum', 'Failures in the last 60 seconds.'),
    durationPercentile: gauge(
      'celery_task_duration_percentile_seconds',
      ['task_name', 'percentile', 'source'],
      ['task_name'],
      'none',
      'Run time below which 50, 95 or 99 % of the attempts of the last minutes stayed, in seconds, within 1 %.',
    ),
  } as const;
}

/** Taken from one look at every source; gone as soon as the source cannot be looked at. */
export const SNAPSHOT_METRICS = {
  workerUp: gauge(
    'celery_worker_up',
    WORKER,
    ['worker_name'],
    'min',
    '1 while the worker lives, 0 for some minutes after it has gone.',
  ),
  poolSize: gauge('celery_worker_pool_size', WORKER, ['worker_name'], 'sum', 'Tasks the worker can run at once.'),
  poolBusy: gauge('celery_worker_pool_busy', WORKER, ['worker_name'], 'sum', 'Tasks the worker is running now.'),
  prefetchCount: gauge(
    'celery_worker_prefetch_count',
    WORKER,
    ['worker_name'],
    'sum',
    'Tasks the worker may hold without having started them.',
  ),
  queueLength: gauge('celery_queue_length', QUEUE, ['queue_name'], 'sum', 'Tasks in the broker waiting for a worker.'),
  queueOldest: gauge(
    'celery_queue_oldest_seconds',
    QUEUE,
    ['queue_name'],
    'max',
    'How long the oldest waiting task has waited, in seconds.',
  ),
  workerStalled: gauge(
    'taskscope_worker_stalled',
    WORKER,
    ['worker_name'],
    'max',
    '1 while a worker lives and its work waits, and it takes none of it.',
  ),
  queueConsumers: gauge(
    'taskscope_queue_consumers',
    QUEUE,
    ['queue_name'],
    'none',
    'Workers that take tasks from the queue.',
  ),
  schedulesMissed: gauge(
    'taskscope_schedules_missed',
    QUEUE,
    ['queue_name'],
    'sum',
    'Repeating tasks of the queue whose next run is overdue with nothing there to run it.',
  ),
  processMemory: gauge('process_memory_usage_bytes', PROCESS, ['worker_name'], 'sum', 'Resident memory in bytes.'),
  processCpu: gauge('process_cpu_usage_percent', PROCESS, ['worker_name'], 'sum', 'CPU use in percent of one core.'),
  processCount: gauge('process_count', PROCESS, ['worker_name'], 'sum', 'Processes of the worker.'),
  diskIo: counter(
    'disk_io_bytes_total',
    ['operation', 'process_type', 'worker_name', 'source'],
    ['worker_name'],
    'Bytes read from and written to storage.',
  ),
} as const;
