import { readdirSync, readFileSync } from 'node:fs';
import { recordsOf } from './records.js';

const FOLDER = 'deploy/grafana/dashboards';

export interface DashboardQuery {
  readonly dashboard: string;
  readonly panel: string;
  readonly expression: string;
}

export interface Dashboard {
  readonly file: string;
  readonly document: Record<string, unknown>;
  /** Without the rows, which are headings. */
  readonly panels: readonly Record<string, unknown>[];
  readonly queries: readonly DashboardQuery[];
}

export function shippedDashboards(): readonly Dashboard[] {
  return readdirSync(FOLDER).map((file) => {
    const document: Record<string, unknown> = JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8'));
    const panels = recordsOf(document, 'panels').filter(({ type }) => type !== 'row');
    const queries = panels.flatMap((panel) =>
      recordsOf(panel, 'targets').map(({ expr }) => ({
        dashboard: file,
        panel: String(panel.title),
        expression: String(expr),
      })),
    );
    const annotations = recordsOf(document.annotations, 'list').map(({ name, expr }) => ({
      dashboard: file,
      panel: `annotation ${String(name)}`,
      expression: String(expr),
    }));
    return { file, document, panels, queries: [...queries, ...annotations] };
  });
}

/** What Grafana makes of an expression for all sources, at a scrape interval of some seconds: its rate interval is four of them. */
export function asGrafanaAsks(expression: string, scrapeSeconds: number): string {
  return expression.replaceAll('$__rate_interval', `${4 * scrapeSeconds}s`).replaceAll('$source', '.+');
}
