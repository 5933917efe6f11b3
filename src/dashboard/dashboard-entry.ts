import type { RequestListener } from 'node:http';

/**
 * The same application on a port of its own, for people who know Flower by its port. The root leads to the dashboard; everything else, the
 * API included, answers as on the first port, so that the page needs nobody else.
 */
export function dashboardEntry(application: RequestListener, prefix: string): RequestListener {
  return (request, response) => {
    if (request.url !== '/') return application(request, response);
    response.writeHead(307, { Location: `${prefix.slice(1)}/` }).end();
  };
}
