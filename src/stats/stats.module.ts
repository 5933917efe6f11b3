import { Module } from '@nestjs/common';
import { NameStatisticsController } from './name-statistics.controller.js';
import { StatsController } from './stats.controller.js';

@Module({ controllers: [StatsController, NameStatisticsController] })
export class StatsModule {}
