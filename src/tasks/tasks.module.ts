import { Module } from '@nestjs/common';
import { TaskLimitsController } from './task-limits.controller.js';
import { TasksController } from './tasks.controller.js';

@Module({ controllers: [TaskLimitsController, TasksController] })
export class TasksModule {}
