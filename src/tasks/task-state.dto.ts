import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ENGINE_KINDS, type EngineKind, type Source } from '../core/source.js';
import { isReady, TASK_STATES, type TaskDetail, type TaskState } from '../core/task.js';
import { AnyJson } from '../http/any-json.decorator.js';
import { TaskErrorDto } from '../http/task-error.dto.js';

/** Nobody has seen such a task, and the engine cannot tell an unknown task from a waiting one. */
interface UnknownTask {
  readonly id: string;
  /** null where several sources might have it. */
  readonly source: Source | null;
}

/** How one task stands, with its result. */
export class TaskStateDto {
  readonly task_id: string;
  /** Name of the source; null where the task is not known and several sources might have it. */
  readonly source: string | null;
  @ApiProperty({ type: String, enum: [...ENGINE_KINDS], nullable: true })
  readonly engine: EngineKind | null;
  /** False where nobody has seen such a task and the engine cannot tell whether it exists: it may just be waiting. */
  readonly known: boolean;
  @ApiProperty({ enum: [...TASK_STATES], enumName: 'TaskState' })
  readonly state: TaskState;
  /** It is over. */
  readonly ready: boolean;
  /** It is over and went well; null while it is not over. */
  readonly successful: boolean | null;
  /** What it returned; null where there is nothing, or nothing is kept. */
  @AnyJson()
  readonly result: unknown;
  /** False where `result`, `traceback` and `progress` were left out because the caller may not see payloads. */
  readonly payloads_visible: boolean;
  /** Only of a task that failed, also while it waits for its next attempt. */
  @ApiPropertyOptional({ type: TaskErrorDto })
  readonly error?: TaskErrorDto;
  /** Only where there is an `error`. */
  @ApiPropertyOptional({ type: String, nullable: true })
  readonly traceback?: string | null;
  /** Only of a running task: whatever it reports. */
  @AnyJson({ required: false })
  readonly progress?: unknown;

  constructor(task: TaskDetail | UnknownTask, payloadsVisible: boolean) {
    const known = 'state' in task;
    this.task_id = task.id;
    this.source = known ? task.source : (task.source?.name ?? null);
    this.engine = known ? task.engine : (task.source?.engine ?? null);
    this.known = known;
    this.state = known ? task.state : 'PENDING';
    this.ready = isReady(this.state);
    this.successful = this.ready ? this.state === 'SUCCESS' : null;
    this.result = known && payloadsVisible ? (task.result ?? null) : null;
    this.payloads_visible = payloadsVisible;
    if (!known) return;
    if (task.error !== null) {
      this.error = new TaskErrorDto(task.error);
      this.traceback = payloadsVisible ? task.traceback : null;
    }
    if (task.state === 'STARTED') this.progress = payloadsVisible ? (task.progress ?? null) : null;
  }
}
