import { contractOf, isContract } from '@towpath/contracts/catalogue';

/** What stands in the place of personal data. */
export const MASK = '‹masked›';

const ENCRYPTED = /^enc1:/;
const ERASED = 'erased';

/** How a decoded value is shown: masked, or revealed. */
export type View = (type: string, data: unknown) => Promise<unknown>;

/**
 * A decoded value without personal data: `pii` fields of its contract and every ciphertext read `‹masked›`, those of an
 * erased person `erased`. Bytes read `‹n bytes, masked›`: what came from outside, such as a delivery's body, may name anyone.
 */
export const masked: View = async (type, data) => maskedData(type, data);

/** The same for code that never reveals. */
export function maskedData(type: string, data: unknown): unknown {
  const personal = new Set(isContract(type) ? contractOf(type).pii.map(({ name }) => name) : []);
  if (!isRecord(data)) return deeplyMasked(data);
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      personal.has(name) && value !== null && value !== undefined ? maskOf(value) : deeplyMasked(value),
    ]),
  );
}

function maskOf(value: unknown): string {
  return value === ERASED ? ERASED : MASK;
}

function deeplyMasked(value: unknown): unknown {
  if (value instanceof Uint8Array) return `‹${value.length} bytes, masked›`;
  if (typeof value === 'string') return ENCRYPTED.test(value) ? MASK : value;
  if (Array.isArray(value)) return value.map(deeplyMasked);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, deeplyMasked(entry)]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
