import { ApiProperty } from '@nestjs/swagger';
import type { Worker } from '../core/worker.js';
import type { RegisteredTask, WorkerInspection } from '../core/worker-inspection.js';
import { ItemDto } from '../http/item.dto.js';

/** More than anybody reads; the exact number stands beside each list. */
const LONGEST_LIST = 1_000;

/** null: no limit of its own. */
export class RegisteredTaskDto {
  /** @example 'app.tasks.train_model' */
  readonly name: string;
  /** As the engine writes it, such as `10/m`. */
  readonly rate_limit: string | null;
  readonly soft_time_limit_seconds: number | null;
  readonly time_limit_seconds: number | null;
  readonly max_retries: number | null;

  constructor(task: RegisteredTask) {
    this.name = task.name;
    this.rate_limit = task.rateLimit;
    this.soft_time_limit_seconds = task.softSeconds;
    this.time_limit_seconds = task.hardSeconds;
    this.max_retries = task.maxRetries;
  }
}

/** What the worker has said when it was asked just now. null: it has not answered that question within a second. */
export class WorkerInspectionDto extends ItemDto {
  /** @example 'celery@worker1' */
  readonly worker: string;
  /** What it could run, by name; at most 1000 of them. */
  @ApiProperty({ type: [RegisteredTaskDto], nullable: true })
  readonly tasks: readonly RegisteredTaskDto[] | null;
  readonly total_tasks: number | null;
  /** What its application has changed from the engine's defaults, in the engine's words; secrets are left out. */
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true })
  readonly settings: Readonly<Record<string, unknown>> | null;
  /** Its own figures, in the engine's words. */
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true })
  readonly statistics: Readonly<Record<string, unknown>> | null;
  /** Ids of tasks that it will not run; at most 1000 of them. */
  @ApiProperty({ type: [String], nullable: true })
  readonly revoked: readonly string[] | null;
  readonly total_revoked: number | null;

  constructor(worker: Worker, inspection: WorkerInspection) {
    super(worker);
    const { tasks, revoked } = inspection;
    this.worker = worker.name;
    this.tasks =
      tasks &&
      [...tasks]
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .slice(0, LONGEST_LIST)
        .map((task) => new RegisteredTaskDto(task));
    this.total_tasks = tasks?.length ?? null;
    this.settings = inspection.settings;
    this.statistics = inspection.statistics;
    this.revoked = revoked?.slice(0, LONGEST_LIST) ?? null;
    this.total_revoked = revoked?.length ?? null;
  }
}
