import { Module } from '@nestjs/common';
import { WorkerControlController } from './worker-control.controller.js';
import { WorkerLivesController } from './worker-lives.controller.js';
import { WorkersController } from './workers.controller.js';

@Module({ controllers: [WorkersController, WorkerControlController, WorkerLivesController] })
export class WorkersModule {}
