import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OrderPlaced } from '@towpath/contracts/orders/OrderPlaced.v1';
import { partsOf, type SagaDefinition, type Stage } from '@towpath/sagas/definition';
import { definitions } from '../definitions/all.js';
import { orderFulfilment } from '../definitions/order-fulfilment.saga.js';
import { Registry } from '../registry.js';
import { historiesIn, linesOf, type History } from './history.js';
import { recordedHistories } from './record-histories.js';
import { adviceFor, replayed } from './replay-history.js';

const FOLDER = join(import.meta.dirname, '..', '..', 'histories');

const fileOf = ({ name, version }: Pick<SagaDefinition, 'name' | 'version'>): string => `${name}.v${version}.jsonl`;
const stored = (definition: SagaDefinition): History[] =>
  historiesIn(readFileSync(join(FOLDER, fileOf(definition)), 'utf8'));

/** What is to be done about each stored history of a definition that is not what the definition does. */
function changesOf(definition: SagaDefinition, histories: readonly History[]): string[] {
  const registry = new Registry([definition]);
  return histories.flatMap((history) => {
    const found = replayed(registry, history);
    return found ? [adviceFor(definition.name, definition.version, found)] : [];
  });
}

describe('the stored histories of sagas', () => {
  it.each(definitions.map((one) => [`${one.name} ${one.version}`, one] as const))(
    'of %s are each replayed by the code of today to the same commands and state',
    (_, definition) => expect(changesOf(definition, stored(definition)).join('\n\n')).toBe(''),
  );

  it('are there for every version of every definition, and for no other', () => {
    expect(readdirSync(FOLDER).sort()).toEqual(definitions.map(fileOf).sort());
  });

  it.each(definitions.map((one) => [`${one.name} ${one.version}`, one] as const))(
    'of %s come to every end that it has, and to every step',
    (_, definition) => {
      const standings = stored(definition).map(({ standing }) => standing);
      const fresh = recordedHistories(definition, 1).map(({ standing }) => standing);
      expect(new Set(standings.map(({ status }) => status))).toEqual(new Set(fresh.map(({ status }) => status)));
      expect(new Set(standings.flatMap(({ parts }) => Object.keys(parts)))).toEqual(
        new Set(partsOf(definition).map(({ name }) => name)),
      );
    },
  );

  it('are read back as they were written', () => {
    const histories = recordedHistories(orderFulfilment, 3);
    expect(historiesIn(linesOf(histories))).toEqual(histories);
  });
});

describe('a definition that is changed without a new version', () => {
  const histories = stored(orderFulfilment);
  const retry = { attempts: 2, backoffMs: 1_000 };
  const withStage = (name: string, change: (stage: Stage) => Stage): SagaDefinition => ({
    ...orderFulfilment,
    stages: orderFulfilment.stages.map((stage) => (stage.name === name ? change(stage) : stage)),
  });

  it.each([
    ['has another deadline', { ...orderFulfilment, deadlineMs: 1_000 }],
    ['is done without its last step', { ...orderFulfilment, stages: orderFulfilment.stages.slice(0, -1) }],
    ['tries a step once more', withStage('reserve', (stage) => ({ ...stage, retry }) as Stage)],
    ['has another key', { ...orderFulfilment, keyOf: (data: unknown) => `o-${(data as OrderPlaced).orderId}` }],
  ] as const)('is found when it %s', (_, changed) => {
    expect(changesOf(changed, histories)).not.toEqual([]);
  });

  it.each(definitions.flatMap((one) => partsOf(one).map(({ name }) => [one.name, name, one] as const)))(
    'is found when %s waits longer for %s',
    (_, name, definition) => {
      const longer = (part: Stage): Stage => ({ ...part, timeoutMs: 7 * 3_600_000 }) as Stage;
      const stages = definition.stages.map((stage) => (stage.name === name ? longer(stage) : stage));
      expect(changesOf({ ...definition, stages }, stored(definition))).not.toEqual([]);
    },
  );

  it('is told what to do: add a version, and how', () => {
    const [advice] = changesOf({ ...orderFulfilment, deadlineMs: 1_000 }, histories);
    expect(advice).toContain("saga('order-fulfilment', { version: 2");
    expect(advice).toContain('definitions/all.ts');
  });
});
