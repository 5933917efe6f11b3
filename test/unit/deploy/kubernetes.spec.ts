import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ScaledObject, TriggerAuthentication } from '@kubernetes-models/keda/keda.sh/v1alpha1';
import { PodMonitor, PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import { load, loadAll } from 'js-yaml';
import { Deployment } from 'kubernetes-models/apps/v1';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { ConfigMap, Namespace, PersistentVolumeClaim, Service, ServiceAccount } from 'kubernetes-models/v1';
import ts from 'typescript';
import { accessRulesOf } from '../../../src/access-of-settings.js';
import { parseCommandLine } from '../../../src/config/flags.js';
import { loadSettings } from '../../../src/config/load-settings.js';
import { memberOf } from '../../support/openapi-conformance.js';
import { isRecord, recordsOf } from '../../support/records.js';

const FOLDER = 'deploy/kubernetes';
const KEDA = '@kubernetes-models/keda/keda.sh/v1alpha1';
const MONITORING = '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';

/** Everything the manifests may hold: the model that checks it, and where its type comes from. */
const KINDS = [
  { kind: 'Namespace', model: Namespace, from: 'kubernetes-models/v1' },
  { kind: 'ConfigMap', model: ConfigMap, from: 'kubernetes-models/v1' },
  { kind: 'ServiceAccount', model: ServiceAccount, from: 'kubernetes-models/v1' },
  { kind: 'PersistentVolumeClaim', model: PersistentVolumeClaim, from: 'kubernetes-models/v1' },
  { kind: 'Service', model: Service, from: 'kubernetes-models/v1' },
  { kind: 'Deployment', model: Deployment, from: 'kubernetes-models/apps/v1' },
  { kind: 'NetworkPolicy', model: NetworkPolicy, from: 'kubernetes-models/networking.k8s.io/v1' },
  { kind: 'PodDisruptionBudget', model: PodDisruptionBudget, from: 'kubernetes-models/policy/v1' },
  { kind: 'PodMonitor', model: PodMonitor, from: MONITORING },
  { kind: 'PrometheusRule', model: PrometheusRule, from: MONITORING },
  { kind: 'ScaledObject', model: ScaledObject, from: KEDA },
  { kind: 'TriggerAuthentication', model: TriggerAuthentication, from: KEDA },
];

interface Manifest {
  readonly file: string;
  readonly document: Record<string, unknown>;
}

const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
const kustomizations = files.filter((file) => file.endsWith('kustomization.yaml'));
const manifests: readonly Manifest[] = files
  .filter((file) => !kustomizations.includes(file))
  .flatMap((file) =>
    loadAll(readFileSync(join(FOLDER, file), 'utf8'))
      .filter(isRecord)
      .map((document) => ({ file, document })),
  );
const only = (kind: string): Record<string, unknown> => {
  const [found, ...more] = manifests.filter(({ document }) => document.kind === kind);
  if (found === undefined || more.length > 0) throw new Error(`expected one ${kind}, found ${more.length + 1}`);
  return found.document;
};
const at = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce(
    (inner: unknown, key) => (Array.isArray(inner) ? inner[Number(key)] : memberOf(inner, String(key))),
    value,
  );

/** What the compiler says of a manifest taken as a value of its type: fields that the schema does not have, most of all. */
function fieldProblems(): readonly string[] {
  const source = manifests
    .map(({ document }, index) => {
      const from = KINDS.find(({ kind }) => kind === document.kind)?.from ?? 'unknown';
      return `import type { I${String(document.kind)} as T${index} } from './node_modules/${from}/${String(document.kind)}.js';\nexport const m${index}: T${index} = ${JSON.stringify(document)};`;
    })
    .join('\n');
  const name = join(process.cwd(), 'manifests-as-types.ts');
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (file) => file === name || fileExists(file);
  host.readFile = (file) => (file === name ? source : readFile(file));
  host.getSourceFile = (file, language, ...rest) =>
    file === name ? ts.createSourceFile(file, source, language) : getSourceFile(file, language, ...rest);
  const program = ts.createProgram([name], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

describe('the Kubernetes manifests', () => {
  test('are all named by a kustomization, or said to be an alternative', () => {
    const named = kustomizations.flatMap((file) => {
      const resources = memberOf(load(readFileSync(join(FOLDER, file), 'utf8')), 'resources');
      return (Array.isArray(resources) ? resources : []).map((resource) => join(file, '..', String(resource)));
    });
    const alternative = ['keda/scaled-object-prometheus.yaml'];

    expect([...named.filter((path) => path !== 'base'), ...alternative].sort()).toEqual(
      manifests.map(({ file }) => file).sort(),
    );
  });

  test.each(manifests.map(({ file, document }) => [file, document] as const))(
    '%s is valid by the schema of its kind',
    (_, document) => {
      const model = KINDS.find(({ kind }) => kind === document.kind)?.model;

      expect(() => {
        if (model === undefined) throw new Error(`expected a known kind, found ${String(document.kind)}`);
        const made = Reflect.construct(model, [document]);
        expect(made).toMatchObject({ apiVersion: document.apiVersion, kind: document.kind });
        made.validate();
      }).not.toThrow();
    },
  );

  test('have no field that their schemas do not know', () => {
    expect(fieldProblems()).toEqual([]);
  }, 60_000);

  test('set variables that the service accepts, and that make everybody sign in', () => {
    const data = memberOf(only('ConfigMap'), 'data');
    const guide = readFileSync('docs/guides/kubernetes.md', 'utf8');
    const [, users = ''] = /TASKSCOPE_AUTH_USERS='([^']+)'/.exec(guide) ?? [];
    const hash = `scrypt$32768$8$3$${'a'.repeat(22)}$${'b'.repeat(43)}`;
    const container = at(only('Deployment'), 'spec', 'template', 'spec', 'containers', 0);

    const settings = loadSettings(parseCommandLine([]), {
      ...(isRecord(data) ? Object.fromEntries(Object.entries(data).map(([name, value]) => [name, String(value)])) : {}),
      TASKSCOPE_HOST: '0.0.0.0',
      TASKSCOPE_AUTH_USERS: users.replace(/scrypt\$[^"]+/, () => hash),
    });

    expect(settings).toMatchObject({
      insecure: false,
      drainMs: 10_000,
      auth: { users: [{ name: 'ada', role: 'admin' }] },
    });
    expect(accessRulesOf(settings)).toMatchObject({ required: true, metricsPort: 'open' });
    // A secret that is missing keeps the pod from starting.
    expect(at(container, 'envFrom')).toEqual([
      { configMapRef: { name: 'taskscope' } },
      { secretRef: { name: 'taskscope-brokers' } },
      { secretRef: { name: 'taskscope-users' } },
    ]);
  });

  test('let Prometheus reach the metrics alone, and KEDA the API with a token', () => {
    const monitor = manifests.find(({ file }) => file.endsWith('/pod-monitor.yaml'))?.document;
    const scaled = manifests.find(({ file }) => file.endsWith('/scaled-object.yaml'))?.document;
    const trigger = at(scaled, 'spec', 'triggers', 0);
    const reached = recordsOf(only('NetworkPolicy').spec, 'ingress').map((rule) => [
      recordsOf(rule, 'from').map((from) =>
        at(from, 'namespaceSelector', 'matchLabels', 'kubernetes.io/metadata.name'),
      ),
      at(rule, 'ports', 0, 'port'),
    ]);

    expect(at(monitor, 'spec', 'podMetricsEndpoints', 0, 'port')).toBe('metrics');
    expect(reached).toEqual([
      [['monitoring'], 'metrics'],
      [['keda', 'ingress'], 'http'],
    ]);
    expect(at(trigger, 'metadata', 'authMode')).toBe('bearer');
    expect(at(trigger, 'authenticationRef', 'name')).toBe(at(only('TriggerAuthentication'), 'metadata', 'name'));
    expect(at(only('TriggerAuthentication'), 'spec', 'secretTargetRef')).toEqual([
      { parameter: 'token', name: 'taskscope-token', key: 'token' },
    ]);
  });

  test('bring the very alert rules that are tested', () => {
    const shipped = ['prometheus-rules.yml', 'taskscope-rules.yml'].flatMap((file) =>
      recordsOf(load(readFileSync(`deploy/prometheus/${file}`, 'utf8')), 'groups'),
    );

    expect(shipped.length).toBe(3);
    expect(at(only('PrometheusRule'), 'spec', 'groups')).toEqual(shipped);
  });

  test('probe what the service answers, and let it end in its own time', () => {
    const pod = at(only('Deployment'), 'spec', 'template', 'spec');
    const container = at(pod, 'containers', 0);
    const paths = ['startupProbe', 'livenessProbe', 'readinessProbe'].map((probe) =>
      at(container, probe, 'httpGet', 'path'),
    );
    const documented = readFileSync('openapi.yaml', 'utf8');

    expect(paths).toEqual(['/health/live', '/health/live', '/health/ready']);
    for (const path of paths) expect(documented).toContain(`\n  ${String(path)}:`);
    const drainMs = Number(at(only('ConfigMap'), 'data', 'TASKSCOPE_DRAIN_MS'));
    expect(Number(at(pod, 'terminationGracePeriodSeconds')) * 1000).toBeGreaterThan(drainMs + 15_000);
  });

  test('run as nobody, on a read-only disk, without privileges', () => {
    const pod = at(only('Deployment'), 'spec', 'template', 'spec');

    expect(at(pod, 'securityContext')).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(at(pod, 'automountServiceAccountToken')).toBe(false);
    expect(at(pod, 'containers', 0, 'securityContext')).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(at(pod, 'containers', 0, 'resources', 'limits', 'memory')).toBeDefined();
    // What the image writes to.
    expect(recordsOf(at(pod, 'containers', 0), 'volumeMounts').map(({ mountPath }) => mountPath)).toEqual([
      '/data',
      '/tmp',
    ]);
    expect(readFileSync('Dockerfile', 'utf8')).toContain('TASKSCOPE_DATA=/data');
  });

  test('run the version that is here, on the port that it listens on', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    const kustomization: unknown = load(readFileSync(join(FOLDER, 'base/kustomization.yaml'), 'utf8'));

    expect(recordsOf(kustomization, 'images')).toEqual([{ name: 'taskscope', newTag: version }]);
    expect(at(only('Deployment'), 'spec', 'template', 'spec', 'containers', 0, 'ports')).toEqual([
      { name: 'http', containerPort: 8000 },
      { name: 'metrics', containerPort: Number(at(only('ConfigMap'), 'data', 'TASKSCOPE_METRICS_PORT')) },
    ]);
    expect(at(only('Service'), 'spec', 'ports', 0, 'targetPort')).toBe('http');
  });

  test('let the pods be found by service, policy, budget and monitor', () => {
    const labels = at(only('Deployment'), 'spec', 'template', 'metadata', 'labels');
    const selectors = [
      at(only('Service'), 'spec', 'selector'),
      at(only('NetworkPolicy'), 'spec', 'podSelector', 'matchLabels'),
      at(only('PodDisruptionBudget'), 'spec', 'selector', 'matchLabels'),
    ];

    for (const selector of selectors) expect(labels).toEqual(selector);
  });

  test('name the jobs that the alert rules ask for', () => {
    const rules = ['prometheus-rules.yml', 'taskscope-rules.yml']
      .map((file) => readFileSync(`deploy/prometheus/${file}`, 'utf8'))
      .join('');
    const [service, workers] = manifests
      .filter(({ document }) => document.kind === 'PodMonitor')
      .map(({ document }) => document)
      .reverse();

    expect(rules).toContain('up{job="taskscope"}');
    expect(rules).toContain('up{job="celery_workers"}');
    const monitors = [service, workers].map((monitor) => JSON.stringify(monitor));
    // The label that the kustomization puts on every pod of the service.
    expect(monitors.join()).toContain('"jobLabel":"app.kubernetes.io/name"');
    expect(monitors.join()).toContain('"replacement":"celery_workers"');
  });

  test('scale by a number of the API that is always one', () => {
    const triggers = manifests
      .filter(({ document }) => document.kind === 'ScaledObject')
      .flatMap(({ document }) => recordsOf(document.spec, 'triggers'));
    const [api] = triggers.filter(({ type }) => type === 'metrics-api').map(({ metadata }) => metadata);
    const path = new URL(String(memberOf(api, 'url'))).pathname.replace('/queues/training', '/queues/{name}');
    const openapi: unknown = load(readFileSync('openapi.yaml', 'utf8'));
    const answer = at(
      openapi,
      'paths',
      path,
      'get',
      'responses',
      '200',
      'content',
      'application/json',
      'schema',
      '$ref',
    );
    const schema = String(answer).split('/').at(-1) ?? '';

    expect(at(openapi, 'components', 'schemas', schema, 'properties', String(memberOf(api, 'valueLocation')))).toEqual(
      expect.objectContaining({ type: 'number' }),
    );
    expect(triggers.map(({ type }) => type).sort()).toEqual(['metrics-api', 'prometheus', 'prometheus']);
  });
});
