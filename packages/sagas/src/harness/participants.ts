import type { Contract } from '@towpath/contracts/contract';
import { commandRef, type CommandRef } from '../command-id.js';
import { partsOf, type SagaDefinition, type WayDefinition } from '../definition.js';
import { sampleOf } from './sample-data.js';
import { conductKey, type Conduct, type Scenario } from './scenario.js';

export interface Command {
  readonly id: string;
  readonly contract: Contract;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What a participant answers. */
export interface Answer {
  readonly contract: Contract;
  readonly data: Readonly<Record<string, unknown>>;
  readonly verdict: 'done' | 'refused' | 'unknown';
}

/** What was really done about one way of one step. */
export interface Effect {
  readonly step: string;
  readonly way: string;
  readonly irreversible: boolean;
  acted: number;
  undone: number;
  /** its undo, or the question what became of it, came first: it is not done any more */
  fenced: boolean;
}

/**
 * All participants of a saga, as they have to be: idempotent by what a command is about and not by its id, and an undo of
 * something that was not done is answered and fences the late act. The scenario says what they make of what they are asked.
 */
export class Participants {
  private readonly effects = new Map<string, Effect>();
  private readonly asked = new Set<string>();
  /** what was done, in order: `+charge`, `-charge` */
  readonly log: string[] = [];

  constructor(
    private readonly definition: SagaDefinition,
    private readonly scenario: Scenario,
  ) {}

  get all(): readonly Effect[] {
    return [...this.effects.values()];
  }

  /** Everything that counts for what comes next. */
  snapshot(): string {
    return JSON.stringify([this.all, [...this.asked]]);
  }

  /** Undefined when it says nothing. */
  handle(command: Command): Answer | undefined {
    const ref = commandRef(command.id);
    const step = ref && partsOf(this.definition)[ref.part];
    const way = step?.kind === 'step' ? step.ways[ref!.way] : undefined;
    if (!ref || !step || !way) return undefined;
    const effect = this.effectOf(step.name, way);
    const conduct = this.scenario.conducts[conductKey(step.name, way.name, ref.side)] ?? 'done';
    const again = this.asked.has(`${step.name}/${way.name}/${ref.side}`);
    this.asked.add(`${step.name}/${way.name}/${ref.side}`);
    const verdict = this.isQuestion(ref, way, command)
      ? this.told(effect, ref, conduct)
      : this.did(effect, ref, conduct, again);
    return this.answer(verdict, ref, way, command);
  }

  /** A probe that asks, and does not do what was asked once more. */
  private isQuestion({ probe }: CommandRef, way: WayDefinition, { contract }: Command): boolean {
    return probe && (way.probe !== undefined || contract.name === 'ProbeEffect');
  }

  private did(effect: Effect, { side }: CommandRef, conduct: Conduct, again: boolean): Answer['verdict'] {
    if (side === 'act' && effect.fenced) return 'refused';
    if (conduct === 'never-known') return 'unknown';
    if (isThere(effect, side)) return 'done';
    if (conduct === 'refused') return 'refused';
    const isLost = conduct.startsWith('lost') && !again;
    if (conduct !== 'lost-undone' || again) this.make(effect, side);
    return isLost ? 'unknown' : 'done';
  }

  private make(effect: Effect, side: CommandRef['side']): void {
    if (side === 'act') {
      effect.acted += 1;
      this.log.push(`+${effect.step}`);
      return;
    }
    if (effect.acted > effect.undone) {
      effect.undone += 1;
      this.log.push(`-${effect.step}`);
    }
    effect.fenced = true;
  }

  /** What became of it. What has not begun does not begin any more. */
  private told(effect: Effect, { side }: CommandRef, conduct: Conduct): Answer['verdict'] {
    if (conduct === 'never-known') return 'unknown';
    const isDone = side === 'act' ? effect.acted > 0 : effect.undone > 0;
    if (isDone) return 'done';
    if (side === 'act') effect.fenced = true;
    return 'refused';
  }

  private answer(
    verdict: Answer['verdict'],
    { side }: CommandRef,
    way: WayDefinition,
    command: Command,
  ): Answer | undefined {
    const contracts = {
      done: side === 'act' ? way.done : way.undone,
      refused: side === 'act' ? way.failed : way.undoFailed,
      unknown: way.unknown,
    }[verdict];
    const [contract] = contracts;
    if (!contract) return undefined;
    const known = { ...command.data, action: command.contract.type, commandId: command.id };
    return { contract, data: sampleOf(contract, known), verdict };
  }

  private effectOf(step: string, way: WayDefinition): Effect {
    const key = `${step}/${way.name}`;
    const known = this.effects.get(key);
    if (known) return known;
    const irreversible = way.undo === 'irreversible';
    const fresh: Effect = { step, way: way.name, irreversible, acted: 0, undone: 0, fenced: false };
    this.effects.set(key, fresh);
    return fresh;
  }
}

/** Whether what is asked for stands already. */
function isThere({ acted, undone, fenced }: Effect, side: CommandRef['side']): boolean {
  return side === 'act' ? acted > undone : acted === undone && fenced;
}
