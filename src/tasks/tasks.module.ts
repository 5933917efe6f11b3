import { Module } from '@nestjs/common';
import { TaskActionsController } from './task-actions.controller.js';
import { TaskAuditController } from './task-audit.controller.js';
import { TaskExportController } from './task-export.controller.js';
import { TaskFamilyController } from './task-family.controller.js';
import { TaskLimitsController } from './task-limits.controller.js';
import { TaskSendingController } from './task-sending.controller.js';
import { TasksController } from './tasks.controller.js';

@Module({
  controllers: [
    TaskLimitsController,
    TaskFamilyController,
    TaskAuditController,
    TaskExportController,
    TasksController,
    TaskActionsController,
    TaskSendingController,
  ],
})
export class TasksModule {}
