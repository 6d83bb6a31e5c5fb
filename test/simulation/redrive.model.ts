import { DeadLetterDiscarded } from '@towpath/contracts/platform/DeadLetterDiscarded.v1';
import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { DeadLetterRedriven } from '@towpath/contracts/platform/DeadLetterRedriven.v1';
import type { DomainEvent } from '@towpath/event-store/types';
import { deadLetters } from '../../packages/service-kit/src/dead-letters/dead-letter.js';
import { LetterOwner } from '../../packages/service-kit/src/dead-letters/letter-owner.js';
import { settling } from '../../packages/service-kit/src/dead-letters/settle.decider.js';
import { hold } from './simulate.js';

export interface Ask {
  readonly kind: 'ask';
  readonly verb: 'redrive' | 'discard';
  readonly letter: number;
  /** the service the command names */
  readonly service: number;
}

export type RedriveStep =
  | Ask
  | { readonly kind: 'fail'; readonly letter: number }
  /** a service handles one of the commands on the topic, perhaps not for the first time; killed, it commits nothing */
  | { readonly kind: 'deliver'; readonly to: number; readonly which: number; readonly killed: boolean };

const services = ['fraud', 'egress'];

/** Dead letters of two services and the commands about them on a topic that both read, in any order and again and again. */
export class RedriveModel {
  /** each letter's stream in its owner's store */
  private readonly streams = new Map<number, DomainEvent[]>();
  private readonly commands: Ask[] = [];
  private readonly executed = new Map<number, number>();

  step(step: RedriveStep): void {
    if (step.kind === 'ask') this.commands.push(step);
    else if (step.kind === 'fail') this.fail(step.letter);
    else if (this.commands.length > 0) {
      const which = step.which % this.commands.length;
      this.deliver(this.commands[which]!, which, services[step.to % 2]!, step.killed);
    }
  }

  /** Every command reaches every service at last; then each letter that its owner was asked about has ended, once. */
  expectEnds(): void {
    this.commands.forEach((command, index) => {
      for (const service of services) this.deliver(command, index, service, false);
    });
    for (const [letter, events] of this.streams) {
      const ends = events.filter(({ type }) => type !== DeadLettered.type);
      const asked = this.commands.some((one) => one.letter === letter && services[one.service] === ownerOf(letter));
      hold(ends.length === (asked ? 1 : 0), 'a dead letter ends once, when its owner was asked, and else not at all');
      const redriven = ends.filter(({ type }) => type === DeadLetterRedriven.type).length;
      hold(
        (this.executed.get(letter) ?? 0) === redriven,
        'its message goes on once for its redrive, and never for a discard',
      );
    }
  }

  private fail(letter: number): void {
    if (!this.streams.has(letter)) this.streams.set(letter, [event(DeadLettered.type, letter, 'failure')]);
  }

  private deliver({ verb, letter, service: named }: Ask, index: number, service: string, killed: boolean): void {
    // Each looks into its own store: another service's letter is not in it.
    const events = ownerOf(letter) === service ? (this.streams.get(letter) ?? []) : [];
    const state = events.reduce((one, next) => deadLetters.evolve(one, next), deadLetters.initial);
    const verdict = settling(state, { service: services[named]! }, new LetterOwner(service, true, () => true));
    if (verdict !== 'settle' || killed) return;
    hold(ownerOf(letter) === service, 'only its owner settles a dead letter');
    const type = verb === 'redrive' ? DeadLetterRedriven.type : DeadLetterDiscarded.type;
    events.push(event(type, letter, `command-${index}`));
    if (verb === 'redrive') this.executed.set(letter, (this.executed.get(letter) ?? 0) + 1);
  }
}

function ownerOf(letter: number): string {
  return services[letter % 2]!;
}

function event(type: string, letter: number, causationId: string): DomainEvent {
  const metadata = { correlationId: 'story', causationId, hops: 1, handler: 'simulation' };
  return { id: causationId, stream: `dead-letter-${letter}`, type, data: {}, metadata, occurredAt: new Date(0) };
}
