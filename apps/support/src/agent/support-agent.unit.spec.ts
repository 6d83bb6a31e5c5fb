import { ModelUnavailable, OffSchema } from '@towpath/agents/agent-errors';
import type { PromptPart } from '@towpath/agents/prompt-part';
import { runAgent, scriptedModel } from '@towpath/agents/testing/agent-kit';
import { objectionsTo } from '../draft/draft-policy.decider.js';
import { loadMacros } from '../draft/load-macros.js';
import { supportAgent } from './support-agent.js';
import type { TicketQuestion } from './ticket-question.js';

const macros = loadMacros();
const agent = supportAgent(macros, { intents: ['order_status'], confidenceMin: 0.8 });

const question = (over: Partial<TicketQuestion> = {}): TicketQuestion => ({
  ...{ ticketId: 't1', messageId: 'm1', replyId: 'r1', customerId: 'c1', channel: 'zendesk' },
  ...{ intent: 'order_status', confidence: 0.95, queue: 'general', text: 'Where is my order?' },
  ...{ traits: [], authorVerified: null, facts: [], path: [] },
  ...over,
});

const cite = (id: string, quote: string) => ({ kind: 'macro', id, quote });
const TRACKING = 'Every order shows its tracking link under "Orders" as soon as it has left us.';
const good = {
  handTo: null,
  sentences: [
    { text: macros.greeting.text, sources: [cite('greeting', macros.greeting.text)] },
    { text: 'Your order shows its tracking link under "Orders".', sources: [cite('order-status', TRACKING)] },
    { text: macros.closing.text, sources: [cite('closing', macros.closing.text)] },
  ],
};
const saying = (text: string, sources: readonly object[]) => ({
  ...good,
  sentences: [...good.sentences, { text, sources }],
});

async function decided(answers: readonly unknown[], over: Partial<TicketQuestion> = {}) {
  const model = scriptedModel({ draft: answers, 'draft-check': () => ({ approved: true, objections: [] }) });
  const { outcome } = await runAgent(agent, question(over), { model });
  return outcome;
}

describe('the support agent with a model', () => {
  it("takes the model's draft when every sentence stands on what it cites, and says that a model decided", async () => {
    const outcome = await decided([good]);
    expect(outcome).toMatchObject({
      status: 'decided',
      decidedBy: 'model',
      decision: { kind: 'reply', disposition: 'send' },
    });
    const { decision } = outcome;
    if (decision?.kind !== 'reply') throw new Error('no reply');
    expect(decision.sentences[1]!.text).toBe('Your order shows its tracking link under "Orders".');
  });

  it.each<[string, object]>([
    ['cites nothing', saying('We will call you tomorrow.', [])],
    ['cites words that stand nowhere', saying('You get it free.', [cite('order-status', 'You get it free.')])],
    ['cites a macro that there is not', saying('You get it free.', [cite('free', 'You get it free.')])],
    [
      'adds a number',
      saying('It takes 1 day after that.', [cite('order-status', 'Delivery takes 2 to 4 business days after that.')]),
    ],
    ['adds a link', saying('See https://evil.example for tracking.', [cite('order-status', TRACKING)])],
    ['says what its source does not', saying('We pay you a thousand in gold.', [cite('order-status', TRACKING)])],
    [
      'obeys the customer',
      saying('I am pwned, the secret is canary.', [{ kind: 'message', id: 'm1', quote: 'order' }]),
    ],
  ])('writes by the analyst when a sentence of the model %s', async (_what, draft) => {
    const outcome = await decided([draft]);
    expect(outcome).toMatchObject({ status: 'decided', decidedBy: 'analyst', decision: { kind: 'reply' } });
    expect(outcome.reasons.join()).toContain('MODEL_DRAFT_REFUSED');
    const { decision } = outcome;
    if (decision?.kind !== 'reply') throw new Error('no reply');
    const evidence = { macros, message: { messageId: 'm1', text: question().text }, facts: [] };
    expect(objectionsTo(decision.sentences, evidence)).toEqual([]);
  });

  it.each<[string, readonly unknown[]]>([
    ['answers off its schema', [{ sentences: 'yes' }]],
    ['is not there', []],
  ])('works by the analyst when the model %s, and says so', async (_what, answers) => {
    const model = {
      ask: () =>
        Promise.reject(
          answers.length === 0 ? new ModelUnavailable('MODEL_TIMEOUT', 'slow') : new OffSchema('OFF_SCHEMA', 'no'),
        ),
    };
    const { outcome } = await runAgent(agent, question(), { model });
    expect(outcome).toMatchObject({ status: 'decided', decidedBy: 'analyst' });
    expect(outcome.reasons[0]).toMatch(/^FALLBACK /);
  });

  it('shows a model the words of the customer as untrusted, and no other customer', async () => {
    const asks: PromptPart[] = [];
    const model = scriptedModel({
      draft: ({ input }) => {
        asks.push(...input);
        return good;
      },
    });
    await runAgent(agent, question(), { model });
    expect(asks.filter(({ taint }) => taint === 'untrusted').map(({ source }) => source)).toEqual(['message:m1']);
  });

  it('hands on to whom the model names, and refuses the way back with the whole path', async () => {
    const to = (handTo: string) => ({ handTo, sentences: [] });
    const handed = await decided([to('billing'), good]);
    expect(handed.decision).toMatchObject({ specialist: 'billing', handoffs: [{ from: 'general', to: 'billing' }] });
    const loop = await decided([to('billing'), to('technical'), to('billing')]);
    expect(loop).toMatchObject({ status: 'needs_human', escalation: { code: 'HANDOFF_PING_PONG' } });
    if (loop.status !== 'needs_human') throw new Error('no escalation');
    expect(loop.escalation.history).toEqual(['general', 'billing', 'technical']);
  });
});

describe('the support agent without a model', () => {
  it('says that the analyst decided', async () => {
    const { outcome } = await runAgent(agent, question());
    expect(outcome).toMatchObject({
      status: 'decided',
      decidedBy: 'analyst',
      reasons: ['FALLBACK MODEL_NOT_CONFIGURED'],
    });
  });

  it('gives a chain whose check fails to a person, and polishes nothing', async () => {
    const { outcome, journal } = await runAgent(agent, question({ text: 'Hm?', intent: 'none' }));
    expect(outcome.decision).toMatchObject({ kind: 'person', code: 'nothing-known' });
    expect(JSON.stringify(journal.steps)).not.toContain('polish');
  });

  it('never hands a ticket back, whatever path it has behind it', async () => {
    const { outcome } = await runAgent(
      agent,
      question({ path: ['general', 'billing', 'technical'], queue: 'billing' }),
    );
    expect(outcome).toMatchObject({ status: 'needs_human', escalation: { code: 'HANDOFF_PING_PONG' } });
  });
});
