import { z } from 'zod';
import { ENGINE_KINDS } from '../core/source.js';
import { accessSettingsSchema, httpSettingsSchema, tlsSettingsSchema } from './access-settings.js';
import { alikeBrokers, brokerSchema, parseBrokerWord } from './broker-setting.js';
import { historySettingsSchema } from './history-settings.js';
import { metricsSettingsSchema } from './metrics-settings.js';
import { redactionSettingsSchema } from './redaction-settings.js';

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export const LOG_FORMATS = ['auto', 'json', 'text'] as const;

/** One or more plain segments, the first of them none that the service needs itself. */
const DASHBOARD_PREFIX = /^(?!\/(?:api|docs|metrics|health)(?:\/|$))(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/;

/**
 * Every setting there is: the file, the environment and the flags all fill this one shape. Descriptions become docs/configuration.md and
 * the help text.
 */
export const settingsSchema = z.strictObject({
  brokers: z
    .array(z.union([z.string().transform(parseBrokerWord).pipe(brokerSchema), brokerSchema]))
    .max(50)
    .superRefine((brokers, { addIssue }) => {
      for (const [at, message] of alikeBrokers(brokers)) addIssue({ code: 'custom', path: [at], message });
    })
    .default([])
    .describe(
      `What to watch: URLs, each optionally as NAME=URL and with the engine (${ENGINE_KINDS.join(', ')}) before a plus, such as bull+redis://. None: an embedded Redis with a sample workload`,
    ),
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on'),
  port: z.int().min(0).max(65_535).default(8000).describe('Port to listen on; 0 picks a free one'),
  data: z.string().min(1).default('.taskscope').describe('Folder for everything that is kept on disk'),
  sample: z
    .strictObject({
      enabled: z.boolean().default(true).describe('Run the sample workload on the embedded Redis'),
      rate: z.number().positive().max(1000).default(1).describe('Sample tasks started per second'),
    })
    .prefault({}),
  dashboard: z
    .strictObject({
      enabled: z.boolean().default(true).describe('Serve the dashboard'),
      prefix: z
        .string()
        .regex(DASHBOARD_PREFIX, 'a path such as /flower that nothing else has')
        .default('/flower')
        .describe('Path it is served under'),
      port: z
        .int()
        .min(0)
        .max(65_535)
        .optional()
        .describe('A further port, such as 5555, that leads to the dashboard; none unless said'),
    })
    .prefault({}),
  readOnly: z.boolean().default(false).describe('Refuse everything that would change a queue, a task or a worker'),
  insecure: z.boolean().default(false).describe('Allow listening beyond loopback although nobody has to log in'),
  auth: accessSettingsSchema.prefault({}),
  http: httpSettingsSchema.prefault({}),
  tls: tlsSettingsSchema
    .nullable()
    .default(null)
    .describe('HTTPS: certFile, keyFile, and optionally clientCaFile and minVersion'),
  drainMs: z
    .int()
    .min(0)
    .max(120_000)
    .default(0)
    .describe(
      'After SIGTERM: how long /health/ready says 503 before anything closes. Behind a load balancer at least its probe period',
    ),
  log: z
    .strictObject({
      level: z.enum(LOG_LEVELS).default('info').describe('Least important messages to write'),
      format: z.enum(LOG_FORMATS).default('auto').describe('json, text, or auto: text on a terminal, else json'),
    })
    .prefault({}),
  maxTasks: z
    .int()
    .min(100)
    .max(10_000_000)
    .default(100_000)
    .describe('Live tasks kept in memory at most; with a history fewer, as long as they come in slowly'),
  maxTaskMegabytes: z.int().min(1).max(65_536).default(256).describe('Memory for live tasks, about, in MiB'),
  inspection: z
    .strictObject({
      maxAgeMs: z
        .int()
        .min(100)
        .max(60_000)
        .default(1000)
        .describe('A look at a broker is shared by all who ask within this time'),
      intervalMs: z
        .int()
        .min(500)
        .max(600_000)
        .default(5000)
        .describe('A look is taken this often although nobody asks, to notice workers that vanish'),
      deadlineMs: z.int().min(100).max(60_000).default(5000).describe('A look that takes longer has failed'),
      listLimit: z.int().min(1).max(1000).default(100).describe('Tasks per list in a look; the counts are exact'),
      discoveryMs: z.int().min(500).max(600_000).default(3000).describe('New queues are looked for this often'),
    })
    .prefault({}),
  workers: z
    .strictObject({
      graceSeconds: z
        .int()
        .min(60)
        .max(86_400)
        .default(600)
        .describe('A worker that has gone stays visible, and celery_worker_up stays 0, this long'),
    })
    .prefault({}),
  redact: redactionSettingsSchema.prefault({}),
  history: historySettingsSchema.prefault({}),
  metrics: metricsSettingsSchema.prefault({}),
});

export type Settings = z.infer<typeof settingsSchema>;
