import { Module } from '@nestjs/common';
import { WorkerControlController } from './worker-control.controller.js';
import { WorkersController } from './workers.controller.js';

@Module({ controllers: [WorkersController, WorkerControlController] })
export class WorkersModule {}
