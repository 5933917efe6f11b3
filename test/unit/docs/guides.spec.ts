import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { validate } from '../../../src/config/load-settings.js';
import { settingPaths } from '../../../src/config/setting-paths.js';
import { codeBlocks } from '../../support/code-blocks.js';
import { knownMetric } from '../../support/known-metrics.js';
import { memberOf } from '../../support/openapi-conformance.js';
import { recordsOf } from '../../support/records.js';

const FOLDER = 'docs/guides';
const guides = readdirSync(FOLDER).map((file) => ({
  file: join(FOLDER, file),
  text: readFileSync(join(FOLDER, file), 'utf8'),
}));
const pages = [
  ...guides,
  ...['README.md', 'docs/architecture.md'].map((file) => ({ file, text: readFileSync(file, 'utf8') })),
];
const rules = ['prometheus-rules.yml', 'taskscope-rules.yml'].flatMap((file) =>
  recordsOf(load(readFileSync(`deploy/prometheus/${file}`, 'utf8')), 'groups').flatMap((group) =>
    recordsOf(group, 'rules'),
  ),
);
const alerts = new Set(rules.map(({ alert }) => alert));
const recorded = new Set(rules.map(({ record }) => record));
const paths: unknown = memberOf(load(readFileSync('openapi.yaml', 'utf8')), 'paths');

/** Words between back-ticks outside of code blocks. */
const quoted = (text: string): readonly string[] =>
  [...text.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, words = '']) => words);
/** The column of Taskscope in a table, and everything that is not in a table: what others call their metrics is not ours. */
const ours = (text: string): string =>
  text
    .split('\n')
    .map((line) => (line.startsWith('|') ? line.split('|').slice(2).join('|') : line))
    .join('\n');

/** Of Flower 2.1, of the Tornado and the Celery below it, and what it reads from the environment alone. */
const FLOWER_OPTIONS = [
  ...[
    'port',
    'address',
    'unix_socket',
    'debug',
    'inspect_timeout',
    'auth',
    'basic_auth',
    'oauth2_key',
    'oauth2_secret',
  ],
  ...['oauth2_redirect_uri', 'auth_provider', 'cookie_secret', 'max_workers', 'max_tasks', 'persistent', 'db'],
  ...['state_save_interval', 'broker_api', 'ca_certs', 'certfile', 'keyfile', 'xheaders', 'auto_refresh', 'conf'],
  ...['purge_offline_workers', 'enable_events', 'format_task', 'natural_time', 'tasks_columns', 'url_prefix'],
  ...['task_runtime_metric_buckets', 'read_only', 'logging', 'log_to_stderr', 'log_file_prefix', 'log_file_max_size'],
  ...['log_file_num_backups', 'log_rotate_mode', 'log_rotate_when', 'log_rotate_interval'],
  ...['app', 'broker', 'result-backend', 'loader', 'config', 'workdir', 'no-color', 'quiet', 'skip-checks'],
]
  .map((option) => `--${option}`)
  .concat(['UNAUTHENTICATED_API', 'GITHUB_OAUTH_DOMAIN', 'GITLAB_OAUTH_DOMAIN'].map((name) => `FLOWER_${name}`))
  .concat(['FLOWER_GITLAB_AUTH_ALLOWED_GROUPS', 'FLOWER_GITLAB_MIN_ACCESS_LEVEL', 'FLOWER_OAUTH2_OKTA_BASE_URL']);

describe('the guides', () => {
  test.each(pages.map(({ file, text }) => [file, text] as const))('%s links to what exists', (file, text) => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link);

    for (const link of links)
      expect({ link, exists: existsSync(join(dirname(file), link)) }).toEqual({ link, exists: true });
  });

  test.each(guides.map(({ file, text }) => [file, text] as const))(
    '%s names metrics, alerts and settings that there are',
    (_, text) => {
      const words = quoted(ours(text));
      const names = words.flatMap(
        (word) =>
          word
            .replaceAll(/\{[^}]*\}|by \([^)]*\)/g, '')
            .match(/\b(?:celery|taskscope|process|disk)_\w+\b|\b[a-z_]+:celery_\w+:\w+/g) ?? [],
      );
      const variables = text.match(/\bTASKSCOPE_[A-Z_]+\b/g) ?? [];
      const known = new Set([
        'TASKSCOPE_URL',
        'TASKSCOPE_TOKEN',
        ...settingPaths().map(({ environment }) => environment),
      ]);

      // The job of a scrape configuration is called like a metric.
      expect(names.filter((name) => name !== 'celery_workers' && !recorded.has(name) && !knownMetric(name))).toEqual(
        [],
      );
      expect((text.match(/\bTaskscope[A-Z]\w+/g) ?? []).filter((name) => !alerts.has(name))).toEqual([]);
      expect(variables.filter((name) => !known.has(name))).toEqual([]);
    },
  );

  test.each(guides.map(({ file, text }) => [file, text] as const))('%s names routes that there are', (_, text) => {
    const routes = [
      ...text.matchAll(
        /`(GET|POST|PUT|PATCH|DELETE)(?:` and `(DELETE))? (\/(?:api\/v1\/celery|health\/|metrics)[^`\s]*)`/g,
      ),
    ];

    for (const [, method = '', second, path = ''] of routes) {
      for (const one of [method, second].filter((word) => word !== undefined))
        expect({ one, path, there: memberOf(memberOf(paths, path), one.toLowerCase()) !== undefined }).toEqual({
          one,
          path,
          there: true,
        });
    }
  });

  test.each(guides.map(({ file, text }) => [file, text] as const))(
    '%s shows settings that are accepted, and files that exist',
    (_, text) => {
      for (const { info, text: block } of codeBlocks(text)) {
        if (info === 'yaml') expect(() => validate(load(block))).not.toThrow();
        if (info !== 'kubectl' && info !== 'docker') continue;
        for (const [path = ''] of block.matchAll(/\b(?:deploy|sample|docs)\/[\w./-]+/g))
          expect({ path, exists: existsSync(path) }).toEqual({ path, exists: true });
      }
    },
  );

  test('use no language for commands but those that a test knows', () => {
    const languages = new Set(guides.flatMap(({ text }) => codeBlocks(text)).map(({ info }) => info));

    expect([...languages].sort()).toEqual(['kubectl', 'sh', 'sh runs', 'ts', 'yaml']);
  });

  test('answer every option of Flower', () => {
    const flower = guides.find(({ file }) => file.endsWith('flower.md'))?.text ?? '';

    expect(FLOWER_OPTIONS.filter((option) => !flower.includes(`\`${option}\``))).toEqual([]);
  });

  test('tell every option of the settings that concerns those who come from Flower', () => {
    const flower = guides.find(({ file }) => file.endsWith('flower.md'))?.text ?? '';
    const named = settingPaths().map(({ path }) => path);

    for (const word of quoted(ours(flower)).filter((one) =>
      /^(auth|dashboard|history|http|metrics|workers|inspection|redact)\.\w+$/.test(one),
    ))
      expect({ word, known: named.some((path) => path === word || path.startsWith(`${word}.`)) }).toEqual({
        word,
        known: true,
      });
  });
});
