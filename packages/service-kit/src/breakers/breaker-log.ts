import { BreakerChanged } from '@towpath/contracts/platform/BreakerChanged.v1';
import { randomUUID } from 'node:crypto';
import type { Decisions } from '../decisions.js';
import type { Logger } from '../logger.js';
import { emit, type Received } from '../message.js';
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
    private readonly service: string,
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
    const { service } = this;
    const breakerId = breakerIdOf(service, name);
    try {
      await this.decisions.run({
        step: 'tell-breaker',
        cause: ofItself(service, breakerId),
        emits: [BreakerChanged],
        decide: ({ now }) => [
          emit(BreakerChanged, {
            ...{ breakerId, service, name, state, cause: cause.slice(0, CAUSE_CHARS_MAX), actor: null },
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
function ofItself(service: string, breakerId: string): Received {
  const id = randomUUID();
  return {
    ...{
      id,
      type: BreakerChanged.type,
      data: null,
      subject: breakerId,
      source: `/services/${service}`,
      time: new Date(),
    },
    ...{ correlationId: id, causationId: null, hops: 0, path: [], traceparent: null },
  };
}
