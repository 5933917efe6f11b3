import { Module } from '@nestjs/common';
import { BulkOperationsController } from './bulk-operations.controller.js';
import { BulkOperations } from './bulk-operations.js';

@Module({ controllers: [BulkOperationsController], providers: [BulkOperations] })
export class BulkOperationsModule {}
