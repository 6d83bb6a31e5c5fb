/** Which command of which saga an id names. */
export interface CommandRef {
  /** 24 hex digits */
  readonly sagaId: string;
  /** number of the step in its definition */
  readonly part: number;
  readonly side: 'act' | 'undo';
  /** it asks what became of the command of that step and side */
  readonly probe: boolean;
  /** place of the way among the step's ways */
  readonly way: number;
  /** from 1: of the way, or of its probes */
  readonly attempt: number;
  /** the saga keeps personal data of the event that began it */
  readonly personal: boolean;
}

const ID =
  /^([0-9a-f]{8})-([0-9a-f]{4})-8([0-9a-f]{3})-([89ab])([0-9a-f]{3})-([0-9a-f]{6})([0-9a-f]{2})([0-9a-f])([0-9a-f]{2})([01])$/;
const VARIANT = 8;
const UNDO = 1;
const PROBE = 2;

/**
 * The id of a command: a UUID of version 8 that holds saga, step, side, way and attempt. So an answer, which names the command as its
 * cause, tells whose it is without a look-up, and one attempt can't be asked twice: ids of stored events are unique.
 */
export function commandId({ sagaId, part, side, probe, way, attempt, personal }: CommandRef): string {
  const variant = (VARIANT + (side === 'undo' ? UNDO : 0) + (probe ? PROBE : 0)).toString(16);
  const head = `${sagaId.slice(0, 8)}-${sagaId.slice(8, 12)}-8${sagaId.slice(12, 15)}-${variant}${sagaId.slice(15, 18)}`;
  return `${head}-${sagaId.slice(18)}${hex(part, 2)}${hex(way, 1)}${hex(attempt, 2)}${personal ? 1 : 0}`;
}

/** What an id names; undefined for one that no saga made. */
export function commandRef(id: string | null): CommandRef | undefined {
  const found = id === null ? null : ID.exec(id);
  if (!found) return undefined;
  const [, one, two, three, variant, four, five, part, way, attempt, personal] = found as unknown as string[];
  const bits = parseInt(variant!, 16) - VARIANT;
  return {
    sagaId: `${one}${two}${three}${four}${five}`,
    part: parseInt(part!, 16),
    side: (bits & UNDO) === 0 ? 'act' : 'undo',
    probe: (bits & PROBE) !== 0,
    way: parseInt(way!, 16),
    attempt: parseInt(attempt!, 16),
    personal: personal === '1',
  };
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
