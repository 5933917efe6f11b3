import { z } from 'zod';
import { openTo } from './access-settings.js';

const metricName = z.string().regex(/^[a-z][a-z0-9_]*$/, 'a metric name: lower-case letters, digits and _');
const labelName = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, 'a label name: lower-case letters, digits and _')
  .refine((name) => name !== 'le' && name !== 'source', 'a label name other than `le` and `source`, which are taken');
const buckets = z
  .array(z.number())
  .min(1)
  .max(50)
  .refine(
    (list) => list.every((value, at) => at === 0 || value > (list[at - 1] ?? 0)),
    'bucket bounds in rising order',
  );
const durationBuckets = buckets.refine((list) => list.every((value) => value > 0), 'bucket bounds above 0');

/** Where in a result: names of fields, from the outside in, joined by dots, such as `metrics.rmse`. */
const path = z.string().min(1).max(256);
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const conditions = z.record(path, z.union([scalar, z.array(scalar).min(1)])).default({});

/** A value taken from a task's result by its path, or the same text for every task. */
const labelSource = z.union([
  z.strictObject({ path, default: z.string().default('unknown').describe('Used where the result has no such field') }),
  z.strictObject({ value: z.string() }),
]);

/** Turns one field of the results of some tasks into a counter or a histogram. */
export const resultRuleSchema = z
  .strictObject({
    metric: metricName.describe('Name of the metric; rules with the same name feed the same metric'),
    help: z.string().min(1).describe('What it means, shown by Prometheus'),
    type: z
      .enum(['counter', 'histogram'])
      .describe('A counter adds 1 per matching result; a histogram observes `value`'),
    tasks: z
      .string()
      .default('*')
      .describe('Task names it looks at: exact, or the beginning followed by `*`; `*` for all'),
    when: conditions.describe('Fields of the result that must have this value, or one of these'),
    unless: conditions.describe('Fields of the result that must not have this value, or any of these'),
    requires: z.array(path).default([]).describe('Fields that the result must have'),
    lacks: z.array(path).default([]).describe('Fields that the result must not have'),
    value: path.optional().describe('Path of the number that a histogram observes; results without it are left out'),
    buckets: buckets.optional().describe('Upper bounds of a histogram'),
    labels: z.record(labelName, labelSource).default({}).describe('Label values, by path into the result or fixed'),
  })
  .refine(
    ({ type, value, buckets }) =>
      type === 'histogram'
        ? value !== undefined && buckets !== undefined
        : value === undefined && buckets === undefined,
    '`value` and `buckets` in a histogram, and neither in a counter',
  );
export type ResultRule = z.infer<typeof resultRuleSchema>;

export const metricsSettingsSchema = z.strictObject({
  port: z
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe('A further port, such as 9808, that answers /metrics and the probes and nothing else; none unless said'),
  host: z.string().min(1).optional().describe('Address of that port; that of the first where it is missing'),
  access: openTo
    .optional()
    .describe(
      'Who may read /metrics on that port: permission, open, or these addresses; auth.metrics where it is missing',
    ),
  durationBuckets: durationBuckets
    .default([1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200])
    .describe('Upper bounds of celery_task_duration_seconds, in seconds; add sub-second ones for fast tasks'),
  waitBuckets: durationBuckets
    .default([0.1, 0.5, 1, 5, 10, 30, 60, 300, 600, 1800, 3600])
    .describe('Upper bounds of celery_task_wait_seconds, in seconds'),
  maxSeries: z
    .int()
    .min(10)
    .max(100_000)
    .default(2000)
    .describe('Distinct label sets per metric; further ones are added up under `__other__`'),
  percentileWindowSeconds: z
    .int()
    .min(10)
    .max(3600)
    .default(300)
    .describe('Window of celery_task_duration_percentile_seconds'),
  trainingAndTuning: z.boolean().default(true).describe('Ship the rules for the training and tuning metrics'),
  resultRules: z.array(resultRuleSchema).max(100).default([]).describe('Metrics made from the results of tasks'),
});
export type MetricsSettings = z.infer<typeof metricsSettingsSchema>;
