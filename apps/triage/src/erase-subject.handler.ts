import { Inject, Injectable } from '@nestjs/common';
import { EraseSubject } from '@towpath/contracts/platform/EraseSubject.v1';
import { SubjectErased } from '@towpath/contracts/platform/SubjectErased.v1';
import { goneAfterMs } from '@towpath/contracts/topic-settings';
import { topicOfName } from '@towpath/contracts/topics';
import { WebhookReceived } from '@towpath/contracts/webhooks/WebhookReceived.v1';
import type { EventStore } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';
import { Handles, type DecisionState, type QueuedHandler, type WorkContext } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { InjectVault, EVENT_STORE } from '@towpath/service-kit/platform';
import { tracesOf, type PersonTraces } from './person-traces.js';

const EMITS = [SubjectErased] as const;
/** The whole store is read. */
const TIMEOUT_MS = 3_600_000;
/** What fits a message; a person with more payments than that has old dead letters under other names at most. */
const NAMES_MAX = 2_000;

interface Destroyed extends PersonTraces {
  /** when the person's own key was destroyed, by this or an earlier erasure */
  readonly firstErasedAt: Date;
}

/** Destroys the keys of a person, as the command that stands in this store asks, and tells every service. Safe to repeat. */
@Injectable()
@Handles(EraseSubject, { mode: 'queued', emits: EMITS, concurrency: 1, timeoutMs: TIMEOUT_MS })
export class EraseSubjectHandler implements QueuedHandler<typeof EraseSubject, typeof EMITS, Destroyed> {
  constructor(
    @Inject(EVENT_STORE) private readonly store: Pick<EventStore, 'query'>,
    @InjectVault() private readonly vault: Pick<Vault, 'keysFor' | 'erase'>,
  ) {}

  async work({ data, correlationId }: Received<typeof EraseSubject>, { signal }: WorkContext): Promise<Destroyed> {
    const { store, vault } = this;
    const traces = await tracesOf(data.subject, { store, vault, signal, except: correlationId });
    const erasedAt = await vault.erase(data, traces.keys);
    return { ...traces, firstErasedAt: erasedAt.get(data.subject)! };
  }

  handle(
    { data }: Received<typeof EraseSubject>,
    { now }: DecisionState,
    { names, keys, deliveries, firstErasedAt }: Destroyed,
  ): Emission<typeof SubjectErased>[] {
    const erasedAt = now.getTime();
    return [
      emit(SubjectErased, {
        ...data,
        names: names.slice(0, NAMES_MAX),
        namesOmitted: Math.max(0, names.length - NAMES_MAX),
        keysDestroyed: keys.length,
        deliveries,
        rawCopiesGoneAt: erasedAt + goneAfterMs(topicOfName(WebhookReceived.topic))!,
        firstErasedAt: firstErasedAt.getTime(),
        erasedAt,
      }),
    ];
  }
}
