import type { Choice } from './choose-macros.js';
import type { DraftSentence, Evidence, Source } from './evidence.js';
import type { Frame, Macro } from './macros.js';
import { citable } from './macros.js';

const FACTS_PER_ANSWER_MAX = 3;
/** Where a customer names an order: the number is the second group. */
const ORDER =
  /\b(order|booking|purchase|invoice)\s{0,3}(?:no\.?|number|id|nr\.?)?\s{0,3}[:#]?\s{0,3}#?((?=[A-Z-]{0,6}\d)[A-Z0-9][A-Z0-9-]{2,19})\b/i;

/**
 * The draft of the deterministic analyst: of each chosen macro what it says, what the customer's history says to it, and the
 * order that the message names. Each sentence is a span of its source, word for word, but for the order's number.
 */
export function draftByAnalyst(evidence: Evidence, choices: readonly Choice[]): DraftSentence[] {
  if (choices.length === 0) return [];
  const order = orderIn(evidence.message);
  const told = new Set<string>();
  const answers = choices.flatMap(({ macro }) => answer(macro, evidence, order, told));
  const { greeting, closing } = evidence.macros;
  return [framed(greeting), ...answers, framed(closing)];
}

interface Order {
  readonly number: string;
  readonly source: Source;
}

function answer(macro: Macro, evidence: Evidence, order: Order | undefined, told: Set<string>): DraftSentence[] {
  const version = String(macro.version);
  const { slots, text } = macro;
  const spans = spansOf(macro);
  const of = (index: number): Source => ({ kind: 'macro', id: macro.id, version, ...spans[index]! });
  const offset = slots === undefined ? 0 : 1;
  const slot =
    slots !== undefined && order
      ? [{ text: slots.replaceAll('{order}', order.number), sources: [of(0), order.source] }]
      : [];
  const said = text.map((sentence, index) => ({ text: sentence, sources: [of(index + offset)] }));
  return [...slot, ...factSentences(macro, evidence, told), ...said];
}

/** The newest facts of the kinds that belong to the answer; each once in a draft. */
function factSentences(macro: Macro, { facts }: Evidence, told: Set<string>): DraftSentence[] {
  const fitting = facts.filter(({ id, kind }) => macro.history.includes(kind) && !told.has(id));
  return fitting.slice(0, FACTS_PER_ANSWER_MAX).map(({ id, version, text }) => {
    told.add(id);
    return { text, sources: [{ kind: 'history', id, version, start: 0, end: text.length }] };
  });
}

/** Where each sentence of a macro stands in its citable text. */
function spansOf(macro: Macro): { start: number; end: number }[] {
  const sentences = [...(macro.slots === undefined ? [] : [macro.slots]), ...macro.text];
  const whole = citable(macro);
  let at = 0;
  return sentences.map((sentence) => {
    const start = whole.indexOf(sentence, at);
    at = start + sentence.length;
    return { start, end: at };
  });
}

function framed({ id, version, text }: Frame): DraftSentence {
  return { text, sources: [{ kind: 'macro', id, version: String(version), start: 0, end: text.length }] };
}

function orderIn({ messageId, text }: Evidence['message']): Order | undefined {
  const found = ORDER.exec(text);
  const number = found?.[2];
  if (!found || number === undefined) return undefined;
  const start = found.index + found[0].lastIndexOf(number);
  return { number, source: { kind: 'message', id: messageId, version: '', start, end: start + number.length } };
}
