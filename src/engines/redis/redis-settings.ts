/** Where the server is. One of the four ways in which people run Redis. */
export type RedisTopology =
  | { readonly kind: 'single'; readonly host: string; readonly port: number }
  | { readonly kind: 'socket'; readonly path: string }
  | {
      readonly kind: 'sentinel';
      readonly sentinels: readonly RedisAddress[];
      readonly master: string;
      readonly sentinelUsername: string | null;
      readonly sentinelPassword: string | null;
    }
  | { readonly kind: 'cluster'; readonly nodes: readonly RedisAddress[] };

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** Files are read when the first connection is made, so that a missing one is told with the source it belongs to. */
export interface RedisTls {
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
  /** Name expected in the certificate, where it differs from the host. */
  readonly serverName: string | null;
  /** False accepts any certificate: for self-signed servers on a trusted network. */
  readonly verify: boolean;
}

/** How to reach one Redis. Plain data: nothing here reads files, the environment or a framework. */
export interface RedisSettings {
  readonly topology: RedisTopology;
  readonly username: string | null;
  readonly password: string | null;
  readonly database: number;
  readonly tls: RedisTls | null;
}
