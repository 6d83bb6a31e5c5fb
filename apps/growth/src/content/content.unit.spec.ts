import { FormCompleted } from '@towpath/contracts/customers/FormCompleted.v1';
import { LeadContentDrafted } from '@towpath/contracts/growth/LeadContentDrafted.v1';
import { LeadContentDropped } from '@towpath/contracts/growth/LeadContentDropped.v1';
import { LeadContentReleased } from '@towpath/contracts/growth/LeadContentReleased.v1';
import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { DecideReview } from '@towpath/contracts/platform/DecideReview.v1';
import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import type { ModelAsk } from '@towpath/agents/model-gateway';
import type { Script } from '@towpath/agents/testing/agent-kit';
import { GrowthWorld } from '../growth-world.fixture.js';
import { aForm } from '../people.fixture.js';
import { compose, fitting } from './compose.decider.js';
import { loadLibrary } from './library.js';
import { objectionsTo } from './objections.decider.js';
import type { ContentQuestion } from './question.js';

const OWN_WORDS = {
  subject: 'Moving forty people',
  paragraphs: ['Moving over is usually done within a week.', 'A colleague gets in touch with you today.'],
};
const question: ContentQuestion = {
  ...{ contactId: 'c', signalId: 's', kind: 'form', code: 'contact-sales', product: null, domain: 'business' },
  ...{ employees: 240, seniority: 'decides', interests: ['sso', 'pricing'], grade: 'hot', message: null },
};

const ANGLES = { ideas: [{ leadWith: 'security', because: 'they asked for sso' }] };

async function withModel(says: object = OWN_WORDS, had: Script[string] = () => ANGLES): Promise<GrowthWorld> {
  return new GrowthWorld({ script: { angles: had, 'write-content': () => says } }).hear(FormCompleted, aForm());
}

function decision(world: GrowthWorld, over: Partial<DecideReview> = {}): DecideReview {
  const { reviewId, service, subjectType, subjectId, actionHash } = world.all(ReviewRequested).at(-1)!;
  return {
    ...{
      reviewId,
      service: service!,
      subjectType,
      subjectId,
      actionHash,
      decision: 'approve',
      actor: 'sam',
      role: 'sales-lead',
    },
    ...{ reasonCode: 'unspecified', reason: 'reads well', personId: subjectId, edited: null },
    ...over,
  };
}

