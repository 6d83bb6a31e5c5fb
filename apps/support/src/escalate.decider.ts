/** One reason to give a ticket to a person, with what was seen. Quotes the rule's words, never the customer's. */
export interface EscalationReason {
  readonly code: string;
  readonly evidence: string;
}

/** What the rules look at. */
export interface EscalationInput {
  readonly subject: string;
  readonly text: string;
  readonly vip: boolean;
  readonly outOfScope: boolean;
  /** when the customer wrote, this message among them, in any ticket, milliseconds since the epoch */
  readonly contacts: readonly number[];
  /** the customer's messages in this ticket since anybody answered, this one among them */
  readonly unanswered: number;
  readonly now: number;
}

/** Bump it with every change of a rule: escalations record it. */
export const ESCALATION_RULES_VERSION = '2026-11-29';

const DAY_MS = 86_400_000;
export const REPEATED = { contacts: 4, days: 3, unanswered: 3 } as const;
/** Points at which a message counts as angry. */
const ANGER_MIN = 2;

/** Two points each: nobody writes them in a calm letter. */
const FURIOUS =
  'furious|outrageous|outraged|disgusting|disgusted|disgraceful|unacceptable|pathetic|incompetent|ridiculous|a joke|fed up|sick of|had enough|worst|scam|scammers?|thieves|crooks|liars?|shame on|screw you|bullshit|damn|hell|idiots?|useless|ripoff|rip off|appalling|livid|rubbish|garbage|joke of a';
/** One point each. */
const CROSS =
  'angry|annoyed|annoying|frustrated|frustrating|disappointed|disappointing|terrible|horrible|awful|unhappy|upset|complaint|complain|waste of|still nothing|nobody (?:answers|helps|replies)|no one (?:answers|helps|replies)|again and again|never again|third time|last time|demand|immediately|for weeks|bad service|poor service';
const LEGAL =
  'lawyers?|attorneys?|solicitors?|legal action|legal advice|legal department|sue|suing|lawsuit|court|small claims|litigation|ombudsman|consumer protection|trading standards|better business bureau|data protection (?:authority|officer)|supervisory authority|regulators?|police|press charges|cease and desist|subpoena|breach of contract|statutory rights|chargeback|class action|gdpr (?:complaint|request|violation)';

/**
 * Every reason why a person has to take this message: anger, legal words, a VIP, repeated contact, or a question about nothing
 * that is known. Empty when the bot may go on. In time that grows with the text's length alone.
 */
export function escalationReasons(input: EscalationInput): EscalationReason[] {
  const text = `${input.subject}\n${input.text}`.toLowerCase().normalize('NFKC').replace(/[’]/g, "'");
  return [
    ...anger(text, `${input.subject}\n${input.text}`),
    ...legal(text),
    ...vip(input),
    ...repeated(input),
    ...scope(input),
  ];
}

function anger(text: string, original: string): EscalationReason[] {
  const furious = hits(text, FURIOUS);
  const cross = hits(text, CROSS);
  const shouted = shouting(original);
  const marks = /[!?]{3,}/.test(original);
  const points = 2 * furious.length + cross.length + (shouted ? 1 : 0) + (marks ? 1 : 0);
  if (points < ANGER_MIN) return [];
  const seen = [...furious, ...cross].slice(0, 5).map((word) => `"${word}"`);
  if (shouted) seen.push('words in capitals');
  if (marks) seen.push('repeated marks');
  return [{ code: 'anger', evidence: `${points} points of ${ANGER_MIN}: ${seen.join(', ')}` }];
}

function legal(text: string): EscalationReason[] {
  const words = hits(text, LEGAL);
  return words.length === 0
    ? []
    : [
        {
          code: 'legal',
          evidence: words
            .slice(0, 5)
            .map((word) => `"${word}"`)
            .join(', '),
        },
      ];
}

function vip({ vip: isVip }: EscalationInput): EscalationReason[] {
  return isVip ? [{ code: 'vip', evidence: 'the provider marks the customer as a VIP' }] : [];
}

function repeated({ contacts, unanswered, now }: EscalationInput): EscalationReason[] {
  const recent = contacts.filter((at) => at > now - REPEATED.days * DAY_MS && at <= now).length;
  const seen = [
    ...(recent >= REPEATED.contacts ? [`${recent} messages in ${REPEATED.days} days`] : []),
    ...(unanswered >= REPEATED.unanswered ? [`${unanswered} messages in this ticket without an answer`] : []),
  ];
  return seen.length === 0 ? [] : [{ code: 'repeated-contact', evidence: seen.join('; ') }];
}

function scope({ outOfScope }: EscalationInput): EscalationReason[] {
  return outOfScope ? [{ code: 'out-of-scope', evidence: 'triage knows no such question' }] : [];
}

/** The rule's words that stand in the text as whole words, each once. */
function hits(text: string, words: string): string[] {
  const found = text.match(new RegExp(`(?<![\\p{L}\\p{N}])(?:${words})(?![\\p{L}\\p{N}])`, 'gu')) ?? [];
  return [...new Set(found)];
}

/** At least four words of three letters or more, most of them in capitals. */
function shouting(text: string): boolean {
  const words = text.match(/\p{L}{3,}/gu) ?? [];
  if (words.length < 4) return false;
  return words.filter((word) => word === word.toUpperCase() && word !== word.toLowerCase()).length > 0.6 * words.length;
}
