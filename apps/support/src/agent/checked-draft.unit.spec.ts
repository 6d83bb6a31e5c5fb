import type { ModelAsk } from '@towpath/agents/model-gateway';
import { runAgent, scriptedModel } from '@towpath/agents/testing/agent-kit';
import { loadMacros } from '../draft/load-macros.js';
import { supportAgent } from './support-agent.js';
import type { TicketQuestion } from './ticket-question.js';

const macros = loadMacros();
const agent = supportAgent(macros, { intents: ['duplicate_charge', 'order_status'], confidenceMin: 0.8 });

const question = (queue: string): TicketQuestion => ({
  ...{ ticketId: 't1', messageId: 'm1', replyId: 'r1', customerId: 'c1', channel: 'zendesk', queue },
  ...{ intent: 'duplicate_charge', confidence: 0.95, text: 'I was charged twice for the same order.' },
  ...{ traits: [], authorVerified: null, facts: [], path: [] },
});

const billing = macros.macros.find(({ queue, text }) => queue === 'billing' && text.length > 1)!;
const frame = ({ id, text }: { id: string; text: string }) => ({
  text,
  sources: [{ kind: 'macro', id, quote: text }],
});
/** A draft of so many sentences of the macro, word for word. */
const draft = (sentences: number) => ({
  handTo: null,
  sentences: [
    frame(macros.greeting),
    ...billing.text.slice(0, sentences).map((text) => frame({ id: billing.id, text })),
    frame(macros.closing),
  ],
});
const object = (...objections: string[]) => ({ approved: false, objections });
const APPROVES = { approved: true, objections: [] };

async function drafted(drafts: readonly object[], checks: readonly object[], asked = question('billing')) {
  const asks: ModelAsk<unknown>[] = [];
  const next = (answers: readonly object[]) => {
    let asked = 0;
    return (ask: ModelAsk<unknown>) => (asks.push(ask), answers[asked++]);
  };
  const model = scriptedModel({ draft: next(drafts), 'draft-check': next(checks) });
  const { outcome } = await runAgent(agent, asked, { model });
  return { outcome, asks };
}

describe('a draft of a model about money, access or suspicion', () => {
  it('is checked by a second one with instructions of its own before it goes anywhere', async () => {
    const { outcome, asks } = await drafted([draft(1)], [APPROVES]);
    expect(asks.map(({ name }) => name)).toEqual(['draft', 'draft-check']);
    const [writer, checker] = asks.map(({ instructions }) => instructions?.text);
    expect(checker).not.toBe(writer);
    expect(outcome).toMatchObject({ status: 'decided', decidedBy: 'model', decision: { kind: 'reply' } });
    expect(outcome.reasons).toContain('DRAFT_CHECKED');
  });

  it('is written anew with what the checker has against it, and the mended one goes out', async () => {
    const { outcome, asks } = await drafted([draft(1), draft(2)], [object('the condition is missing'), APPROVES]);
    expect(asks.map(({ name }) => name)).toEqual(['draft', 'draft-check', 'draft', 'draft-check']);
    expect(asks[2]!.input.at(-1)).toMatchObject({ text: 'the condition is missing', source: 'objection' });
    const { decision } = outcome;
    if (decision?.kind !== 'reply') throw new Error('no reply');
    expect(decision.sentences.map(({ text }) => text)).toContain(billing.text[1]);
  });

  it('is a person’s when the writer insists', async () => {
    const { outcome } = await drafted([draft(1), draft(1)], [object('the condition is missing')]);
    expect(outcome).toMatchObject({ status: 'needs_human', escalation: { code: 'TURN_REPEATED' } });
    if (outcome.status !== 'needs_human') throw new Error('no escalation');
    expect(JSON.stringify(outcome.escalation.history)).toContain('the condition is missing');
  });

  it('that breaks a rule goes back without asking the checker', async () => {
    const made = { ...draft(1), sentences: [...draft(1).sentences, { text: 'We pay you 500 EUR.', sources: [] }] };
    const { outcome, asks } = await drafted([made, draft(1)], [APPROVES]);
    expect(asks.map(({ name }) => name)).toEqual(['draft', 'draft', 'draft-check']);
    expect(asks[1]!.input.at(-1)!.text).toMatch(/^UNCITED/);
    expect(outcome).toMatchObject({ decidedBy: 'model', decision: { kind: 'reply' } });
  });

  it('is never sent unchecked: without the checker the analyst writes', async () => {
    const { outcome } = await drafted([draft(1)], []);
    expect(outcome).toMatchObject({ status: 'decided', decidedBy: 'analyst' });
    expect(outcome.reasons).toContain('FALLBACK SCRIPT_OVER');
  });
});

it('asks no second model about anything else', async () => {
  const general = { ...question('general'), intent: 'order_status', text: 'Where is my order?' };
  const { asks } = await drafted([draft(1)], [], general);
  expect(asks.map(({ name }) => name)).toEqual(['draft']);
});
