import { BreakerChanged } from '@towpath/contracts/platform/BreakerChanged.v1';
import type { Decisions } from '@towpath/service-kit/decisions';
import type { Logger } from '@towpath/service-kit/logger';
import { emit, type Received } from '@towpath/service-kit/message';
import { randomUUID } from 'node:crypto';
import { breakerIdOf } from './breakers.projection.js';

interface Change {
  readonly name: string;
  readonly state: 'open' | 'closed';
  readonly cause: string;
}

const CAUSE_CHARS_MAX = 500;

/**
 * Tells what the breakers of this process do: each change is an event, so that people see it without asking every replica. A
 * breaker that opens again after each try is told of once.
 */
export class BreakerLog {
  private readonly told = new Map<string, Change['state']>();
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly decisions: Pick<Decisions, 'run'>,
    private readonly logger: Pick<Logger, 'warn' | 'error'>,
  ) {}

  tell(name: string, state: Change['state'], cause: string): void {
    if ((this.told.get(name) ?? 'closed') === state) return;
    this.told.set(name, state);
    this.logger.warn({ breaker: name, state, cause }, 'breaker.changed');
    this.writing = this.writing.then(() => this.write({ name, state, cause }));
  }

  /** What a person closed is told of again when it opens. */
  forget(name: string): void {
    this.told.delete(name);
  }

  stop(): Promise<void> {
    return this.writing;
  }

  private async write({ name, state, cause }: Change): Promise<void> {
    const breakerId = breakerIdOf(name);
    try {
      await this.decisions.run({
        step: 'tell-breaker',
        cause: ofItself(breakerId),
        emits: [BreakerChanged],
        decide: ({ now }) => [
          emit(BreakerChanged, {
            ...{ breakerId, service: 'egress', name, state, cause: cause.slice(0, CAUSE_CHARS_MAX), actor: null },
            changedAt: now.getTime(),
          }),
        ],
      });
    } catch (err) {
      // The store is away: the change is in the log above, and the next one is told.
      this.logger.error({ err, breaker: name }, 'breaker.untold');
    }
  }
}

/** No message asks for it: it begins a story of its own. */
function ofItself(breakerId: string): Received {
  const id = randomUUID();
  return {
    ...{ id, type: BreakerChanged.type, data: null, subject: breakerId, source: '/services/egress', time: new Date() },
    ...{ correlationId: id, causationId: null, hops: 0, path: [], traceparent: null },
  };
}
