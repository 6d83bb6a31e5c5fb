import { sequential, type Refusal } from '@towpath/agents/patterns/sequential';
import type { Policy } from '@towpath/agents/agent';
import type { Run } from '@towpath/agents/run';
import { draftByAnalyst } from '../draft/analyst.js';
import { chooseMacros, type Choice } from '../draft/choose-macros.js';
import { objectionsTo, type Objection } from '../draft/draft-policy.decider.js';
import type { DraftSentence, Evidence } from '../draft/evidence.js';
import type { Macros } from '../draft/macros.js';
import { polish } from '../draft/polish.js';
import { byModelChecked, writtenByModel } from './checked-draft.js';
import { isHighStakes } from './stakes.decider.js';
import type { TicketQuestion } from './ticket-question.js';

/** A draft on its way through the chain. */
export interface Drafting {
  readonly specialist: string;
  readonly evidence: Evidence;
  readonly choices: readonly Choice[];
  readonly sentences: readonly DraftSentence[];
  /** set when the writer says that another specialist should answer */
  readonly handTo?: string;
}

/** What came out of the chain. */
export type ChainEnd =
  | { readonly kind: 'drafted'; readonly drafting: Drafting }
  | { readonly kind: 'hand-to'; readonly to: string }
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] };

/** Who writes the first draft. */
export type Writer = (drafting: Drafting, run: Run) => Promise<Drafting> | Drafting;

/** Draft, policy check, polish: a draft with objections stops the chain, so no polish makes it look better than it is. */
export function replyChain(specialist: string, macros: Macros, write: Writer): Policy<TicketQuestion, ChainEnd> {
  const gate = ({ sentences, evidence, handTo }: Drafting): Refusal | undefined => {
    if (handTo !== undefined) return { code: 'HANDED_ON', reason: `it belongs to ${handTo}` };
    const [first, ...more] = objectionsTo(sentences, evidence);
    if (!first) return undefined;
    return { code: first.code, reason: `${first.detail}${more.length > 0 ? `, and ${more.length} more` : ''}` };
  };
  let last: Drafting | undefined;
  const keep = (drafting: Drafting): Drafting => (last = drafting);
  return sequential<TicketQuestion, Drafting, ChainEnd>({
    begin: (question) => begin(question, specialist, macros),
    stages: [
      { name: 'draft', work: async (drafting, run) => keep(await write(drafting, run)) },
      { name: 'policy', work: keep, gate },
      { name: 'polish', work: (drafting) => keep({ ...drafting, sentences: polish(drafting.sentences) }), gate },
    ],
    end: (drafting) => ({ kind: 'drafted', drafting }),
    stopped: () => {
      if (last?.handTo !== undefined) return { kind: 'hand-to', to: last.handTo };
      return { kind: 'refused', objections: last ? objectionsTo(last.sentences, last.evidence) : [] };
    },
  });
}

/** The deterministic analyst: macros and history, word for word. */
export const byAnalyst: Writer = (drafting) => ({
  ...drafting,
  sentences: draftByAnalyst(drafting.evidence, drafting.choices),
});

/** A model on the same sources; where much is at stake, with a second one that checks. */
export const byModel: Writer = async (drafting, run) =>
  isHighStakes(drafting.specialist)
    ? byModelChecked(drafting, run)
    : { ...drafting, ...(await writtenByModel(drafting, run)) };

function begin(question: TicketQuestion, specialist: string, macros: Macros): Drafting {
  const { messageId, text, facts, intent } = question;
  const evidence = { macros, message: { messageId, text }, facts };
  return { specialist, evidence, choices: chooseMacros(macros, text, intent), sentences: [] };
}
