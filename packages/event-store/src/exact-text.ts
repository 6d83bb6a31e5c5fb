/**
 * Whether a row's text says no more than the event that is read from it: `jsonb` holds numbers and `timestamptz` times more
 * finely than events do, and a change within that difference would leave the digest as it is.
 */
export function isExact(row: {
  readonly data: string;
  readonly metadata: string;
  readonly occurredAt: string;
}): boolean {
  return !finerThanMilliseconds.test(row.occurredAt) && holdsExactly(row.data) && holdsExactly(row.metadata);
}

const finerThanMilliseconds = /\.\d{4,}/;
/** Numbers that could differ from what JSON.parse makes of them, and text that looks like them. */
const suspicious = /\d\.\d|\d{16}/;

type SourceReviver = (name: string, value: unknown, context: { source?: string }) => unknown;

function holdsExactly(json: string): boolean {
  if (!suspicious.test(json)) return true;
  let exact = true;
  const look: SourceReviver = (_, value, { source }) => {
    if (typeof value === 'number' && source !== undefined && source !== plainDecimal(value)) exact = false;
    return value;
  };
  JSON.parse(json, look as (name: string, value: unknown) => unknown);
  return exact;
}

/** The shortest text of a number without an exponent, which is how Postgres writes a `numeric` that was read from it. */
export function plainDecimal(value: number): string {
  const [, sign = '', whole = '', fraction = '', exponent] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  if (exponent === undefined) return String(value);
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, '0')}`;
}
