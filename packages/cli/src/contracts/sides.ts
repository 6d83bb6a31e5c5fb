import type { Schema } from '@towpath/contracts/compatibility';
import type { Contract } from '@towpath/contracts/contract';
import { services } from '@towpath/contracts/topics';
import { subjectsOf, type Registry } from '@towpath/kafka/registry';
import { CliError, UsageError } from '../cli-error.js';
import { typeNamed, typeOf, type WorkingTree } from './working-tree.js';

/** One side of a comparison: a contract, and where it is taken from. */
export interface Side {
  /** name as typed */
  readonly name: string;
  /** `tree`: the files as they are; `registry`: what it holds now; else a release such as `0.1.0` */
  readonly where: string;
}

/** A side with what it says. */
export interface ResolvedSide extends Side {
  readonly type: string;
  readonly schema: Schema;
}

/**
 * Reads `NAME`, `NAME@tree`, `NAME@registry` or `NAME@0.1.0`; `@…` alone takes the other side's name.
 * Without the second, the first is compared with itself in the newest release.
 */
export function sidesOf(one: string, other: string | undefined, tree: WorkingTree): readonly [Side, Side] {
  const first = sideIn(one);
  const newest = tree.baselines.at(-1)?.version;
  if (other !== undefined) {
    const second = sideIn(other);
    return [named(first, second), named(second, first)];
  }
  if (first.where !== 'tree') return [named(first, first), { ...named(first, first), where: 'tree' }];
  if (newest === undefined)
    throw new UsageError('nothing is released yet; give two sides, such as NAME@registry NAME.');
  return [{ ...named(first, first), where: newest }, first];
}

/** What a side says. Throws CONTRACT_UNKNOWN, RELEASE_UNKNOWN, NOT_REGISTERED, REGISTRY_UNAVAILABLE. */
export async function resolveSide(side: Side, tree: WorkingTree, registry: Registry): Promise<ResolvedSide> {
  const { name, where } = side;
  if (where === 'tree') return fromTree(side, tree);
  if (where !== 'registry') return fromRelease(side, tree);
  const { type, schema } = fromTree(side, tree);
  const stores = services().filter(({ store }) => store);
  const topic = String(schema['topic']);
  const [subject] = subjectsOf(
    { type, topic } as Contract,
    stores.map((store) => store.name),
  );
  const found = await registry.latest(subject ?? type);
  if (found) return { ...side, type, schema: found.schema as Schema };
  throw new CliError('NOT_REGISTERED', `the registry has no subject ${subject}, so no ${name}; run \`towpath setup\`.`);
}

function fromTree(side: Side, { contracts }: WorkingTree): ResolvedSide {
  const type = typeNamed(side.name, contracts.map(typeOf));
  return { ...side, type, schema: contracts.find((source) => typeOf(source) === type)!.schema };
}

function fromRelease(side: Side, { baselines }: WorkingTree): ResolvedSide {
  const release = baselines.find(({ version }) => version === side.where);
  if (!release) {
    const known = baselines.map(({ version }) => version).join(', ') || 'none yet';
    throw new CliError(
      'RELEASE_UNKNOWN',
      `there is no release ${side.where}; released: ${known}. Or say @tree, @registry.`,
    );
  }
  const type = typeNamed(side.name, Object.keys(release.schemas));
  return { ...side, type, schema: release.schemas[type]! };
}

function sideIn(word: string): Side {
  const [name = '', where = 'tree', ...rest] = word.split('@');
  if (rest.length > 0 || where === '')
    throw new UsageError(`${word} is not NAME, NAME@tree, NAME@registry or NAME@0.1.0.`);
  return { name, where };
}

function named(side: Side, other: Side): Side {
  const name = side.name || other.name;
  if (name === '') throw new UsageError('give the name of a contract; `towpath contracts list` shows them.');
  return { ...side, name };
}
