import type { IncomingMessage, RequestListener } from 'node:http';

const PATHS: ReadonlySet<string> = new Set(['/metrics', '/health/live', '/health/ready']);
const BY_METRICS_PORT = new WeakSet<IncomingMessage>();

/** Only what Prometheus and Kubernetes ask for: who reaches this port reaches nothing else, whatever credential is shown. */
export function metricsEntry(application: RequestListener): RequestListener {
  return (request, response) => {
    const [path = ''] = (request.url ?? '').split('?', 1);
    if (PATHS.has(path) && (request.method === 'GET' || request.method === 'HEAD')) {
      BY_METRICS_PORT.add(request);
      return application(request, response);
    }
    response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' });
    response.end(`expected GET of one of ${[...PATHS].join(', ')} on this port\n`);
  };
}

/** Whether a request came in by the metrics' own port, which has an access of its own. */
export function cameByMetricsPort(request: IncomingMessage): boolean {
  return BY_METRICS_PORT.has(request);
}