describe('what is written to a lead', () => {
  it('is made of approved pieces that fit what is known, and goes out at once to who agreed to mail', async () => {
    const world = await new GrowthWorld().hear(FormCompleted, aForm());
    const [draft] = world.all(LeadContentDrafted);
    expect(draft).toMatchObject({ decidedBy: 'analyst', next: 'sent', subject: 'Your question to us' });
    expect(draft!.cited.map(({ id }) => id)).toEqual(['asked-sales', 'volume', 'security', 'plans', 'rep-calls']);
    expect(world.all(SendMail)).toMatchObject([{ to: 'ada@works.dev', recipientId: 'contact_1', text: draft!.text }]);
    expect(draft!.text).toMatch(/^Hello Ada Example,\n\n/);
  });

  it('is kept for the rep without that agreement, and after a mail of the same day', async () => {
    const without = await new GrowthWorld().hear(FormCompleted, aForm({ mayMail: false }));
    expect(without.all(LeadContentDrafted)).toMatchObject([{ next: 'kept' }]);
    expect(without.all(SendMail)).toEqual([]);
    const twice = await new GrowthWorld().hear(FormCompleted, aForm());
    await twice.hear(FormCompleted, aForm({ submissionId: 'form_2', form: 'request-demo' }));
    expect(twice.all(LeadContentDrafted).map(({ next }) => next)).toEqual(['sent', 'kept']);
    expect(twice.all(SendMail)).toHaveLength(1);
  });

  it('in a model’s own words waits for a person, who sends exactly these', async () => {
    const world = await withModel();
    expect(world.all(LeadContentDrafted)).toMatchObject([{ decidedBy: 'model', next: 'review' }]);
    expect(world.all(SendMail)).toEqual([]);
    await world.hear(DecideReview, decision(world));
    await world.pass(0);
    const [draft] = world.all(LeadContentDrafted);
    expect(world.all(SendMail)).toMatchObject([
      { text: draft!.text, approvalHash: world.all(ReviewRequested)[0]!.actionHash },
    ]);
    expect(world.all(LeadContentReleased)).toMatchObject([{ approvedBy: 'sam' }]);
  });

  it('is led by what two sides thought of, most often first, and by nothing that is no approved piece', async () => {
    const had = [
      { ideas: [{ leadWith: 'plans', because: 'they ask for prices' }] },
      { ideas: [{ leadWith: 'security', because: 'they ask for sso' }] },
      { ideas: [{ leadWith: 'security', because: 'it is what holds them up' }] },
      { ideas: [{ leadWith: 'a discount', because: 'they want one' }] },
    ];
    const led: unknown[] = [];
    const write = (ask: ModelAsk<unknown>) => {
      led.push(JSON.parse(ask.input.find(({ source }) => source === 'brainstorm')!.text));
      return OWN_WORDS;
    };
    await new GrowthWorld({ script: { angles: had, 'write-content': write } }).hear(FormCompleted, aForm());
    expect(led).toEqual([
      {
        angles: [
          { leadWith: 'security', because: 'they ask for sso' },
          { leadWith: 'plans', because: 'they ask for prices' },
        ],
      },
    ]);
  });

  it('is thought of no longer once somebody says again what they said', async () => {
    let asked = 0;
    await withModel(OWN_WORDS, () => ((asked += 1), ANGLES));
    expect(asked).toBe(3);
  });

  it('goes out as the person changed it, or not at all when they reject it', async () => {
    const edited = await withModel();
    await edited.hear(DecideReview, decision(edited, { decision: 'edit', edited: 'Dear Ada, call me.' }));
    await edited.pass(0);
    expect(edited.all(SendMail)).toMatchObject([{ text: 'Dear Ada, call me.' }]);
    const rejected = await withModel();
    await rejected.hear(DecideReview, decision(rejected, { decision: 'reject' }));
    await rejected.pass(0);
    expect(rejected.all(SendMail)).toEqual([]);
    expect(rejected.all(LeadContentDropped)).toMatchObject([{ code: 'rejected', actor: 'sam' }]);
  });

  it('is overtaken by what is written about something newer, so that nobody approves the old', async () => {
    const world = await withModel();
    const old = decision(world);
    await world.hear(FormCompleted, aForm({ submissionId: 'form_2', form: 'request-demo' }));
    expect(world.all(ReviewClosed)).toMatchObject([{ reviewId: old.reviewId, outcome: 'superseded' }]);
    await expect(world.hear(DecideReview, old)).rejects.toMatchObject({ code: 'REVIEW_NOT_OPEN' });
  });

  it.each([
    ['a link', ['See www.evil.test for more.'], 'LINK'],
    ['a number of its own', ['We give you 77 of them.'], 'NUMBER'],
    ['a promise', ['You get it for free.'], 'PROMISE'],
    ['markup', ['<b>Hello</b>'], 'MARKUP'],
  ])('falls back to approved pieces when a model writes %s', async (_what, paragraphs, code) => {
    const world = await withModel({ subject: 'Hello', paragraphs });
    const [draft] = world.all(LeadContentDrafted);
    expect(draft).toMatchObject({ decidedBy: 'analyst', next: 'sent' });
    expect(draft!.reasons).toContain(`MODEL_DRAFT_REFUSED ${code}`);
    expect(draft!.text).not.toContain(paragraphs[0]);
  });
});

describe('the library', () => {
  it('has something for everybody, and nothing in it is objected to', () => {
    const library = loadLibrary();
    for (const kind of ['form', 'product'] as const) {
      const fit = fitting({ ...question, kind, code: 'never-heard-of', interests: [], seniority: 'unknown' }, library);
      const { paragraphs, subject } = compose(fit);
      expect(paragraphs.length).toBeGreaterThanOrEqual(3);
      expect(objectionsTo([subject, ...paragraphs], fit)).toEqual([]);
    }
  });

  it('gives the piece that asks for most of what is known before one that fits many', () => {
    const { opening, bodies, closing } = fitting(question, loadLibrary());
    expect([opening.id, ...bodies.map(({ id }) => id), closing.id]).toEqual([
      ...['asked-sales', 'volume', 'security', 'plans', 'rep-calls'],
    ]);
  });
});
