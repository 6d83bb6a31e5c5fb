import type { SagaDefinition } from '../definition.js';
import { judge, type Verdict } from './judge.js';
import { scenariosOf, type Scenario } from './scenario.js';
import { FAULTS, VirtualWorld, type Delivery, type Fault } from './virtual-world.js';

/** A delivery as a case knows it. */
export interface Boundary extends Pick<Delivery, 'label' | 'to'> {
  /** from 1: how often the same was delivered up to it */
  readonly occurrence: number;
  /** type of its contract */
  readonly type: string;
  /** from 0: how often, up to it, participants were asked after the orchestrator had heard something */
  readonly turn: number;
}

/** One thing that can happen at one moment of one way that a saga can go. */
export interface SagaCase {
  /** unique among all cases */
  readonly name: string;
  readonly definition: string;
  readonly scenario: Scenario;
  /** the delivery that is disturbed */
  readonly boundary: Boundary;
  readonly fault: Fault;
  /** Runs it on virtual time. */
  run(): Verdict;
}

/**
 * Every boundary of every scenario of a definition × every fault. A boundary that looks the same up to itself as one of an earlier
 * scenario is left out, so no two cases have the same history before their fault.
 * @param known values of the event that begins it, by field; the others are made up
 */
export function casesOf(definition: SagaDefinition, known: Readonly<Record<string, unknown>> = {}): SagaCase[] {
  const seen = new Set<string>();
  return scenariosOf(definition).flatMap((scenario) => {
    const { deliveries } = new VirtualWorld(definition, scenario, undefined, known).run();
    const counts = new Map<string, number>();
    let history = '';
    let turn = 0;
    return deliveries.flatMap((delivery, at) => {
      const occurrence = (counts.get(delivery.label) ?? 0) + 1;
      counts.set(delivery.label, occurrence);
      if (delivery.to === 'participants' && deliveries[at - 1]?.to === 'orchestrator') turn += 1;
      history += `${delivery.label}${delivery.before}\n`;
      if (seen.has(history)) return [];
      seen.add(history);
      const boundary = { label: delivery.label, to: delivery.to, type: delivery.contract.type, occurrence, turn };
      return FAULTS.filter((fault) => isPossible(fault, delivery)).map((fault) => ({
        name: `${definition.name}: ${scenario.name}: ${fault} at ${delivery.label}${occurrence > 1 ? ` #${occurrence}` : ''}`,
        ...{ definition: definition.name, scenario, boundary, fault },
        run: () => judge(definition, new VirtualWorld(definition, scenario, { at, fault }, known).run()),
      }));
    });
  });
}

/** Nothing is waited for before a saga began, and time is neither late nor overtaken. */
function isPossible(fault: Fault, { label }: Delivery): boolean {
  if (fault !== 'delay' && fault !== 'reorder') return true;
  return label !== 'start' && label !== 'time passes';
}
