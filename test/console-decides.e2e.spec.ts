import { randomBytes } from 'node:crypto';
import { jest } from '@jest/globals';
import { sourceFilesOf } from '@towpath/cli/local/local-sources';
import type { TokenRole } from '@towpath/sources/token';
import { addToken, revokeToken } from '@towpath/sources/tokens';
import { chargeSucceeded } from '@towpath/testing/charges';
import { Deliveries } from '@towpath/testing/deliveries';
import { effectsOf } from '@towpath/testing/outcomes';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import { untilEnough } from '@towpath/testing/until';

const SEEN_MS_MAX = 40_000;

jest.setTimeout(180_000);

const run = `desk${randomBytes(4).toString('hex')}`;
const reviewId = `payment-review_pi_${run}`;
let platform: TestPlatform;
let url: string;

interface Answer {
  readonly status: number;
  readonly etag: string;
  readonly body: Record<string, unknown>;
}

/** A person at the console. */
class AtDesk {
  private readonly made;

  constructor(
    readonly name: string,
    role: TokenRole,
  ) {
    this.made = addToken(sourceFilesOf(platform.home), `${run}-${name}`, role, 3_600_000);
  }

  get headers(): Record<string, string> {
    return { authorization: `Bearer ${this.made.text}` };
  }

  async ask(method: string, path: string, etag?: string, body?: object): Promise<Answer> {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...this.headers,
        ...(etag !== undefined && { 'if-match': etag }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, etag: response.headers.get('etag') ?? '', body: JSON.parse(text) as never };
  }

  /** The first answer with this status. */
  until(status: number, path: string): Promise<Answer> {
    return untilEnough(
      () => this.ask('GET', path),
      (answer) => answer.status === status,
      SEEN_MS_MAX,
      100,
    );
  }

  revoke(): void {
    revokeToken(sourceFilesOf(platform.home), this.made.id);
  }
}

/** Names and ids of what `/events` says, until `last` was said. */
async function eventsUntil(desk: AtDesk, last: string, lastEventId?: string): Promise<{ id: string; name: string }[]> {
  const after = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const response = await fetch(`${url}/events`, {
    headers: { ...desk.headers, ...after },
    signal: AbortSignal.timeout(SEEN_MS_MAX),
  });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const seen: { id: string; name: string }[] = [];
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) {
      const [, id, name, data] = /id: (\d+)\nevent: (\w+)\ndata: (.*)/.exec(part) ?? [];
      if (id === undefined || !data?.includes(reviewId)) continue;
      seen.push({ id, name: name! });
      if (name === last) return seen;
    }
  }
  return seen;
}

beforeAll(async () => {
  platform = await attachPlatform();
  url = platform.service('console').url;
}, ATTACH_MS_MAX);

afterAll(() => platform?.release());

describe('a held payment at the console', () => {
  it('is decided by one person who claimed it, can be undone while held, and is then captured in that name', async () => {
    const [ada, bo, vera] = [new AtDesk('ada', 'reviewer'), new AtDesk('bo', 'reviewer'), new AtDesk('vera', 'viewer')];
    await Promise.all([ada.until(200, '/me'), bo.until(200, '/me'), vera.until(200, '/me')]);
    const told = eventsUntil(vera, 'CaseClosed');
    await new Deliveries(platform).sendLikeStripe(
      chargeSucceeded({ id: run, customer: `cus_${run}`, risk: 'highest' }).body,
    );
    const path = `/cases/${reviewId}`;
    const opened = await ada.until(200, path);
    expect(opened.body).toMatchObject({ status: 'open', service: 'fraud', subjectId: `pi_${run}`, isOverdue: false });

    expect(await vera.ask('POST', `${path}/claim`, opened.etag)).toMatchObject({ status: 403 });
    expect(await ada.ask('POST', `${path}/claim`)).toMatchObject({
      status: 428,
      body: { code: 'PRECONDITION_MISSING' },
    });
    const claimed = await ada.ask('POST', `${path}/claim`, opened.etag);
    expect(claimed).toMatchObject({ status: 200, body: { claimedBy: `${run}-ada` } });
    expect(await bo.ask('POST', `${path}/claim`, opened.etag)).toMatchObject({
      status: 412,
      body: { code: 'CASE_CHANGED' },
    });
    expect(await bo.ask('POST', `${path}/claim`, claimed.etag)).toMatchObject({
      status: 409,
      body: { code: 'CLAIMED' },
    });

    const { actionHash } = claimed.body;
    const approve = { decision: 'approve', reasonCode: 'known-customer', reason: 'called the buyer', actionHash };
    expect(
      await ada.ask('POST', `${path}/decisions`, claimed.etag, { ...approve, reason: 'ask a@b.example' }),
    ).toMatchObject({ status: 422, body: { code: 'FIELDS_INVALID' } });
    const first = await ada.ask('POST', `${path}/decisions`, claimed.etag, { ...approve, decision: 'reject' });
    expect(first).toMatchObject({ status: 201, body: { pending: { phase: 'held', decision: 'reject' } } });
    const { decisionId } = first.body['pending'] as { decisionId: string };
    const undone = await ada.ask('DELETE', `${path}/decisions/${decisionId}`, first.etag);
    expect(undone).toMatchObject({ status: 200, body: { pending: null } });
    expect(await ada.ask('POST', `${path}/decisions`, undone.etag, approve)).toMatchObject({ status: 201 });
    expect(effectsOf(platform.home, `pi_${run}`)).toEqual([]);

    const effects = await untilEnough(
      () => effectsOf(platform.home, `pi_${run}`),
      ({ length }) => length > 0,
      SEEN_MS_MAX,
    );
    expect(effects.map(({ action }) => action)).toEqual(['capture']);
    const [resolved] = await platform.inspector.query<{ data: object }>(
      "select data from fraud.events where type = 'fraud.v1.ReviewResolved' and data ->> 'paymentId' = $1",
      [`pi_${run}`],
    );
    expect(resolved!.data).toMatchObject({ outcome: 'approved', actor: `${run}-ada`, reason: 'called the buyer' });
    const names = await told;
    expect(names.map(({ name }) => name)).toEqual([
      ...['CaseOpened', 'CaseClaimed', 'CaseDecided', 'CaseDecisionUndone', 'CaseDecided', 'CaseDecisionReleased'],
      ...names.slice(6).map(({ name }) => name),
    ]);
    const resumed = await eventsUntil(bo, 'CaseClosed', names[2]!.id);
    expect(resumed).toEqual(names.slice(3));
    const ended = await ada.ask('GET', path);
    expect(ended.body).toMatchObject({ status: 'closed', outcome: 'approved' });

    expect(await bo.ask('POST', `${path}/reveal`, undefined, { reason: 'to learn from it' })).toMatchObject({
      status: 200,
    });
    const reveals = await platform.inspector.query(
      "select 1 from console.events where type = 'console.v1.CaseRevealed' and data ->> 'actor' = $1",
      [`${run}-bo`],
    );
    expect(reveals).toHaveLength(1);
    for (const desk of [ada, bo, vera]) desk.revoke();
    expect((await ada.until(401, '/me')).body).toMatchObject({ code: 'TOKEN_INVALID' });
  });
});
