/** What a broker tells of itself, as a server and not as somebody's queues. null: this broker does not tell, or may not tell us. */
export interface BrokerFacts {
  /** Epoch milliseconds of the answer. */
  readonly at: number;
  /** `Redis`, `Valkey`, `RabbitMQ` … */
  readonly product: string | null;
  readonly version: string | null;
  /** Servers that these figures add up: those of a Cluster that hold keys, else one. */
  readonly servers: number;
  readonly uptimeSeconds: number | null;
  /** `master` or `slave`, in Redis' own words. */
  readonly role: string | null;
  readonly replicas: number | null;
  readonly memory: {
    readonly usedBytes: number | null;
    readonly peakBytes: number | null;
    /** Beyond it keys are evicted or writes refused; 0: no limit. */
    readonly maxBytes: number | null;
    /** Of the machine. */
    readonly systemBytes: number | null;
    /** What happens at the limit, in Redis' own words: `noeviction`, `allkeys-lru` … */
    readonly evictionPolicy: string | null;
    /** Keys thrown away for lack of memory since the server started. */
    readonly evictedKeys: number | null;
  };
  readonly clients: {
    readonly connected: number | null;
    readonly max: number | null;
    /** Waiting in a blocking command, as idle workers do. */
    readonly blocked: number | null;
    /** Turned away because there were too many, since the server started. */
    readonly rejected: number | null;
  };
  readonly commandsPerSecond: number | null;
  readonly persistence: {
    readonly appendOnly: boolean | null;
    /** Whether the last write to the append-only file went well. */
    readonly appendOnlyOk: boolean | null;
    /** Epoch milliseconds of the last whole copy on disk; a server that has just started counts from then. */
    readonly savedAt: number | null;
    readonly saveOk: boolean | null;
    /** Writes since that copy: what a crash loses where nothing is appended. */
    readonly unsavedChanges: number | null;
  };
  /** Why the broker takes no messages at the moment, by its own word; null where it takes them. */
  readonly blocked: string | null;
}

export const UNKNOWN_BROKER: Omit<BrokerFacts, 'at'> = {
  product: null,
  version: null,
  servers: 1,
  uptimeSeconds: null,
  role: null,
  replicas: null,
  memory: {
    usedBytes: null,
    peakBytes: null,
    maxBytes: null,
    systemBytes: null,
    evictionPolicy: null,
    evictedKeys: null,
  },
  clients: { connected: null, max: null, blocked: null, rejected: null },
  commandsPerSecond: null,
  persistence: { appendOnly: null, appendOnlyOk: null, savedAt: null, saveOk: null, unsavedChanges: null },
  blocked: null,
};
