const layers = {
  core: '^src/core/',
  engines: '^src/engines/',
  inspector: '^src/queue-inspector/',
  metrics: '^src/metrics/',
  history: '^src/history/',
  features:
    '^src/(tasks|workers|queues|schedules|bulk-operations|sources|events|stats|live|health|access|deployments)/',
  leaves: '^src/(config|http|auth|embedded)/',
  commands: '^src/commands/',
  entry: '^src/[^/]+\\.ts$',
  dashboard: '^dashboard/',
};

/** `from` may import nothing of `to`. */
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    forbid('no-cycles', 'Two files that need each other are one idea, or hide a third.', {}, { circular: true }),
    forbid(
      'core-stands-alone',
      'The domain must be readable, and testable, without any framework or broker. The one thing it takes from Node carries a caller’s scope.',
      { path: layers.core },
      { pathNot: [layers.core, '^async_hooks$'] },
    ),
    forbid(
      'engines-know-the-domain-only',
      'An engine translates a broker into the domain; it knows nobody who asks.',
      { path: layers.engines },
      { path: '^src/', pathNot: [layers.engines, layers.core] },
    ),
    forbid(
      'engines-are-strangers',
      'What two engines share belongs to the Redis plumbing, to core or, for Bull and its successor BullMQ, to jobs.',
      { path: '^src/engines/(bull|bullmq|celery)/' },
      { path: '^src/engines/(bull|bullmq|celery)/', pathNot: '^src/engines/$1/' },
    ),
    forbid(
      'shared-by-engines-knows-none',
      'What engines share must serve each of them alike: agents and job queues are the same for Bull and BullMQ.',
      { path: '^src/engines/(jobs|redis)/' },
      { path: '^src/engines/(bull|bullmq|celery)/' },
    ),
    forbid(
      'jobs-for-job-queues',
      'Celery has tasks and messages; Bull and BullMQ keep jobs, in the same keys.',
      { path: '^src/engines/celery/' },
      { path: '^src/engines/jobs/' },
    ),
    forbid(
      'plumbing-below-all',
      'A connection to Redis knows nothing of what is kept there.',
      { path: '^src/engines/redis/' },
      { path: '^src/engines/', pathNot: '^src/engines/redis/' },
    ),
    forbid(
      'engines-without-nest',
      'Engines run anywhere, also in a command-line tool.',
      { path: layers.engines },
      { path: 'node_modules/@nestjs/' },
    ),
    forbid(
      'inspector-below-features',
      'The inspector serves every feature, so it may depend on none.',
      { path: layers.inspector },
      { path: '^src/', pathNot: [layers.inspector, layers.core, layers.engines] },
    ),
    forbid(
      'metrics-below-features',
      'Metrics hear the inspector; pages and probes come above them.',
      { path: layers.metrics },
      { path: [layers.history, layers.features, layers.entry] },
    ),
    forbid(
      'history-below-features',
      'The history stores what inspector and metrics know; features read it.',
      { path: layers.history },
      { path: [layers.engines, layers.features, layers.entry, '^src/(http|auth|embedded)/'] },
    ),
    forbid(
      'features-are-strangers',
      'A feature that needs another wants a service in the inspector.',
      {
        path: '^src/(tasks|workers|queues|schedules|bulk-operations|sources|events|stats|live|health|access|deployments)/',
      },
      { path: layers.features, pathNot: '^src/$1/' },
    ),
    forbid(
      'features-ask-no-engine',
      'Features ask the inspector, which knows the capabilities.',
      { path: layers.features },
      { path: layers.engines },
    ),
    forbid(
      'leaves-hold-nothing-up',
      'config, http, auth and embedded are used by everybody and import core at most.',
      { path: '^src/(config|http|auth|embedded)/' },
      { path: '^src/', pathNot: [layers.core, '^src/$1/'] },
    ),
    forbid(
      'commands-on-top',
      'A command starts or asks the service; the service knows no command.',
      { path: '^src/', pathNot: [layers.commands, '^src/cli\\.ts$'] },
      { path: layers.commands },
    ),
    forbid(
      'commands-ask-over-http',
      'What asks a running service has nothing of it inside: only serve starts one, and who works on its files without it.',
      { path: layers.commands, pathNot: '^src/commands/(serve|token|token-answer|hash-password|audit)\\.ts$' },
      { path: '^src/', pathNot: [layers.commands, layers.core, layers.engines, '^src/config/'] },
    ),
    forbid(
      'dashboard-files-only',
      'What serves the dashboard knows files and HTTP, nothing of what the service watches.',
      { path: '^src/dashboard/' },
      { path: '^src/', pathNot: ['^src/dashboard/', '^src/http/', layers.core] },
    ),
    forbid(
      'dashboard-stands-alone',
      'The dashboard knows openapi.yaml alone, so that it shows nothing that others could not read from the API.',
      { path: layers.dashboard },
      { path: ['^src/', '^agent/', '^sample/'] },
    ),
    forbid(
      'nobody-imports-the-dashboard',
      'It is built by Vite and served as files.',
      { path: ['^src/', '^agent/', '^sample/'] },
      { path: layers.dashboard },
    ),
    forbid(
      'dashboard-pages-are-strangers',
      'What two pages share belongs to components, charts or api.',
      { path: '^dashboard/src/pages/([^/]+)/' },
      { path: '^dashboard/src/pages/[^/]+/', pathNot: '^dashboard/src/pages/$1/' },
    ),
    forbid(
      'dashboard-one-way',
      'format and api hold up components and charts, these the pages, and app puts all together.',
      { path: '^dashboard/src/(format|api|scope|components|charts)/' },
      { path: '^dashboard/src/(pages|app)/' },
    ),
    forbid(
      'agent-stands-alone',
      'The agent is installed in other people’s workers: nothing of the service may come with it.',
      { path: '^agent/' },
      { path: ['^src/', '^sample/'] },
    ),
    forbid(
      'sample-is-an-ordinary-application',
      'It uses the published agent as anybody would.',
      { path: '^sample/' },
      { path: '^src/' },
    ),
    forbid(
      'agent-protocol-only',
      'The service shares the agent’s words, not its code.',
      { path: '^src/' },
      { path: '^agent/', pathNot: '^agent/protocol\\.ts$' },
    ),
    forbid(
      'no-orphans',
      'A file that nobody imports is dead or in the wrong place.',
      { orphan: true, pathNot: ['\\.d\\.ts$', '^sample/tasks/.*\\.cts$'] },
      {},
    ),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  },
};
