import { BooleanInBody, WholeNumberInBody, WordInBody } from '../http/body-fields.js';

/** More than anybody runs in one worker; a slip of the keyboard must not fork ten thousand processes. */
const MAX_POOL = 1_000;

export const POOL_ACTIONS = ['grow', 'shrink', 'restart'] as const;

export class PoolChangeDto {
  @WordInBody(POOL_ACTIONS, { description: 'What becomes of the pool' })
  readonly action: string;

  @WholeNumberInBody({
    description: 'Processes or threads more, or less; a restart takes no notice of it',
    minimum: 1,
    maximum: MAX_POOL,
    default: 1,
  })
  readonly by: number = 1;

  constructor() {
    this.action = '';
  }
}

export class AutoscaleDto {
  @WholeNumberInBody({ description: 'Processes that it keeps when idle', minimum: 0, maximum: MAX_POOL })
  readonly minimum: number;

  @WholeNumberInBody({ description: 'Processes that it has when busy', minimum: 1, maximum: MAX_POOL })
  readonly maximum: number;

  constructor() {
    this.minimum = Number.NaN;
    this.maximum = Number.NaN;
  }
}

export class EventsSwitchDto {
  @BooleanInBody({ description: 'Whether it tells about its tasks' })
  readonly enabled: boolean | null;

  constructor() {
    this.enabled = null;
  }
}
