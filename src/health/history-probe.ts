import { Injectable } from '@nestjs/common';
import { HistoryHealth } from '../history/history-health.js';
import { HealthProbe, type ProbeAnswer } from './health-probe.decorator.js';

/** A history that cannot be written makes the service degraded, never unready: everything else goes on without it. */
@Injectable()
export class HistoryProbe {
  constructor(private readonly history: HistoryHealth) {}

  @HealthProbe('history')
  async store(): Promise<readonly ProbeAnswer[]> {
    const { state } = this.history.condition();
    if (state === 'off') return [];
    if (state === 'up') return [{ name: 'history', status: 'up', message: null }];
    if (state === 'standby') return [{ name: 'history', status: 'up', message: 'another instance writes it' }];
    return [{ name: 'history', status: 'degraded', message: 'cannot be written' }];
  }
}
