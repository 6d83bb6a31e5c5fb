import type { Contract } from '@towpath/contracts/contract';
import { SagaCanceled } from '@towpath/contracts/sagas/SagaCanceled.v1';
import { SagaContentKept } from '@towpath/contracts/sagas/SagaContentKept.v1';
import { fold } from '@towpath/event-store/fold';
import type { DomainEvent } from '@towpath/event-store/types';
import { partsOf, type SagaDefinition } from '../definition.js';
import type { Input, Message } from '../message.js';
import { sagaIdOf } from '../saga-id.js';
import { partOf, sagas, type SagaState } from '../saga-state.js';
import { decide } from '../saga.decider.js';
import { inputOf, PersonAnswered } from './inputs.js';
import { labelOf } from './labels.js';
import { Participants } from './participants.js';
import { sampleOf } from './sample-data.js';
import type { Scenario } from './scenario.js';

type Data = Readonly<Record<string, unknown>>;

/** A message on its way to the orchestrator or to a participant. */
export interface Delivery {
  readonly id: string;
  readonly to: 'orchestrator' | 'participants';
  readonly contract: Contract;
  readonly data: Data;
  readonly causationId: string | null;
  /** what it is, for people: `charge asked`, `undo of charge done`, `time passes` */
  readonly label: string;
}

/** What happens to one delivery: its place in the run, and how it is disturbed. */
export interface Disturbance {
  readonly at: number;
  readonly fault: Fault;
}

export const FAULTS = ['crash before commit', 'crash after commit', 'duplicate', 'delay', 'reorder'] as const;
export type Fault = (typeof FAULTS)[number];

export interface Run {
  readonly state: SagaState;
  readonly participants: Participants;
  /** every delivery in order, each with what there was before it */
  readonly deliveries: readonly (Delivery & { readonly before: string })[];
  /** what the orchestrator heard of, each once, with the time, milliseconds since the epoch */
  readonly heard: readonly (Delivery & { readonly at: number })[];
  /** commands that were sent after it had ended */
  readonly afterEnd: readonly string[];
  readonly reviews: number;
  /** true when it was still busy after more deliveries than any saga needs */
  readonly endless: boolean;
}

const HOP_MS = 5;
const RESTART_MS = 2_000;
const DAY_MS = 86_400_000;
const DELIVERIES_MAX = 2_000;
const BEGINS_AT = Date.UTC(2026, 0, 5, 9);

interface Scheduled {
  readonly at: number;
  readonly seq: number;
  readonly delivery: Delivery;
  /** it comes once more, or was held back: what disturbs it has happened */
  readonly disturbed?: true;
}

/** One instance of a saga on a clock of its own, over the real decider, with everybody else played. */
export class VirtualWorld {
  private now = BEGINS_AT;
  private seq = 0;
  private queue: Scheduled[] = [];
  private readonly events: DomainEvent[] = [];
  private readonly inbox = new Set<string>();
  private readonly deliveries: (Delivery & { before: string })[] = [];
  private readonly heard: (Delivery & { at: number })[] = [];
  private readonly afterEnd: string[] = [];
  private readonly participants: Participants;
  private readonly down = { orchestrator: 0, participants: 0 };
  /** held until the next delivery to the same receiver was handled */
  private held: Delivery | undefined;
  private readonly told = new Set<string>();
  private reviews = 0;
  /** personal data of the event that began it; in a store they are encrypted */
  private content: string | null = null;
  private readonly start: Data;
  private readonly key: string;
  private readonly sagaId: string;

  constructor(
    private readonly definition: SagaDefinition,
    private readonly scenario: Scenario,
    private readonly disturbance?: Disturbance,
    known: Data = {},
  ) {
    this.participants = new Participants(definition, scenario);
    this.start = sampleOf(definition.starts, known);
    this.key = definition.keyOf(this.start);
    this.sagaId = sagaIdOf(definition.name, this.key);
  }

