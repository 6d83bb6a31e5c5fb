import { contractOf, isContract } from '@towpath/contracts/catalogue';
import { canonicalJson } from '@towpath/event-store/canonical-json';
import { decryptPii, subjectsOf, type Keys } from '@towpath/event-store/cipher';

/** What is compared of an event. */
export interface Comparable {
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly data: unknown;
}

/** Where a replayed decision is another one. Values that are personal are never shown. */
export interface Difference {
  /** contract and path of the field, such as `fraud.v1.PaymentApproved.score`; the contract alone when one side has no such event */
  readonly place: string;
  readonly recorded: string;
  readonly replayed: string;
}

const DIFFERENCES_MAX = 20;
const VALUE_CHARACTERS_MAX = 120;
const HIDDEN = '(personal)';
const NOTHING = '(nothing)';

/** Whose keys `differences` needs. */
export function subjectsIn(events: readonly Comparable[]): string[] {
  return [...new Set(events.flatMap(({ type, data }) => (isContract(type) ? subjectsOf(contractOf(type), data) : [])))];
}

/** How two decisions differ, by the ids of their events; empty when they are the same. At most 20. */
export function differences(
  recorded: readonly Comparable[],
  replayed: readonly Comparable[],
  keys: Keys,
): Difference[] {
  const before = new Map(recorded.map((event) => [event.id, event]));
  const now = new Map(replayed.map((event) => [event.id, event]));
  const found: Difference[] = [];
  for (const event of recorded) {
    const other = now.get(event.id);
    if (!other) found.push({ place: event.type, recorded: event.stream, replayed: NOTHING });
    else if (other.type !== event.type || other.stream !== event.stream) {
      found.push({ place: event.type, recorded: event.stream, replayed: `${other.type} ${other.stream}` });
    } else found.push(...fieldDifferences(event, other, keys));
  }
  for (const event of replayed) {
    if (!before.has(event.id)) found.push({ place: event.type, recorded: NOTHING, replayed: event.stream });
  }
  return found.slice(0, DIFFERENCES_MAX);
}

function fieldDifferences(recorded: Comparable, replayed: Comparable, keys: Keys): Difference[] {
  const contract = contractOf(recorded.type);
  const [one, other] = [recorded.data, replayed.data].map((data) => decryptPii(contract, data, keys)) as Fields[];
  const personal = new Set(contract.pii.map(({ name }) => name));
  const names = [...new Set([...Object.keys(one!), ...Object.keys(other!)])];
  return names.flatMap((name) => {
    const [was, is] = [one![name] ?? null, other![name] ?? null];
    if (canonicalJson(was) === canonicalJson(is)) return [];
    const shown = (value: unknown) =>
      personal.has(name) ? HIDDEN : canonicalJson(value).slice(0, VALUE_CHARACTERS_MAX);
    return [{ place: `${recorded.type}.${name}`, recorded: shown(was), replayed: shown(is) }];
  });
}

type Fields = Readonly<Record<string, unknown>>;
