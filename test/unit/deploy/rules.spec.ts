import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { knownMetric } from '../../support/known-metrics.js';
import { recordsOf } from '../../support/records.js';

const FOLDER = 'deploy/prometheus';
const ruleFiles = readdirSync(FOLDER).filter((file) => file.endsWith('-rules.yml'));
const rules = ruleFiles.flatMap((file) =>
  recordsOf(load(readFileSync(`${FOLDER}/${file}`, 'utf8')), 'groups').flatMap((group) => recordsOf(group, 'rules')),
);
const alerts = rules.filter((rule) => typeof rule.alert === 'string');
const cases = recordsOf(load(readFileSync(`${FOLDER}/rules-test.yml`, 'utf8')), 'tests').flatMap((group) =>
  recordsOf(group, 'alert_rule_test'),
);

describe('the alert rules', () => {
  test('there are some', () => {
    expect(alerts.length).toBeGreaterThan(12);
  });

  test.each(alerts.map((rule) => [String(rule.alert), rule] as const))(
    '%s says how bad it is and what it means',
    (_, rule) => {
      expect(rule).toMatchObject({
        labels: { severity: expect.stringMatching(/^(warning|critical)$/) },
        annotations: { summary: expect.stringMatching(/.{5,}/) },
      });
    },
  );

  test.each(alerts.map((rule) => String(rule.alert)))(
    '%s has a case in which it fires, and one in which it does not',
    (name) => {
      const own = cases.filter(({ alertname }) => alertname === name);

      expect(own.some((one) => recordsOf(one, 'exp_alerts').length > 0)).toBe(true);
      expect(own.some((one) => recordsOf(one, 'exp_alerts').length === 0)).toBe(true);
    },
  );

  test('ask only for metrics that there are', () => {
    const recorded = new Set(rules.map(({ record }) => record));
    const asked = rules.flatMap(({ expr }) => [
      ...String(expr)
        .replaceAll(/\{[^}]*\}/g, '')
        .matchAll(/\b(?:celery|taskscope|process|model|hyperparameter|disk|[a-z_]+:celery)_\w+(?::\w+)*/g),
    ]);
    const unknown = asked.map(([name]) => name).filter((name) => !recorded.has(name) && !knownMetric(name));

    expect(asked.length).toBeGreaterThan(15);
    expect(unknown).toEqual([]);
  });
});