  run(): Run {
    this.send('orchestrator', this.definition.starts, this.start, { label: 'start' });
    this.sendEarly();
    while (this.queue.length > 0 && this.deliveries.length < DELIVERIES_MAX) this.step();
    const { participants, deliveries, heard, afterEnd, reviews } = this;
    return { state: this.state, participants, deliveries, heard, afterEnd, reviews, endless: this.queue.length > 0 };
  }

  private get state(): SagaState {
    return fold(sagas, this.events);
  }

  private step(): void {
    const { at, delivery, disturbed } = this.takeNext();
    this.now = Math.max(this.now, at);
    const upAt = this.down[delivery.to];
    if (upAt > this.now) return this.schedule(delivery, upAt, disturbed);
    const place = this.deliveries.length;
    const fault = !disturbed && place === this.disturbance?.at ? this.disturbance.fault : undefined;
    this.deliveries.push({ ...delivery, before: this.participants.snapshot() });
    if (fault) this.disturb(delivery, fault);
    else this.handle(delivery);
    this.release(delivery, fault);
  }

  private disturb(delivery: Delivery, fault: Fault): void {
    const { timeoutMs } = this.longest();
    if (fault === 'crash after commit') this.handle(delivery);
    if (fault.startsWith('crash')) {
      this.down[delivery.to] = this.now + RESTART_MS;
      return this.schedule(delivery, this.now + RESTART_MS, true);
    }
    if (fault === 'duplicate') {
      this.handle(delivery);
      this.handle(delivery);
      return this.schedule(delivery, this.now + DAY_MS * 30, true);
    }
    if (fault === 'delay') return this.schedule(delivery, this.now + timeoutMs * 3, true);
    this.held = delivery;
    // Nothing may come after it.
    this.schedule(delivery, this.now + timeoutMs * 3, true);
  }

  /** What was held back comes right behind the message that overtook it. */
  private release({ to, id }: Delivery, fault: Fault | undefined): void {
    if (fault === 'reorder' || this.held?.to !== to || this.held.id === id) return;
    const { held } = this;
    this.held = undefined;
    this.queue = this.queue.filter(({ delivery }) => delivery !== held);
    this.schedule(held, this.now, true);
  }

  private handle(delivery: Delivery): void {
    if (delivery.to === 'participants') return this.handleAsParticipant(delivery);
    if (this.inbox.has(delivery.id)) return;
    this.inbox.add(delivery.id);
    this.heard.push({ ...delivery, at: this.now });
    const before = this.state;
    const input = this.inputOf(delivery);
    if (input) this.append(input, before, delivery);
  }

  private append(input: Input, state: SagaState, { id, contract }: Pick<Delivery, 'id' | 'contract'>): void {
    const circumstances = { state, content: this.content, now: new Date(this.now) };
    const messages = decide(this.definition, circumstances, input);
    messages.forEach((message, index) => this.keep(message, `${id}/${contract.name}/${index}`, state));
    this.tellOfWaits();
  }

  private keep(message: Message, id: string, before: SagaState): void {
    const { contract, data, dueAt } = message;
    if (dueAt) {
      const timer = {
        id,
        to: 'orchestrator',
        contract,
        data: data as Data,
        causationId: null,
        label: 'time passes',
      } as const;
      return this.schedule(timer, dueAt.getTime());
    }
    if (message.id !== undefined) return this.ask(message.id, message, before);
    if (contract === SagaContentKept) this.content = String((data as Data)['content']);
    if (contract.stream === sagas.stream) this.events.push(this.eventOf(id, contract, data));
    else if (contract.name === 'ReviewRequested') this.reviews += 1;
  }

  private ask(id: string, { contract, data }: Message, before: SagaState): void {
    if (before.status === 'completed' || before.status === 'compensated') this.afterEnd.push(contract.type);
    const label = `${labelOf(this.definition, id)} asked`;
    if (this.scenario.canceledDuring !== undefined && label === `${this.scenario.canceledDuring} asked`)
      this.cancelSoon();
    if (this.scenario.endedDuring !== undefined && label === `${this.scenario.endedDuring} asked`) this.endSoon();
    this.send('participants', contract, data as Data, { id, label });
  }

