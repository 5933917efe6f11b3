import type { components } from './schema.js';

type Schemas = components['schemas'];

/** The words of the API that more than one page speaks. */
export type TaskState = Schemas['TaskState'];
export type TaskSummary = Schemas['TaskSummaryDto'];
export type TaskDetail = Schemas['TaskDetailDto'];
export type Worker = Schemas['WorkerDto'];
export type WorkerStatus = Schemas['WorkerStatus'];
export type Queue = Schemas['QueueDto'];
export type Source = Schemas['SourceDto'];
export type Capability = Schemas['Capability'];
export type TaskStatistics = Schemas['TaskStatisticsDto'];
export type Gap = Schemas['GapDto'];
export type EngineKind = Schemas['EngineKind'];
export type CommandReport = Schemas['CommandReportDto'];
export type TasksStatus = Schemas['TasksStatusDto'];
export type QueueDetail = Schemas['QueueDetailDto'];
export type QueueActionReport = Schemas['QueueActionReportDto'];
export type Schedule = Schemas['ScheduleItemDto'];
export type TaskPage = Schemas['TaskPageDto'];
