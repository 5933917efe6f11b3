/** What one feature needs of Redis, in the words of its access rules: `get`, `client|list`. */
export interface AccessNeed {
  /** What does not work without it. */
  readonly feature: string;
  /** operate: changes something, so it is left out where Taskscope only watches. */
  readonly level: 'watch' | 'operate';
  readonly commands: readonly string[];
  /** Key patterns that are read, and those that are written too. */
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
  /** Published to where `publish` is among the commands, else subscribed to: such a pattern has to be allowed letter by letter. */
  readonly channels?: readonly string[];
}

/**
 * Changes to queues are made by the libraries' own scripts, which read and write whatever belongs to a queue: they are granted the data commands
 * on the queues' keys, and none that reaches beyond them. INFO tells the libraries the version of the server.
 */
export const LIBRARY_SCRIPTS = ['@read', '@write', 'eval', 'evalsha', 'script|load', 'info'] as const;

/** Every connection of ours, whatever the engine. */
export const CONNECTION_NEED: AccessNeed = {
  feature: 'connecting',
  level: 'watch',
  commands: ['ping', 'select', 'client|setname'],
};

/** Memory, clients, persistence: of the server, not of anybody's keys. */
export const FACTS_NEED: AccessNeed = {
  feature: 'what the broker tells of itself',
  level: 'watch',
  commands: ['info'],
};

/** Finding out which engines live there, which is not needed where the engine is named. */
export const DETECTION_NEED: AccessNeed = {
  feature: 'finding out what lives there',
  level: 'watch',
  commands: ['exists', 'randomkey', 'scan'],
  reads: ['_kombu.binding.*', 'unacked_index'],
};

/**
 * The words of `ACL SETUSER` that grant just this, for Redis 7 and newer; 6 does not know `%R~`. Without user name and password. `operate`
 * includes what watching needs.
 */
export function aclRules(needs: readonly AccessNeed[], level: AccessNeed['level']): readonly string[] {
  const granted = needs.filter((need) => need.level === 'watch' || level === 'operate');
  const all = (pick: (need: AccessNeed) => readonly string[] | undefined): readonly string[] =>
    [...new Set(granted.flatMap((need) => pick(need) ?? []))].sort();
  const written = all((need) => need.writes);
  // Redis refuses further patterns beside one that is all of them.
  const writes = written.includes('*') ? ['*'] : written;
  const published = all((need) => (need.commands.includes('publish') ? need.channels : []));
  return [
    'resetkeys',
    'resetchannels',
    '-@all',
    ...(writes.includes('*') ? [] : all((need) => need.reads))
      .filter((pattern) => !writes.includes(pattern))
      .map((pattern) => `%R~${pattern}`),
    ...writes.map((pattern) => `~${pattern}`),
    ...all((need) => (need.commands.includes('publish') ? [] : need.channels)).map((channel) => `&${channel}`),
    ...grants(all((need) => need.commands).filter((command) => command !== 'publish')),
    // Apart, as rules of their own: who listens to the events must not be able to forge them.
    ...(published.length === 0 ? [] : [`(+publish ${published.map((channel) => `&${channel}`).join(' ')})`]),
  ];
}

/** Categories first, then what is dangerous in them taken away, then the single commands that a category may have had. */
function grants(commands: readonly string[]): readonly string[] {
  const categories = commands.filter((command) => command.startsWith('@'));
  const single = commands.filter((command) => !command.startsWith('@'));
  const limits = categories.length > 0 ? ['-@dangerous'] : [];
  return [...categories.map((command) => `+${command}`), ...limits, ...single.map((command) => `+${command}`)];
}
