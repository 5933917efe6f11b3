import { ApiProperty } from '@nestjs/swagger';
import type { BrokerFacts } from '../core/broker-facts.js';
import { brokerWarnings } from '../core/broker-warnings.js';
import type { EngineKind } from '../core/source.js';
import { isoTime } from '../http/iso-time.js';

/** Of the whole server, not of what Taskscope watches there. */
export class BrokerMemoryDto {
  @ApiProperty({ type: Number, nullable: true })
  readonly used_bytes: number | null;
  @ApiProperty({ type: Number, nullable: true })
  readonly peak_bytes: number | null;
  /** Beyond it keys are evicted or writes refused; 0: there is no limit. */
  @ApiProperty({ type: Number, nullable: true })
  readonly max_bytes: number | null;
  /** Of the machine; null for several servers. */
  @ApiProperty({ type: Number, nullable: true })
  readonly system_bytes: number | null;
  /** What happens at the limit, in Redis' own words. */
  @ApiProperty({ type: String, nullable: true, example: 'noeviction' })
  readonly eviction_policy: string | null;
  /** Keys thrown away for lack of memory since the server started. */
  @ApiProperty({ type: Number, nullable: true })
  readonly evicted_keys: number | null;

  constructor(memory: BrokerFacts['memory']) {
    this.used_bytes = memory.usedBytes;
    this.peak_bytes = memory.peakBytes;
    this.max_bytes = memory.maxBytes;
    this.system_bytes = memory.systemBytes;
    this.eviction_policy = memory.evictionPolicy;
    this.evicted_keys = memory.evictedKeys;
  }
}

export class BrokerClientsDto {
  @ApiProperty({ type: Number, nullable: true })
  readonly connected: number | null;
  @ApiProperty({ type: Number, nullable: true })
  readonly max: number | null;
  /** Waiting in a blocking command, as idle workers do. */
  @ApiProperty({ type: Number, nullable: true })
  readonly blocked: number | null;
  /** Turned away because there were too many, since the server started. */
  @ApiProperty({ type: Number, nullable: true })
  readonly rejected: number | null;

  constructor(clients: BrokerFacts['clients']) {
    this.connected = clients.connected;
    this.max = clients.max;
    this.blocked = clients.blocked;
    this.rejected = clients.rejected;
  }
}

export class BrokerPersistenceDto {
  /** Whether every write is appended to a file. */
  @ApiProperty({ type: Boolean, nullable: true })
  readonly append_only: boolean | null;
  /** Whether the last write to that file went well. */
  @ApiProperty({ type: Boolean, nullable: true })
  readonly append_only_ok: boolean | null;
  /** When the data was last written to disk as a whole; a server that has just started counts from then. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly saved_at: string | null;
  @ApiProperty({ type: Boolean, nullable: true })
  readonly save_ok: boolean | null;
  /** Writes since then: what a crash loses where nothing is appended. */
  @ApiProperty({ type: Number, nullable: true })
  readonly unsaved_changes: number | null;

  constructor(persistence: BrokerFacts['persistence']) {
    this.append_only = persistence.appendOnly;
    this.append_only_ok = persistence.appendOnlyOk;
    this.saved_at = isoTime(persistence.savedAt);
    this.save_ok = persistence.saveOk;
    this.unsaved_changes = persistence.unsavedChanges;
  }
}

/** What a broker tells of itself: Redis by `INFO`, RabbitMQ when one connects. null: it does not tell, or may not tell us. */
export class BrokerDto {
  /** When it told this; not asked more often than every ten seconds. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly as_of: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'Redis' })
  readonly product: string | null;
  @ApiProperty({ type: String, nullable: true, example: '7.2.4' })
  readonly version: string | null;
  /** Servers that the figures add up: those of a Cluster that hold keys, else one. */
  readonly servers: number;
  @ApiProperty({ type: Number, nullable: true })
  readonly uptime_seconds: number | null;
  @ApiProperty({ type: String, nullable: true, example: 'master' })
  readonly role: string | null;
  @ApiProperty({ type: Number, nullable: true })
  readonly replicas: number | null;
  readonly memory: BrokerMemoryDto;
  readonly clients: BrokerClientsDto;
  @ApiProperty({ type: Number, nullable: true })
  readonly commands_per_second: number | null;
  readonly persistence: BrokerPersistenceDto;
  /** Why it takes no messages at the moment, by its own word; null where it takes them. */
  @ApiProperty({ type: String, nullable: true })
  readonly blocked: string | null;
  /** What should be mended before it costs tasks, each in one sentence. */
  @ApiProperty({ type: [String] })
  readonly warnings: readonly string[];

  constructor(engine: EngineKind, facts: BrokerFacts) {
    this.as_of = isoTime(facts.at);
    this.product = facts.product;
    this.version = facts.version;
    this.servers = facts.servers;
    this.uptime_seconds = facts.uptimeSeconds;
    this.role = facts.role;
    this.replicas = facts.replicas;
    this.memory = new BrokerMemoryDto(facts.memory);
    this.clients = new BrokerClientsDto(facts.clients);
    this.commands_per_second = facts.commandsPerSecond;
    this.persistence = new BrokerPersistenceDto(facts.persistence);
    this.blocked = facts.blocked;
    this.warnings = brokerWarnings(engine, facts);
  }
}
