import { SPECIALISTS, type Specialist } from './draft/macros.js';

/** Words of each domain; a hit is a point. What belongs to nobody stays with whom triage named. */
const DOMAIN: Readonly<Record<Exclude<Specialist, 'general'>, RegExp>> = {
  billing:
    /\b(?:refunds?|refunded|invoices?|charged?|charges|billing|billed|payments?|paid|pay|receipts?|subscription|plan|price|vat|money|discount)\b/g,
  technical:
    /\b(?:api|webhooks?|endpoint|crash(?:es|ed)?|bugs?|error|sdk|integration|timeout|exports?|csv|browser|server|loads?|freezes?|installation|version)\b/g,
  account:
    /\b(?:log ?in|login|sign ?in|password|account|e-?mail address|profile|two factor|2fa|authenticator|locked out|username|delete my)\b/g,
  fraud:
    /\b(?:fraud|fraudulent|stolen|hacked|unauthori[sz]ed|phishing|compromised|identity theft|did(?: not|n'?t) (?:make|authori[sz]e|buy)|not me|somebody else|someone else)\b/g,
};

/** By how many points another domain has to lead before a specialist gives a ticket away. */
const LEAD_MIN = 2;
/** Handoffs of one ticket, in all its messages; more of them help nobody. */
export const HANDOFFS_MAX = 4;

/** Who should have a message that `me` has, and why; undefined when `me` keeps it. */
export function betterThan(
  me: Specialist,
  text: string,
): { readonly to: Specialist; readonly reason: string } | undefined {
  const points = pointsOf(text);
  const own = points.get(me) ?? 0;
  // A payment that somebody else made is fraud's, however much is said of payments.
  const fraud = points.get('fraud') ?? 0;
  if (me !== 'fraud' && fraud > 0 && fraud + LEAD_MIN > own) {
    return { to: 'fraud', reason: `${fraud} words of fraud, ${own} of ${me}` };
  }
  if (me === 'fraud') return undefined;
  const [best, most] = [...points].reduce((a, b) => (b[1] > a[1] ? b : a), ['general', 0] as const);
  if (best === me || most < own + LEAD_MIN) return undefined;
  return { to: best, reason: `${most} words of ${best}, ${own} of ${me}` };
}

function pointsOf(text: string): Map<Specialist, number> {
  const lower = text.toLowerCase();
  return new Map(
    SPECIALISTS.map((specialist) => [
      specialist,
      specialist === 'general' ? 0 : new Set(lower.match(DOMAIN[specialist])).size,
    ]),
  );
}

export type HandoffRefusal = 'handoff-loop' | 'handoff-depth';

/**
 * Whether a ticket may go to `to`, after all the specialists that had it: never back to one that gave it away (A→B→A), and not
 * more than `HANDOFFS_MAX` times. What is refused goes to a person, with the path.
 * @param path every specialist so far, oldest first, the present one last
 */
export function refusalOf(path: readonly string[], to: Specialist): HandoffRefusal | undefined {
  if (path.includes(to)) return 'handoff-loop';
  return path.length > HANDOFFS_MAX ? 'handoff-depth' : undefined;
}
