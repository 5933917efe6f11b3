import { ApiProperty } from '@nestjs/swagger';
import {
  ATTEMPT_OUTCOMES,
  type AttemptOutcome,
  type TaskAttempt,
  type TaskDetail,
  type TaskTimelineEntry,
} from '../core/task.js';
import { AnyJson } from '../http/any-json.decorator.js';
import { isoTime } from '../http/iso-time.js';
import { TaskErrorDto } from '../http/task-error.dto.js';
import { TaskSummaryDto } from '../http/task-summary.dto.js';

export class TaskAttemptDto {
  /** 1 for the first. */
  readonly number: number;
  readonly worker: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly started_at: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly ended_at: string | null;
  /** null while it runs. */
  @ApiProperty({ type: String, enum: [...ATTEMPT_OUTCOMES], nullable: true })
  readonly outcome: AttemptOutcome | null;
  @ApiProperty({ type: TaskErrorDto, nullable: true })
  readonly error: TaskErrorDto | null;

  constructor(attempt: TaskAttempt) {
    this.number = attempt.number;
    this.worker = attempt.worker;
    this.started_at = isoTime(attempt.startedAt);
    this.ended_at = isoTime(attempt.endedAt);
    this.outcome = attempt.outcome;
    this.error = TaskErrorDto.of(attempt.error);
  }
}

export class TaskTimelineEntryDto {
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly at: string | null;
  /**
   * One word.
   * @example 'started'
   */
  readonly what: string;
  readonly attempt: number | null;
  readonly worker: string | null;

  constructor(entry: TaskTimelineEntry) {
    this.at = isoTime(entry.at);
    this.what = entry.what;
    this.attempt = entry.attempt;
    this.worker = entry.worker;
  }
}

/** Everything known about one task. */
export class TaskDetailDto extends TaskSummaryDto {
  /** False where args, kwargs, result, traceback, progress, logs and raw were left out because the caller may not see payloads. */
  readonly payloads_visible: boolean;
  /** Positional arguments of Celery, the data of Bull and BullMQ. */
  @AnyJson()
  readonly args: unknown;
  /** Keyword arguments; null for engines that have none. */
  @AnyJson()
  readonly kwargs: unknown;
  @AnyJson()
  readonly result: unknown;
  readonly traceback: string | null;
  /** Whatever the task reports while it runs. */
  @AnyJson()
  readonly progress: unknown;
  readonly priority: number | null;
  readonly max_attempts: number | null;
  /** Newest first and bounded; null where the engine keeps none. */
  @ApiProperty({ type: [String], nullable: true })
  readonly logs: readonly string[] | null;
  @ApiProperty({ type: [TaskAttemptDto] })
  readonly attempt_history: readonly TaskAttemptDto[];
  @ApiProperty({ type: [TaskTimelineEntryDto] })
  readonly timeline: readonly TaskTimelineEntryDto[];
  readonly parent_id: string | null;
  readonly root_id: string | null;
  @ApiProperty({ type: [String] })
  readonly child_ids: readonly string[];
  /** The engine's own fields, secrets removed. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  readonly raw: Readonly<Record<string, unknown>>;

  constructor(task: TaskDetail, payloadsVisible: boolean) {
    super(task);
    this.payloads_visible = payloadsVisible;
    this.args = payloadsVisible ? (task.args ?? null) : null;
    this.kwargs = payloadsVisible ? (task.kwargs ?? null) : null;
    this.result = payloadsVisible ? (task.result ?? null) : null;
    this.traceback = payloadsVisible ? task.traceback : null;
    this.progress = payloadsVisible ? (task.progress ?? null) : null;
    this.priority = task.priority;
    this.max_attempts = task.maxAttempts;
    this.logs = payloadsVisible ? task.logs : null;
    this.attempt_history = task.attemptHistory.map((attempt) => new TaskAttemptDto(attempt));
    this.timeline = task.timeline.map((entry) => new TaskTimelineEntryDto(entry));
    this.parent_id = task.parentId;
    this.root_id = task.rootId;
    this.child_ids = task.childIds;
    this.raw = payloadsVisible ? task.raw : {};
  }
}
