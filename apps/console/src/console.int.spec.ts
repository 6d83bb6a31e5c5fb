import { randomUUID } from 'node:crypto';
import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { ReviewEndorsed } from '@towpath/contracts/platform/ReviewEndorsed.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import { requestReview, type ReviewRequest } from '@towpath/service-kit/reviews/request-review';
import { ConsoleWorld, type Answer } from './console-world.fixture.js';

const SEEN_MS_MAX = 20_000;

let world: ConsoleWorld;
let ada: ReturnType<ConsoleWorld['person']>;
let bo: typeof ada;
let sue: typeof ada;
let vera: typeof ada;

// Nothing is held for an undo: what is decided leaves at once.
beforeAll(async () => {
  world = await ConsoleWorld.start({ UNDO_SECONDS: '0' });
  [ada, bo] = [world.person('ada', 'reviewer'), world.person('bo', 'reviewer')];
  [sue, vera] = [world.person('sue', 'supervisor'), world.person('vera', 'viewer')];
  for (const one of [ada, bo, sue, vera])
    await until(
      () => one('GET', '/me'),
      ({ status }) => status === 200,
    );
}, 120_000);

afterAll(() => world?.stop());

async function until<T>(look: () => Promise<T> | T, is: (seen: T) => boolean): Promise<T> {
  const deadline = performance.now() + SEEN_MS_MAX;
  for (;;) {
    const seen = await look();
    if (is(seen)) return seen;
    if (performance.now() > deadline) throw new Error(`not seen in time: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** A review that fraud asks for; its case's path. */
async function asked(over: Partial<ReviewRequest> = {}): Promise<{ reviewId: string; path: string }> {
  const reviewId = `payment-review_pi_${randomUUID()}`;
  const request = requestReview({
    ...{ reviewId, service: 'fraud', subjectType: 'payment', subjectId: 'pi_1', reason: 'large and far away' },
    ...{ action: 'CapturePayment', arguments: { paymentId: 'pi_1' }, evidence: { score: 6 }, ...over },
  });
  await world.receives(ReviewRequested, request.data);
  return { reviewId, path: `/cases/${reviewId}` };
}

/** Ingress took the decision, and the case knows. */
const sent = (reviewId: string) =>
  until(
    () => world.eventsOf(reviewId),
    (names) => names.includes('CaseDecisionSent'),
  );

/** A case that the person works on now. */
async function claimed(person: typeof ada, path: string): Promise<Answer> {
  const answer = await person('POST', `${path}/claim`, (await person('GET', path)).etag);
  expect(answer.status).toBe(200);
  return answer;
}

function approval({ body }: Answer, decision = 'approve'): object {
  return { decision, reasonCode: 'known-customer', reason: 'called the buyer', actionHash: body['actionHash'] };
}

const deliveriesOf = (reviewId: string) => world.delivered.filter(({ data }) => data['reviewId'] === reviewId);

describe('the console over REST', () => {
  it('lists what is open, due first, page by page', async () => {
    const now = Date.now();
    const reviews = [];
    for (const minutes of [30, 10, 20]) reviews.push(await asked({ service: 'lists', slaMinutes: minutes }));
    const ids = async (path: string) => {
      const { status, body } = await vera('GET', path);
      expect(status).toBe(200);
      return { found: body['cases'] as { reviewId: string; decideBy: number }[], next: body['next'] as string | null };
    };
    const first = await ids('/cases?service=lists&limit=2');
    expect(first.found.map(({ reviewId }) => reviewId)).toEqual([reviews[1]!.reviewId, reviews[2]!.reviewId]);
    expect(first.found[0]!.decideBy).toBeGreaterThanOrEqual(now + 10 * 60_000);
    const second = await ids(`/cases?service=lists&limit=2&cursor=${first.next}`);
    expect(second.found.map(({ reviewId }) => reviewId)).toEqual([reviews[0]!.reviewId]);
  });

  it('lets one person claim a case, and another one neither claim nor decide it meanwhile', async () => {
    const { path } = await asked();
    const opened = await ada('GET', path);
    expect((await vera('POST', `${path}/claim`, opened.etag)).status).toBe(403);
    const claims = await Promise.all([
      ada('POST', `${path}/claim`, opened.etag),
      bo('POST', `${path}/claim`, opened.etag),
    ]);
    expect(claims.map(({ status }) => status).sort()).toEqual([200, 412]);
    const [winner, loser] = claims[0].status === 200 ? [ada, bo] : [bo, ada];
    const claimed = await loser('GET', path);
    expect(await loser('POST', `${path}/claim`, claimed.etag)).toMatchObject({
      ...{ status: 409, body: { code: 'CLAIMED' } },
    });
    expect(await loser('POST', `${path}/decisions`, claimed.etag, approval(claimed))).toMatchObject({
      ...{ status: 409, body: { code: 'NOT_CLAIMED' } },
    });
    expect((await winner('POST', `${path}/release`, claimed.etag)).body).toMatchObject({ claimedBy: null });
  });

  it('sends what a person decides to ingress, signed with that person’s key, and shows how it ended', async () => {
    const { reviewId, path } = await asked();
    const opened = await claimed(ada, path);
    expect((await ada('POST', `${path}/decisions`, opened.etag, approval(opened, 'reject'))).status).toBe(201);
    const [delivery] = await until(
      () => deliveriesOf(reviewId),
      ({ length }) => length > 0,
    );
    expect(delivery).toMatchObject({ person: 'ada', type: 'DecideReview', data: { reviewId, decision: 'reject' } });
    await sent(reviewId);
    await world.receives(ReviewClosed, { reviewId, outcome: 'rejected', actor: 'ada' });
    expect((await vera('GET', path)).body).toMatchObject({ status: 'closed', outcome: 'rejected' });
    expect(await bo('POST', `${path}/claim`, (await bo('GET', path)).etag)).toMatchObject({
      ...{ status: 409, body: { code: 'CASE_CLOSED' } },
    });
    expect(await world.eventsOf(reviewId)).toEqual([
      ...['CaseOpened', 'CaseClaimed', 'CaseDecided', 'CaseDecisionReleased'],
      ...['CaseDecisionSent', 'CaseClosed'],
    ]);
  });

  it('takes two different people above the limit, each with a signature of their own', async () => {
    const { reviewId, path } = await asked({ amount: { minor: 2_000_000, currency: 'EUR' } });
    const opened = await claimed(ada, path);
    expect(opened.body).toMatchObject({ people: 2, endorsements: [] });
    expect((await ada('POST', `${path}/decisions`, opened.etag, approval(opened))).status).toBe(201);
    await until(
      () => deliveriesOf(reviewId),
      ({ length }) => length === 1,
    );
    await sent(reviewId);
    const { actionHash } = opened.body as { actionHash: string };
    const words = { decision: 'approve', editedHash: null, reasonCode: 'known-customer', reason: 'called the buyer' };
    await world.receives(ReviewEndorsed, {
      ...{ reviewId, actor: 'ada', needed: 2, endorsedAt: Date.now(), actionHash, ...words },
    });

    const endorsed = await ada('GET', path);
    expect(endorsed.body).toMatchObject({ status: 'open', pending: null, endorsements: [{ actor: 'ada' }] });
    expect(await ada('POST', `${path}/claim`, endorsed.etag)).toMatchObject({
      ...{ status: 409, body: { code: 'FOUR_EYES' } },
    });
    const second = await claimed(bo, path);
    expect((await bo('POST', `${path}/decisions`, second.etag, approval(second))).status).toBe(201);
    const deliveries = await until(
      () => deliveriesOf(reviewId),
      ({ length }) => length === 2,
    );
    expect(deliveries.map(({ person }) => person)).toEqual(['ada', 'bo']);
  });
});

describe('the time of a case', () => {
  it('runs out by the timer of its store: it takes a supervisor then, and people are told', async () => {
    const { reviewId, path } = await asked({ dueAt: Date.now() + 1 });
    const escalated = await until(
      () => ada('GET', path),
      ({ body }) => body['level'] === 1,
    );
    expect(escalated.body).toMatchObject({ status: 'open', leastRole: 'supervisor' });
    expect(await world.eventsOf(reviewId)).toContain('CaseEscalated');
    expect(await ada('POST', `${path}/claim`, escalated.etag)).toMatchObject({
      ...{ status: 403, body: { code: 'ESCALATED' } },
    });
    const taken = await claimed(sue, path);
    expect((await sue('POST', `${path}/decisions`, taken.etag, approval(taken))).status).toBe(201);
    expect(
      await until(
        () => deliveriesOf(reviewId),
        ({ length }) => length === 1,
      ),
    ).toMatchObject([{ person: 'sue' }]);
  });
});
