import type { Contract, DataOf } from '@towpath/contracts/contract';
import { StoreRefusal } from './errors.js';
import type { DomainEvent } from './types.js';

/** How data of one version of an event read as the next version's; see `upcaster`. */
export interface Upcaster {
  readonly from: Contract;
  readonly to: Contract;
  upcast(data: never): unknown;
}

/**
 * Reads an event of version n as version n + 1. Pure: the same data give the same data, for ever, for stored events are never
 * changed. Of stored events `pii` fields are null in what it gets, and bytes are base64 strings, as in any fold.
 */
export function upcaster<From extends Contract, To extends Contract>(
  from: From,
  to: To,
  upcast: (data: DataOf<From>) => NoInfer<DataOf<To>>,
): Upcaster {
  return { from, to, upcast };
}

/** What a service reads older versions of events with. */
export class Upcasters {
  private readonly byType: ReadonlyMap<string, Upcaster>;

  constructor(private readonly list: readonly Upcaster[]) {
    this.byType = new Map(list.map((one) => [one.from.type, one]));
  }

  /** The contract that data of this type are written by, when it is an older version. */
  olderContract(type: string): Contract | undefined {
    return this.byType.get(type)?.from;
  }

  /** The type that events of this type read as: the newest that upcasters lead to. */
  newest(type: string): string {
    const next = this.byType.get(type)?.to.type;
    return next === undefined ? type : this.newest(next);
  }

  /** The types that lead to this one, nearest first. */
  olderTypes(type: string): string[] {
    return this.list
      .filter(({ to }) => to.type === type)
      .flatMap(({ from }) => [from.type, ...this.olderTypes(from.type)]);
  }

  /** A stored event as it reads now; the same object when it is of the newest version, or its content is archived. Throws UPCAST_FAILED. */
  event<E extends DomainEvent>(event: E): E {
    const older = this.byType.get(event.type);
    if (!older || event.archived) return event;
    const data = this.data(event.type, withoutPii(older.from, event.data));
    return { ...event, type: this.newest(event.type), data };
  }

  /** JSON form of data of an older version as that of the newest, or of `until`. Throws UPCAST_FAILED. */
  data(type: string, data: unknown, until?: string): unknown {
    const step = this.byType.get(type);
    if (!step || type === until) return data;
    let next: unknown;
    try {
      next = step.upcast(data as never);
    } catch (error) {
      // What it says may hold what it read.
      const kind = error instanceof Error ? error.name : typeof error;
      throw new StoreRefusal('UPCAST_FAILED', `${step.from.type} can't be read as ${step.to.type}: ${kind}`, {
        cause: error,
      });
    }
    return this.data(step.to.type, next, until);
  }

  /** Why what the service appends, in all versions, could not be read; a line each, empty = nothing. */
  problems(appended: readonly Contract[]): string[] {
    return [
      ...this.list.flatMap((one) => this.problemsOf(one)),
      ...appended.flatMap((one) => this.missing(one, appended)),
    ];
  }

  private problemsOf(one: Upcaster): string[] {
    const { from, to } = one;
    const [older, newer] = [versionOf(from.type), versionOf(to.type)];
    const isNext = older.family === newer.family && newer.version === older.version + 1;
    const name = `the upcaster from ${from.type} to ${to.type}`;
    return [
      ...(isNext ? [] : [`${name} does not lead to the next version of the same event`]),
      ...(this.byType.get(from.type) === one ? [] : [`${name} is one of two for ${from.type}; keep one`]),
    ];
  }

  /** Nothing when it is the newest of its event, or is read as the next version. */
  private missing({ type }: Contract, appended: readonly Contract[]): string[] {
    const { family, version } = versionOf(type);
    const newer = appended
      .map((other) => ({ type: other.type, ...versionOf(other.type) }))
      .filter((other) => other.family === family && other.version > version)
      .sort((one, other) => one.version - other.version);
    if (!newer[0] || this.byType.has(type)) return [];
    return [
      `stored events of ${type} can't be read as ${newer[0].type}: declare upcaster(${type}, ${newer[0].type}, …) in the service's upcasters`,
    ];
  }
}

/** Reads everything as the version that it is. */
export const noUpcasters = new Upcasters([]);

function withoutPii({ pii }: Contract, data: unknown): unknown {
  if (pii.length === 0) return data;
  const masked = { ...(data as Record<string, unknown>) };
  for (const { name } of pii) masked[name] = null;
  return masked;
}

/** `fraud.v2.AccountFrozen` is version 2 of `fraud.AccountFrozen`. */
function versionOf(type: string): { family: string; version: number } {
  const [, domain, version, name] = /^(.+)\.v(\d+)\.([^.]+)$/.exec(type) ?? [];
  return { family: `${domain}.${name}`, version: Number(version) };
}
