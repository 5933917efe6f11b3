import { ApiProperty } from '@nestjs/swagger';
import { type BrokerCost, CAPABILITIES, type Capability } from '../core/queue-engine.js';
import type { SourceConnection } from '../core/source.js';
import { isoTime, seconds } from '../http/iso-time.js';
import { ItemDto, itemOf } from '../http/item.dto.js';
import { SOURCE_CONNECTIONS } from '../http/source-state.dto.js';
import type { SourceView } from '../queue-inspector/source-view.js';
import type { UnresolvedBroker } from '../queue-inspector/unresolved-broker.js';
import { BrokerDto } from './broker.dto.js';

/** What watching costs the broker; totals since the start. */
export class BrokerCostDto {
  readonly connections: number;
  readonly commands: number;
  readonly bytes_read: number;
  readonly reconnects: number;

  constructor(cost: BrokerCost) {
    this.connections = cost.connections;
    this.commands = cost.commands;
    this.bytes_read = cost.bytesRead;
    this.reconnects = cost.reconnects;
  }
}

/** A broker that is watched. */
export class SourceDto extends ItemDto {
  /** The broker's URL without credentials. */
  readonly location: string;
  @ApiProperty({ enum: [...SOURCE_CONNECTIONS], enumName: 'SourceConnection' })
  readonly connection: SourceConnection;
  /** When `connection` last changed. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly since: string | null;
  /** The broker's last answer of any kind; null until the first one. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly last_answer_at: string | null;
  /** What is wrong, in one sentence; null where nothing is. */
  readonly problem: string | null;
  /** When the broker was last looked at. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly as_of: string | null;
  /** How long that took. */
  readonly poll_seconds: number | null;
  /** What can be done here beyond watching; the rest is answered with 409. */
  @ApiProperty({ enum: [...CAPABILITIES], enumName: 'Capability', isArray: true })
  readonly capabilities: readonly Capability[];
  /** Names of tasks that may be sent there, or beginnings of names followed by `*`; empty where none may be. */
  @ApiProperty({ type: [String] })
  readonly sendable: readonly string[];
  readonly cost: BrokerCostDto;
  /** What the broker tells of itself; null before it was asked, and where it may not tell us. */
  @ApiProperty({ type: BrokerDto, nullable: true })
  readonly broker: BrokerDto | null;

  constructor(view: SourceView) {
    super(itemOf(view.source));
    this.location = view.source.location;
    this.connection = view.status.connection;
    this.since = isoTime(view.status.since);
    this.last_answer_at = isoTime(view.status.lastAnswerAt);
    this.problem = view.problem ?? view.status.problem;
    this.as_of = isoTime(view.snapshot?.at ?? null);
    this.poll_seconds = seconds(view.pollMs);
    this.capabilities = CAPABILITIES.filter((capability) => view.capabilities.has(capability));
    this.sendable = view.sendable;
    this.cost = new BrokerCostDto(view.cost);
    this.broker = view.broker === null ? null : new BrokerDto(view.source.engine, view.broker);
  }
}

/** A configured broker of which it is not known yet what lives there. */
export class UnresolvedBrokerDto {
  /** Its URL without credentials. */
  readonly location: string;
  @ApiProperty({ enum: [...SOURCE_CONNECTIONS], enumName: 'SourceConnection' })
  readonly connection: SourceConnection;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly since: string | null;
  /** What is wrong, in one sentence; null where nothing is, and the broker just holds nothing of Celery, Bull or BullMQ. */
  readonly problem: string | null;

  constructor({ location, status }: UnresolvedBroker) {
    this.location = location;
    this.connection = status.connection;
    this.since = isoTime(status.since);
    this.problem = status.problem;
  }
}

/** All of them: there are never many more than were configured. */
export class SourcePageDto {
  @ApiProperty({ type: [SourceDto] })
  readonly items: readonly SourceDto[];
  @ApiProperty({ type: String, nullable: true })
  readonly next_cursor: null = null;
  readonly total: number;
  @ApiProperty({ type: [UnresolvedBrokerDto] })
  readonly unresolved: readonly UnresolvedBrokerDto[];

  constructor(items: readonly SourceDto[], unresolved: readonly UnresolvedBrokerDto[]) {
    this.items = items;
    this.total = items.length;
    this.unresolved = unresolved;
  }
}
