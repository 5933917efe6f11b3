import { SketchBuilder } from './duration-sketch.js';
import { isTaskFigures, type LevelFigures, type SeriesRow, type TaskFigures } from './series.js';

/** Rows added up, one after the other. */
export class SeriesSum {
  sent = 0;
  started = 0;
  success = 0;
  failure = 0;
  retry = 0;
  revoked = 0;
  rejected = 0;
  readonly run = new SketchBuilder();
  readonly wait = new SketchBuilder();
  samples = 0;
  first = 0;
  second: number | null = null;
  third: number | null = null;
  greatest: number | null = null;

  get finished(): number {
    return this.success + this.failure + this.retry + this.revoked + this.rejected;
  }

  add(figures: SeriesRow['figures']): void {
    if (isTaskFigures(figures)) this.#addTasks(figures);
    else this.#addLevels(figures);
  }

  tasks(): TaskFigures {
    const { sent, started, success, failure, retry, revoked, rejected } = this;
    return { sent, started, success, failure, retry, revoked, rejected, run: this.run.take(), wait: this.wait.take() };
  }

  levels(): LevelFigures {
    const { samples, first, second, third, greatest } = this;
    return { samples, first, second, third, greatest };
  }

  #addTasks(figures: TaskFigures): void {
    this.sent += figures.sent;
    this.started += figures.started;
    this.success += figures.success;
    this.failure += figures.failure;
    this.retry += figures.retry;
    this.revoked += figures.revoked;
    this.rejected += figures.rejected;
    this.run.merge(figures.run);
    this.wait.merge(figures.wait);
  }

  #addLevels(figures: LevelFigures): void {
    this.samples += figures.samples;
    this.first += figures.first;
    if (figures.second !== null) this.second = (this.second ?? 0) + figures.second;
    if (figures.third !== null) this.third = (this.third ?? 0) + figures.third;
    if (figures.greatest !== null) this.greatest = Math.max(this.greatest ?? 0, figures.greatest);
  }
}