  private handleAsParticipant({ id, contract, data }: Delivery): void {
    const answer = this.participants.handle({ id, contract, data });
    if (!answer) return;
    const label = `${labelOf(this.definition, id)} ${answer.verdict}`;
    this.send('orchestrator', answer.contract, answer.data, { causationId: id, id: `${id}/answer`, label });
  }

  private inputOf(delivery: Delivery): Input | undefined {
    const { contract, data, id } = delivery;
    if (contract === SagaCanceled) this.events.push(this.eventOf(id, contract, data));
    return inputOf(
      this.definition,
      { sagaId: this.sagaId, key: this.key, isNew: this.state.status === 'none' },
      delivery,
    );
  }

  /** Whoever is waited for hears of it when the wait begins. */
  private tellOfWaits(): void {
    for (const part of partsOf(this.definition)) {
      if (part.kind !== 'wait' || this.told.has(part.name)) continue;
      if (partOf(this.state, part.name).act.state !== 'running') continue;
      this.told.add(part.name);
      const arrival = this.scenario.arrivals[part.name] ?? 'comes';
      if (arrival === 'never' || arrival === 'comes-early') continue;
      if (part.event) this.sendAwaited(part.name);
      if (part.person) {
        const data = { part: part.name, decision: arrival === 'rejected' ? 'reject' : 'approve' };
        this.send('orchestrator', PersonAnswered, data, { label: `${part.name} answered` });
      }
    }
  }

  private sendEarly(): void {
    for (const [name, arrival] of Object.entries(this.scenario.arrivals))
      if (arrival === 'comes-early') this.sendAwaited(name);
  }

  private sendAwaited(name: string): void {
    const wait = partsOf(this.definition).find((part) => part.name === name);
    if (wait?.kind !== 'wait' || !wait.event) return;
    const { contract } = wait.event;
    this.send('orchestrator', contract, sampleOf(contract, this.start), { label: `${name} comes` });
  }

  private cancelSoon(): void {
    const data = { sagaId: this.sagaId, actor: 'ada', reason: 'not wanted any more' };
    this.send('orchestrator', SagaCanceled, sampleOf(SagaCanceled, data), { label: 'canceled' });
  }

  private endSoon(): void {
    const [end] = this.definition.ends;
    if (end)
      this.send('orchestrator', end.contract, sampleOf(end.contract, this.start), { label: 'ended by its event' });
  }

  private send(
    to: Delivery['to'],
    contract: Contract,
    data: Data,
    { id, causationId = null, label }: { id?: string; causationId?: string | null; label: string },
  ): void {
    this.schedule({ id: id ?? `${label}/${this.seq}`, to, contract, data, causationId, label }, this.now + HOP_MS);
  }

  private schedule(delivery: Delivery, at: number, disturbed?: true): void {
    this.queue.push({ at, seq: (this.seq += 1), delivery, ...(disturbed && { disturbed }) });
  }

  private takeNext(): Scheduled {
    const next = this.queue.reduce((a, b) => (b.at < a.at || (b.at === a.at && b.seq < a.seq) ? b : a));
    this.queue.splice(this.queue.indexOf(next), 1);
    return next;
  }

  private eventOf(id: string, contract: Contract, data: unknown): DomainEvent {
    const metadata = { correlationId: this.sagaId, causationId: id, hops: 1, path: [], handler: 'virtual' };
    const stream = sagas.of(this.sagaId);
    return { id, stream, type: contract.type, data, metadata, occurredAt: new Date(this.now) };
  }

  private longest(): { readonly timeoutMs: number } {
    const steps = partsOf(this.definition).filter((part) => part.kind === 'step');
    return { timeoutMs: Math.max(1_000, ...steps.map((step) => step.timeoutMs)) };
  }
}
