import { ApiProperty } from '@nestjs/swagger';
import type { Deployment, DeploymentPage } from '../core/deployment.js';
import { TextInBody } from '../http/body-fields.js';
import { isoTime } from '../http/iso-time.js';
import { TextField, WholeNumberField } from '../http/query-fields.js';

const MAX_TEXT = 100;
const MAX_LINK = 500;
const MAX_MOMENT = 40;
const MAX_LISTED = 1_000;

export class NewDeploymentDto {
  @TextInBody({ maxLength: MAX_TEXT, description: 'What was deployed', example: 'billing' })
  readonly name: string = '';

  @TextInBody({ maxLength: MAX_TEXT, description: 'Which version of it', example: '1.42.0', optional: true })
  readonly version?: string;

  @TextInBody({
    maxLength: MAX_MOMENT,
    description: 'When: an ISO 8601 time, epoch seconds, or how long ago, such as 5m; now where it is missing',
    example: '2026-01-02T10:30:00Z',
    optional: true,
  })
  readonly at?: string;

  @TextInBody({
    maxLength: MAX_LINK,
    description: 'Where to read more: an http or https address',
    example: 'https://ci.example/builds/42',
    optional: true,
  })
  readonly link?: string;
}

export class DeploymentQueryDto {
  @TextField({ description: 'Since when; default an hour before `to`', example: '24h', maxLength: MAX_MOMENT })
  readonly from?: string;

  @TextField({ description: 'Until when; default now', maxLength: MAX_MOMENT })
  readonly to?: string;

  @WholeNumberField({ minimum: 1, maximum: MAX_LISTED, default: 100, description: 'At most so many, the latest' })
  readonly limit: number = 100;
}

/** New software, as somebody has told. */
export class DeploymentDto {
  readonly id: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly at: string | null;
  readonly name: string;
  @ApiProperty({ type: String, nullable: true })
  readonly version: string | null;
  @ApiProperty({ type: String, nullable: true })
  readonly link: string | null;
  /** Who told it; null where nobody had signed in. */
  @ApiProperty({ type: String, nullable: true })
  readonly who: string | null;

  constructor(deployment: Deployment) {
    this.id = deployment.id;
    this.at = isoTime(deployment.at);
    this.name = deployment.name;
    this.version = deployment.version;
    this.link = deployment.link;
    this.who = deployment.who;
  }
}

/** The latest first. */
export class DeploymentPageDto {
  @ApiProperty({ type: [DeploymentDto] })
  readonly items: readonly DeploymentDto[];
  /** Always null: for earlier ones ask for an earlier time. */
  @ApiProperty({ type: String, nullable: true })
  readonly next_cursor: null = null;
  /** In the time that was asked for. */
  readonly total: number;

  constructor({ deployments, total }: DeploymentPage) {
    this.items = deployments.map((deployment) => new DeploymentDto(deployment));
    this.total = total;
  }
}
