import { ApiProperty } from '@nestjs/swagger';
import type { PlacedMember } from '../core/task-family.js';
import type { TaskFamily } from '../history/family-archive.js';
import { TaskSummaryDto } from '../http/task-summary.dto.js';

export class FamilyMemberDto {
  readonly task_id: string;
  /** The task that began it: of a chain the one before. Of a BullMQ flow the task that waits for it. null where there is none, or nobody told. */
  readonly parent_id: string | null;
  /** Generations below the root. */
  readonly depth: number;
  /** Whether it is one of the tasks that decided when the family was done. */
  readonly critical: boolean;
  /** With the times from which a chart is drawn; null where nobody keeps the task any more. */
  @ApiProperty({ type: TaskSummaryDto, nullable: true })
  readonly task: TaskSummaryDto | null;

  constructor(member: PlacedMember, critical: boolean) {
    this.task_id = member.id;
    this.parent_id = member.parentId;
    this.depth = member.depth;
    this.critical = critical;
    this.task = member.task === null ? null : new TaskSummaryDto(member.task);
  }
}

/** The workflow that a task belongs to; of a task that belongs to none, itself alone. */
export class TaskFamilyDto {
  readonly source: string;
  readonly root_id: string;
  /** From the root down, each parent before its children, the earlier before the later; at most 500. */
  @ApiProperty({ type: [FamilyMemberDto] })
  readonly items: readonly FamilyMemberDto[];
  /** Ids of the tasks that decided when the family was done, the first to run first: each had to end, or to begin, before the next could start. */
  @ApiProperty({ type: [String] })
  readonly critical_path: readonly string[];
  /** False where there are more members than are told, or not all could be looked at within three seconds. */
  readonly complete: boolean;

  constructor(family: TaskFamily) {
    const critical = new Set(family.criticalPath);
    this.source = family.source;
    this.root_id = family.rootId;
    this.items = family.members.map((member) => new FamilyMemberDto(member, critical.has(member.id)));
    this.critical_path = family.criticalPath;
    this.complete = family.complete;
  }
}
