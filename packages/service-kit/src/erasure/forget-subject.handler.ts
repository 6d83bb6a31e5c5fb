import { Inject, Injectable } from '@nestjs/common';
import { SubjectErased } from '@towpath/contracts/platform/SubjectErased.v1';
import { SubjectForgotten } from '@towpath/contracts/platform/SubjectForgotten.v1';
import { Handles, type DecisionState, type QueuedHandler, type Reads, type WorkContext } from '../handles.js';
import { emit, type Emission, type Received } from '../message.js';
import { SERVICE_NAME } from '../service.js';
import { findLetters } from './dead-letter-search.js';
import { OwnData } from './own-data.js';

const EMITS = [SubjectForgotten] as const;
/** Every dead letter of the store is opened. */
const TIMEOUT_MS = 600_000;

interface LookedThrough {
  readonly deadLetters: number;
  readonly expiredLetters: number;
  readonly waiting: number;
}

/**
 * Forgets an erased person and says what was dropped: rows of projections, by the event that it appends, and the keys of dead
 * letters that name the person. Part of every service with a store. Safe to repeat.
 */
@Injectable()
@Handles(SubjectErased, { mode: 'queued', emits: EMITS, concurrency: 1, timeoutMs: TIMEOUT_MS })
export class ForgetSubject implements QueuedHandler<typeof SubjectErased, typeof EMITS, LookedThrough> {
  constructor(
    @Inject(SERVICE_NAME) private readonly service: string,
    private readonly own: OwnData,
  ) {}

  reads({ data }: Received<typeof SubjectErased>): Reads {
    return { rows: this.own.rowsOf(data.subject).map(({ projection, key }) => projection.at(key)) };
  }

  async work({ data }: Received<typeof SubjectErased>, { signal }: WorkContext): Promise<LookedThrough> {
    const { store, vault } = this.own;
    const { naming, expired } = await findLetters(data.names, { store, vault, signal });
    await vault.eraseDeadLetters(data, [...naming, ...expired]);
    const depths = await store.heldDepths();
    // This message itself waits until it is decided.
    const waiting = depths.reduce((sum, { messages }) => sum + messages, 0) - 1;
    return { deadLetters: naming.length, expiredLetters: expired.length, waiting: Math.max(0, waiting) };
  }

  handle(
    { data }: Received<typeof SubjectErased>,
    state: DecisionState,
    looked: LookedThrough,
  ): Emission<typeof SubjectForgotten>[] {
    const { erasureId, subject } = data;
    const { service } = this;
    const kept = this.own.rowsOf(subject).filter(({ projection, key }) => state.row(projection, key) !== undefined);
    const rows = kept.map(({ projection }) => projection.name);
    const about = { forgottenId: `${service}:${subject}`, erasureId, subject, service };
    return [emit(SubjectForgotten, { ...about, rows, ...looked, forgottenAt: state.now.getTime() })];
  }
}
