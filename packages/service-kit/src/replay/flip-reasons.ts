import type { Contract } from '@towpath/contracts/contract';
import { canonicalJson } from '@towpath/event-store/canonical-json';

/** A decision about one subject. */
export interface Decided {
  readonly contract: Pick<Contract, 'name' | 'pii'>;
  readonly data: unknown;
}

/** Something that the decision says of itself and that is another thing now. */
export interface FlipReason {
  /** path of the field, such as `score` or `signals.amount-band.points` */
  readonly field: string;
  readonly recorded: string;
  readonly replayed: string;
}

const REASONS_MAX = 24;
const VALUE_CHARACTERS_MAX = 120;
const NOTHING = '(nothing)';

/** When it was decided, and by which run: other each time. */
const OF_THE_MOMENT = /At$|^runId$/;
/** What names an element of a list: signals, opinions, reasons, versions. */
const NAMES = ['name', 'analyst', 'code'];

/**
 * In what two decisions on one subject differ besides their outcome, which is why it flipped as far as they say: scores, versions of
 * rules, and the named elements of their lists one by one. Personal fields are left out. Empty when there is only one of the two.
 */
export function flipReasons(recorded: Decided | undefined, replayed: Decided | undefined): FlipReason[] {
  if (!recorded || !replayed) return [];
  const personal = new Set([...recorded.contract.pii, ...replayed.contract.pii].map(({ name }) => name));
  const [was, is] = [recorded.data, replayed.data] as [Fields, Fields];
  return Object.keys(was)
    .filter((name) => name in is && !personal.has(name) && !OF_THE_MOMENT.test(name))
    .flatMap((name) => differencesIn(name, was[name], is[name]))
    .slice(0, REASONS_MAX);
}

type Fields = Readonly<Record<string, unknown>>;

function differencesIn(field: string, was: unknown, is: unknown): FlipReason[] {
  if (canonicalJson(was ?? null) === canonicalJson(is ?? null)) return [];
  const [before, now] = [byName(was), byName(is)];
  if (before && now) {
    const names = [...new Set([...before.keys(), ...now.keys()])];
    return names.flatMap((name) => differencesIn(`${field}.${name}`, before.get(name), now.get(name)));
  }
  if (isFields(was) && isFields(is)) {
    return Object.keys(was).flatMap((name) => differencesIn(`${field}.${name}`, was[name], is[name]));
  }
  return [{ field, recorded: shown(was), replayed: shown(is) }];
}

/** The elements of a list by their names; undefined for what is no such list. */
function byName(value: unknown): Map<string, Fields> | undefined {
  if (!Array.isArray(value)) return undefined;
  const named = value.filter(isFields).flatMap((element) => {
    const name = NAMES.map((key) => element[key]).find((text) => typeof text === 'string');
    return name === undefined ? [] : [[name, element] as const];
  });
  return named.length === value.length ? new Map(named) : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  if (value === undefined) return NOTHING;
  return (typeof value === 'string' ? value : canonicalJson(value)).slice(0, VALUE_CHARACTERS_MAX);
}
