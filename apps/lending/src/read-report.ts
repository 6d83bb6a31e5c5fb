import { z } from 'zod';
import type { CreditReport } from './credit-facts.js';

const count = z.number().int().min(0).nullable().default(null);
const report = z.object({
  score: z.number().nullable().default(null),
  scoreMin: z.number().nullable().default(null),
  scoreMax: z.number().nullable().default(null),
  delinquencies24m: count,
  utilisationPercent: z.number().min(0).nullable().default(null),
  inquiries6m: count,
  bankruptcies: count,
  monthsOfHistory: count,
  monthlyDebtMinor: z.number().min(0).nullable().default(null),
  currency: z.string().nullable().default(null),
});

/** The bureau's report; undefined when it can't be read. Debts in another currency than the application's are unknown. */
export function readReport(text: string, currency: string): CreditReport | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = report.safeParse(json);
  if (!parsed.success) return undefined;
  const { currency: reported, ...rest } = parsed.data;
  const comparable = reported === null || reported.toUpperCase() === currency;
  return { ...rest, monthlyDebtMinor: comparable ? rest.monthlyDebtMinor : null };
}
