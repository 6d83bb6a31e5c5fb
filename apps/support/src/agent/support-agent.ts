import { defineAgent, type Agent, type Policy } from '@towpath/agents/agent';
import { NeedsHuman } from '@towpath/agents/agent-errors';
import { handoff, type Handed, type Handoff } from '@towpath/agents/patterns/handoff';
import type { Run } from '@towpath/agents/run';
import { dispositionOf, type AutoSend } from '../disposition.decider.js';
import { SPECIALISTS, type Macros, type Specialist } from '../draft/macros.js';
import type { Trait } from '../draft/plain-text.js';
import { betterThan, HANDOFFS_MAX, refusalOf } from '../specialists.decider.js';
import { DRAFT_INSTRUCTIONS, macroOf } from './model-draft.js';
import { byAnalyst, byModel, replyChain, type ChainEnd, type Drafting, type Writer } from './reply-chain.js';
import { SUPPORT_ACTS } from './support-acts.js';
import {
  ticketAnswer,
  ticketQuestion,
  type TicketAnswer,
  type TicketHandoff,
  type TicketQuestion,
} from './ticket-question.js';

export const SUPPORT_AGENT = 'support';

/**
 * The support agent: specialists hand a message on until it is with the right one, who drafts, has the draft checked, and polishes it. It
 * decides what to say and whether a person has to read it; what is sent is the handler's.
 */
export function supportAgent(macros: Macros, autoSend: AutoSend): Agent<TicketQuestion, TicketAnswer> {
  return defineAgent({
    name: SUPPORT_AGENT,
    version: '2',
    identity: { scopes: ['tickets:read', 'customers:read', 'tickets:reply', 'tickets:assign'] },
    instructions: DRAFT_INSTRUCTIONS,
    acts: SUPPORT_ACTS,
    input: ticketQuestion,
    output: ticketAnswer,
    // Each handoff is one level deeper, and each specialist takes the chain's three turns; a draft that is checked takes two for
    // each time it is written.
    limits: { turns: 3 * SPECIALISTS.length + HANDOFFS_MAX + 10, depth: HANDOFFS_MAX + 5, wallMs: 30_000 },
    policy: specialists(macros, autoSend, byModel),
    fallback: specialists(macros, autoSend, byAnalyst),
  });
}

/** The specialists of a ticket, with one way to write. */
function specialists(macros: Macros, autoSend: AutoSend, write: Writer): Policy<TicketQuestion, TicketAnswer> {
  const act = (name: Specialist) => (handed: Handed<TicketQuestion>, run: Run) =>
    asSpecialist(name, handed, run, { macros, autoSend, write });
  return handoff<TicketQuestion, TicketAnswer>({
    first: ({ path }) => path.at(-1) ?? 'general',
    specialists: Object.fromEntries(SPECIALISTS.map((name) => [name, act(name)])),
  });
}

interface Desk {
  readonly macros: Macros;
  readonly autoSend: AutoSend;
  readonly write: Writer;
}

async function asSpecialist(
  me: Specialist,
  { input, history }: Handed<TicketQuestion>,
  run: Run,
  desk: Desk,
): Promise<Handoff<TicketAnswer>> {
  const path = pathOf(input, [...history.map(({ member }) => member), me]);
  const handoffs = handoffsOf(history);
  const next = nextOf(me, input, history.length === 0);
  if (next) return handedOn(next, path);
  const chain = await replyChain(me, desk.macros, desk.write)(input, run);
  if (chain.kind === 'hand-to') return handedOn({ to: chain.to, reason: 'the drafter says so' }, path);
  if (chain.kind === 'drafted') return { decision: { ...answered(chain.drafting, input, desk, run), handoffs } };
  if (desk.write === byAnalyst) return { decision: { ...unanswered(me, chain), handoffs } };
  // A model's draft that the check refuses is not shown to anybody: the analyst writes.
  run.because(`MODEL_DRAFT_REFUSED ${[...new Set(chain.objections.map(({ code }) => code))].join(' ')}`);
  run.decidedBy('analyst');
  const again = await replyChain(me, desk.macros, byAnalyst)(input, run.scope('analyst'));
  const analyst = { ...desk, write: byAnalyst };
  const answer = again.kind === 'drafted' ? answered(again.drafting, input, analyst, run) : unanswered(me, again);
  return { decision: { ...answer, handoffs } };
}

/** What the turns before this one came to. */
function handoffsOf(history: Handed<unknown>['history']): TicketHandoff[] {
  return history.flatMap(({ member, said }) => {
    const { to, note } = said as { to?: string; note?: string };
    return to === undefined ? [] : [{ from: member, to, reason: note ?? '' }];
  });
}

/** Triage's word counts when a message comes in; afterwards the specialists' own. */
function nextOf(me: Specialist, { queue, text }: TicketQuestion, isFirst: boolean) {
  const named = SPECIALISTS.find((one) => one === queue);
  if (isFirst && named && named !== 'general' && named !== me) return { to: named, reason: 'triage says so' };
  // Whom triage just named has no reason to doubt it for a word or two.
  return betterThan(me, text);
}

function handedOn({ to, reason }: { to: string; reason: string }, path: readonly string[]): Handoff<never> {
  const refusal = refusalOf(path, to as Specialist);
  if (refusal) {
    const code = refusal === 'handoff-loop' ? 'HANDOFF_PING_PONG' : 'HANDOFF_DEPTH';
    throw new NeedsHuman(code, [...path, to].join(' → '), path);
  }
  return { to, note: reason };
}

/** Every specialist of the ticket, earlier messages included. */
export function pathOf({ path }: Pick<TicketQuestion, 'path'>, now: readonly string[]): string[] {
  return [...path.slice(0, -1), ...now];
}

type Answer =
  | Omit<Extract<TicketAnswer, { kind: 'reply' }>, 'handoffs'>
  | Omit<Extract<TicketAnswer, { kind: 'person' }>, 'handoffs'>;

function answered(drafting: Drafting, question: TicketQuestion, desk: Desk, run: Run): Answer {
  const { sentences, choices, specialist } = drafting;
  const { intent, confidence, traits, authorVerified } = question;
  const own = macroOf(choices);
  const answersIntent = sentences.some(({ sources }) =>
    sources.some(({ kind, id }) => kind === 'macro' && id === own?.id),
  );
  const decidedBy = desk.write === byAnalyst ? 'analyst' : 'model';
  const about = {
    intent,
    confidence,
    specialist,
    answersIntent,
    traits: traits as Trait[],
    authorVerified,
    sentences,
    decidedBy,
  };
  const { disposition, reasons } = dispositionOf(about, desk.autoSend);
  for (const reason of reasons) run.because(reason);
  const copied = sentences.map(({ text, sources }) => ({ text, sources: [...sources] }));
  return { kind: 'reply', specialist, sentences: copied, disposition, reasons: [...reasons] };
}

function unanswered(specialist: string, chain: ChainEnd): Answer {
  const objections = chain.kind === 'refused' ? chain.objections : [];
  const nothing = objections.every(({ code }) => code === 'NOTHING_SAID');
  const code = nothing ? 'nothing-known' : 'draft-refused';
  const evidence = nothing
    ? 'no macro answers the message'
    : objections.map((one) => `${one.code}: ${one.detail}`).join('; ');
  return { kind: 'person', specialist, code, evidence: evidence.slice(0, 500) };
}
