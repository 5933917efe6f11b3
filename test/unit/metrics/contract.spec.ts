import { describe, expect, test } from '@jest/globals';
import { metricsSettingsSchema } from '../../../src/config/metrics-settings.js';
import type {
  CounterDefinition,
  GaugeDefinition,
  HistogramDefinition,
} from '../../../src/metrics/metric-definition.js';
import { SNAPSHOT_METRICS, taskMetrics } from '../../../src/metrics/metric-definitions.js';
import { MetricFamilies } from '../../../src/metrics/metric-families.js';
import { ResultMetrics } from '../../../src/metrics/result-metrics.js';
import { SERVICE_METRICS } from '../../../src/metrics/service-metric-definitions.js';

/** The published contract, as it is written down: metric, type and buckets, labels. The only further label is `source`. */
const CONTRACT = `
celery_task_duration_seconds | histogram 1,5,10,30,60,120,300,600,1800,3600,7200 | task_name, status
celery_task_total | counter | task_name, status
celery_active_tasks | gauge | task_name
celery_worker_pool_size | gauge | worker_name
celery_worker_pool_busy | gauge | worker_name
celery_worker_prefetch_count | gauge | worker_name
celery_worker_up | gauge | worker_name
celery_queue_length | gauge | queue_name
celery_queue_oldest_seconds | gauge | queue_name
celery_task_failure_rate | gauge | task_name
celery_task_retries_total | counter | task_name, reason
celery_task_timeouts_total | counter | task_name
celery_task_wait_seconds | histogram | task_name
celery_task_eta_delta_seconds | histogram 0,1,5,10,30,60,300,600,1800,3600 | task_name
celery_task_duration_percentile_seconds | gauge | task_name, percentile
celery_result_backend_latency_seconds | histogram .001,.005,.01,.05,.1,.5,1,2,5 | operation
model_training_duration_seconds | histogram 10,30,60,120,300,600,1800,3600,7200 | model_type, task_type
model_training_samples | histogram 100,500,1000,5000,10000,50000,100000,500000,1000000 | model_type
model_training_features | histogram 5,10,20,50,100,200,500,1000 | model_type
model_training_result_total | counter | model_type, result
models_trained_total | counter | model_type, task_type
hyperparameter_tuning_duration_seconds | histogram 60,300,600,1800,3600,7200,14400,28800 | model_type, tuning_method
hyperparameter_tuning_iterations | histogram 5,10,20,50,100,200,500,1000 | tuning_method
hyperparameter_tuning_best_score | histogram .1,.2,.3,.4,.5,.6,.7,.8,.9,.95,.99,1 | model_type, tuning_method
hyperparameter_tuning_result_total | counter | model_type, tuning_method, result
process_memory_usage_bytes | gauge | process_type, worker_name
process_cpu_usage_percent | gauge | process_type, worker_name
disk_io_bytes_total | counter | operation, process_type, worker_name
process_count | gauge | process_type, worker_name
`
  .trim()
  .split('\n')
  .map((row) => {
    const [name = '', kind = '', labels = ''] = row.split(' | ');
    const [type = '', buckets] = kind.split(' ');
    return { name, type, buckets: buckets?.split(',').map(Number), labels: labels.split(', ') };
  });

const settings = metricsSettingsSchema.parse({});
const families = new MetricFamilies(settings.maxSeries);
new ResultMetrics(families, settings);
const definitions = new Map<string, CounterDefinition | GaugeDefinition | HistogramDefinition>(
  [
    ...Object.values(taskMetrics(settings)),
    ...Object.values(SNAPSHOT_METRICS),
    ...families.all().map((family) => family.definition),
  ].map((definition) => [definition.name, definition]),
);

describe('the metrics', () => {
  test.each(CONTRACT)('$name has the type, buckets and labels of the contract', ({ name, type, buckets, labels }) => {
    const definition = definitions.get(name);

    expect(definition?.type).toBe(type);
    expect([...(definition?.labels ?? [])].sort()).toEqual([...labels, 'source'].sort());
    if (buckets !== undefined) expect(definition?.type === 'histogram' && definition.buckets).toEqual(buckets);
  });

  test('have no other names than the contract, but for the service about itself', () => {
    const contract = new Set(CONTRACT.map(({ name }) => name));
    const all = [...definitions.keys(), ...Object.values(SERVICE_METRICS).map(({ name }) => name)];

    expect(all.filter((name) => !contract.has(name) && !name.startsWith('taskscope_'))).toEqual([]);
  });
});
