import { Module } from '@nestjs/common';
import { QueueActionsController } from './queue-actions.controller.js';
import { QueuesController } from './queues.controller.js';

@Module({ controllers: [QueuesController, QueueActionsController] })
export class QueuesModule {}
