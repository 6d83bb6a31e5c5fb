import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { CliError } from '../cli-error.js';
import type { Summary } from './summary.js';

const gateFile = z.strictObject({
  /** share of the compared decisions that may flip, 0 to 1 */
  flippedShareMax: z.number().min(0).max(1).optional(),
  /** how many may flip, by kind such as `PaymentApproved → PaymentBlocked`; `->` is taken for the arrow */
  flipsMax: z.record(z.string(), z.number().int().min(0)).optional(),
  failedMax: z.number().int().min(0).optional(),
  /** fewer compared decisions prove nothing */
  comparedMin: z.number().int().min(1).optional(),
  p99MicrosMax: z.number().positive().optional(),
  /** of models, in millionths of the currency of the prices */
  costMicrosMax: z.number().min(0).optional(),
});

/** What a change must keep to before it may be promoted. */
export type Gate = z.output<typeof gateFile>;

/** Reads a gate, YAML or JSON. Throws GATE_INVALID naming each field. */
export function readGate(path: string): Gate {
  let content: unknown;
  try {
    content = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new CliError('GATE_INVALID', `${path} can't be read: ${(error as Error).message}`);
  }
  const result = gateFile.safeParse(content);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path: field, message }) => `${field.join('.') || 'the file'}: ${message}`,
  );
  throw new CliError('GATE_INVALID', `${path}: ${problems.join('; ')}`);
}

/** Why the gate forbids the promotion; empty when it allows it. */
export function forbiddenBy(gate: Gate, summary: Summary): string[] {
  const { compared, flipped, flips, failed, p99Micros, costMicros } = summary;
  const share = compared === 0 ? 0 : flipped / compared;
  const limits: [string, number, number | undefined][] = [
    ['share of flipped decisions', share, gate.flippedShareMax],
    ['messages that could not be decided', failed, gate.failedMax],
    ['p99 of a decision in µs', p99Micros, gate.p99MicrosMax],
    ['cost in millionths', costMicros, gate.costMicrosMax],
    ...Object.entries(gate.flipsMax ?? {}).map(([kind, max]): [string, number, number] => {
      const name = kind.replace(/\s*->\s*/, ' → ');
      return [name, flips[name] ?? 0, max];
    }),
  ];
  const reasons = limits.flatMap(([name, value, max]) =>
    max !== undefined && value > max ? [`${name}: ${value}, allowed ${max}`] : [],
  );
  const { comparedMin } = gate;
  if (comparedMin !== undefined && compared < comparedMin)
    reasons.push(`compared decisions: ${compared}, at least ${comparedMin} are needed`);
  return reasons;
}
