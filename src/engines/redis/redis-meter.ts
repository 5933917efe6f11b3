import type { BrokerCost } from '../../core/queue-engine.js';

/** What one source's connections have cost the broker so far. Shared by all links of an engine. */
export class RedisMeter {
  #commands = 0;
  #reconnects = 0;
  readonly #links = new Set<{ openSockets(): number; bytesRead(): number }>();

  attach(link: { openSockets(): number; bytesRead(): number }): void {
    this.#links.add(link);
  }

  sent(commands: number): void {
    this.#commands += commands;
  }

  reconnected(): void {
    this.#reconnects += 1;
  }

  cost(): BrokerCost {
    let connections = 0;
    let bytesRead = 0;
    for (const link of this.#links) {
      connections += link.openSockets();
      bytesRead += link.bytesRead();
    }
    return { connections, commands: this.#commands, bytesRead, reconnects: this.#reconnects };
  }
}
