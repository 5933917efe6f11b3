export const ENGINE_KINDS = ['celery', 'bull', 'bullmq'] as const;
export type EngineKind = (typeof ENGINE_KINDS)[number];

/** One monitored broker seen through one engine. A Redis that holds Bull and Celery is two sources. */
export interface Source {
  /** Unique, stable across restarts: it is a label on every metric and a filter in every list. */
  readonly name: string;
  readonly engine: EngineKind;
  /** The broker's URL with the credentials removed: safe to log and to show. */
  readonly location: string;
}

export type SourceConnection = 'connecting' | 'connected' | 'disconnected';

/** What is known about the link to a source right now. Times are epoch milliseconds. */
export interface SourceStatus {
  readonly connection: SourceConnection;
  /** When `connection` last changed. */
  readonly since: number;
  /** The broker's last answer of any kind; null until the first one. */
  readonly lastAnswerAt: number | null;
  /** Why the source is not connected, in one sentence without secrets; null while it is. */
  readonly problem: string | null;
  /** Features that the broker's access rules deny us, in words; absent where there are none. */
  readonly denied?: readonly string[];
}
