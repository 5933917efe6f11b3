/**
 * view: names, states, numbers. view-payloads: what tasks carry (arguments, results, tracebacks). view-metrics: /metrics. view-docs: /docs.
 * view-audit: who did what. operate: act on tasks and queues. annotate: note what was deployed. administer: act on workers and the service itself. manage-access: API tokens.
 */
export const PERMISSIONS = [
  'view',
  'view-payloads',
  'view-metrics',
  'view-docs',
  'view-audit',
  'operate',
  'administer',
  'annotate',
  'manage-access',
] as const;
export type PermissionName = (typeof PERMISSIONS)[number];

/** Permissions that change something in a broker or a worker: what a read-only service refuses. */
export const CHANGING: ReadonlySet<PermissionName> = new Set(['operate', 'administer']);
