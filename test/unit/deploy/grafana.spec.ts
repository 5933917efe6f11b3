import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { shippedDashboards } from '../../support/grafana-dashboards.js';
import { knownMetric } from '../../support/known-metrics.js';
import { recordsOf } from '../../support/records.js';

const dashboards = shippedDashboards();
const recorded = new Set(
  recordsOf(load(readFileSync('deploy/prometheus/taskscope-rules.yml', 'utf8')), 'groups')
    .flatMap((group) => recordsOf(group, 'rules'))
    .map(({ record }) => record),
);

describe('the Grafana dashboards', () => {
  test('have the panels that the guide asks for', () => {
    const panels = dashboards.flatMap(({ panels }) => panels).map(({ type, title }) => `${type}: ${title}`);

    expect(panels).toEqual(
      expect.arrayContaining([
        'timeseries: Task execution rate',
        'gauge: Active and total workers',
        'timeseries: Queue length',
        'heatmap: Task duration',
        'table: Failure rate by task',
        'timeseries: CPU',
        'timeseries: Memory',
      ]),
    );
  });

  test.each(dashboards.map((dashboard) => [dashboard.file, dashboard] as const))(
    '%s is one that Grafana can take',
    (file, { document, panels }) => {
      expect(document).toMatchObject({ uid: file.replace('.json', ''), schemaVersion: 39, tags: ['taskscope'] });
      const all = recordsOf(document, 'panels');
      expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
      for (const panel of panels) {
        expect(panel).toMatchObject({
          title: expect.stringMatching(/./),
          description: expect.stringMatching(/\.$/),
          // Whatever the data source is called where it is imported.
          datasource: { type: 'prometheus', uid: '$'.concat('{datasource}') },
          gridPos: { w: expect.any(Number), h: expect.any(Number) },
        });
        expect(recordsOf(panel, 'targets').length).toBeGreaterThan(0);
      }
    },
  );

  test('ask only for metrics and recorded series that there are', () => {
    const names = dashboards
      .flatMap(({ queries }) => queries)
      .flatMap(({ expression }) => [
        ...expression
          .replaceAll(/\{[^}]*\}|\bby \([^)]*\)/g, '')
          .matchAll(/\b(?:celery|taskscope|process|model|models|hyperparameter|disk|[a-z_]+:celery)_\w+(?::\w+)*/g),
      ])
      .map(([name]) => name);

    expect(names.length).toBeGreaterThan(50);
    expect(names.filter((name) => !recorded.has(name) && !knownMetric(name))).toEqual([]);
  });

  test('show every metric of the contract somewhere', () => {
    const asked = dashboards
      .flatMap(({ queries }) => queries)
      .map(({ expression }) => expression)
      .join('\n');
    const contract = [
      ...readFileSync('docs/metrics.md', 'utf8').matchAll(
        /^\| `((?:celery|model|models|hyperparameter|process|disk)_[a-z_]+)` \|/gm,
      ),
    ].map(([, name = '']) => name);
    // The success ratio is made of it, by the recorded rule.
    const missing = contract.filter((name) => !asked.includes(name));

    expect(contract.length).toBeGreaterThan(25);
    expect(missing).toEqual([]);
  });

  test('are where the provisioning looks, and its data source is the Prometheus of the composition', () => {
    const compose = readFileSync('docker-compose.yml', 'utf8');
    const provider: unknown = load(readFileSync('deploy/grafana/provisioning/dashboards/taskscope.yml', 'utf8'));
    const source: unknown = load(readFileSync('deploy/grafana/provisioning/datasources/prometheus.yml', 'utf8'));
    const [{ options } = { options: null }] = recordsOf(provider, 'providers');

    expect(options).toEqual({ path: '/var/lib/grafana/dashboards' });
    expect(compose).toContain('./deploy/grafana/dashboards:/var/lib/grafana/dashboards:ro');
    expect(recordsOf(source, 'datasources')).toMatchObject([{ type: 'prometheus', url: 'http://prometheus:9090' }]);
    expect(existsSync('deploy/grafana/dashboards/taskscope-tasks.json')).toBe(true);
  });
});
