import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import type { ApiToken } from '../auth/api-token.js';
import type { Permission } from '../auth/permission.decorator.js';
import { PERMISSIONS } from '../core/permissions.js';
import { isoTime } from '../http/iso-time.js';

const MAX_NAME = 100;
const MAX_ENTRIES = 100;
const MAX_ENTRY = 512;
export const DEFAULT_DAYS = 90;
export const MAX_DAYS = 366;

const NAMES = `1 to ${MAX_ENTRIES} texts of at most ${MAX_ENTRY} characters`;

/** A list of names that may be left out. */
function NamesField(description: string): PropertyDecorator {
  const checks = [
    IsOptional(),
    IsArray({ message: NAMES }),
    ArrayMinSize(1, { message: NAMES }),
    ArrayMaxSize(MAX_ENTRIES, { message: NAMES }),
    IsString({ each: true, message: NAMES }),
    MaxLength(MAX_ENTRY, { each: true, message: NAMES }),
    ApiPropertyOptional({ type: [String], description }),
  ];
  return (target, key) => {
    for (const check of checks) check(target, key);
  };
}

export class TokenWishDto {
  @ApiProperty({ type: String, minLength: 1, maxLength: MAX_NAME, example: 'prometheus' })
  @IsString({ message: `a text of 1 to ${MAX_NAME} characters` })
  @Length(1, MAX_NAME, { message: `a text of 1 to ${MAX_NAME} characters` })
  readonly name: string = '';

  @ApiPropertyOptional({
    type: String,
    maxLength: MAX_NAME,
    description: 'What it may do: a role, or `permissions`',
    example: 'viewer',
  })
  @IsOptional()
  @IsString({ message: 'the name of a role' })
  @MaxLength(MAX_NAME, { message: 'the name of a role' })
  readonly role?: string;

  @ApiPropertyOptional({ enum: [...PERMISSIONS], enumName: 'Permission', isArray: true })
  @IsOptional()
  @IsArray({ message: `a list of ${PERMISSIONS.join(', ')}` })
  @IsIn(PERMISSIONS, { each: true, message: `a list of ${PERMISSIONS.join(', ')}` })
  readonly permissions?: readonly Permission[];

  @NamesField('Of the operations that change something only these, by operationId; all where it is missing')
  readonly actions?: readonly string[];

  @NamesField('Only these sources, by name or beginning and `*`; all where it is missing')
  readonly sources?: readonly string[];

  @NamesField('Only these queues; all where it is missing')
  readonly queues?: readonly string[];

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_DAYS, default: DEFAULT_DAYS })
  @IsInt({ message: `a whole number from 1 to ${MAX_DAYS}` })
  @Min(1, { message: `a whole number from 1 to ${MAX_DAYS}` })
  @Max(MAX_DAYS, { message: `a whole number from 1 to ${MAX_DAYS}` })
  readonly expires_in_days: number = DEFAULT_DAYS;
}

/** What is kept of a token. */
export class TokenDto {
  /**
   * Also in the token itself.
   * @example '1f2e3d4c'
   */
  readonly id: string;
  readonly name: string;
  readonly role: string | null;
  @ApiProperty({ enum: [...PERMISSIONS], enumName: 'Permission', isArray: true })
  readonly permissions: readonly Permission[];
  @ApiProperty({ type: [String], nullable: true })
  readonly actions: readonly string[] | null;
  @ApiProperty({ type: [String], nullable: true })
  readonly sources: readonly string[] | null;
  @ApiProperty({ type: [String], nullable: true })
  readonly queues: readonly string[] | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly created_at: string | null;
  readonly created_by: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly expires_at: string | null;
  readonly expired: boolean;

  constructor(token: ApiToken, now: number) {
    this.id = token.id;
    this.name = token.name;
    this.role = token.role;
    this.permissions = token.permissions;
    this.actions = token.actions;
    this.sources = token.sources;
    this.queues = token.queues;
    this.created_at = isoTime(token.createdAt);
    this.created_by = token.createdBy;
    this.expires_at = isoTime(token.expiresAt);
    this.expired = token.expiresAt <= now;
  }
}

/** A token that was just made. */
export class NewTokenDto extends TokenDto {
  /** Send it as `Authorization: Bearer …`. It is told this once; only its hash is kept. */
  readonly token: string;

  constructor(token: ApiToken, now: number, text: string) {
    super(token, now);
    this.token = text;
  }
}

export class TokenPageDto {
  @ApiProperty({ type: [TokenDto] })
  readonly items: readonly TokenDto[];
  /** Always null: the list is whole. */
  readonly next_cursor: string | null = null;
  readonly total: number;

  constructor(items: readonly TokenDto[]) {
    this.items = items;
    this.total = items.length;
  }
}
