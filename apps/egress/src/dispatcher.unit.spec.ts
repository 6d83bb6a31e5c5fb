import { PostNotice } from '@towpath/contracts/notices/PostNotice.v1';
import { SendTicketReply } from '@towpath/contracts/tickets/SendTicketReply.v1';
import { Metrics } from '@towpath/service-kit/metrics';
import { effectFor } from './adapters/adapters.fixture.js';
import { Dispatcher } from './dispatcher.js';
import { EffectMetrics } from './effect-metrics.js';
import type { OpenEffect } from './ledger.projection.js';
import type { CallResult, Provider } from './provider.js';
import { Providers } from './providers.js';

const notice = (n: number) => effectFor(PostNotice, { noticeId: `n${n}`, channel: 'C1', text: 'x' });
const reply = () =>
  effectFor(SendTicketReply, {
    ...{ ticketId: 'zendesk:acme:1', replyId: 'r1', channel: 'zendesk', customerId: 'cus_1', toAddress: null },
    ...{ subject: null, body: 'x', inReplyTo: null, approvalHash: null },
  });

/** A provider whose calls end when the spec says so. */
function provider(concurrency: number, execute: () => Promise<CallResult>, over: Partial<Provider> = {}): Provider {
  return {
    ...{
      keyWindowMs: 0,
      callMsMax: 1_000,
      concurrency,
      breakers: [],
      accepts: () => true,
      close: async () => undefined,
    },
    retry: { attemptsMax: 1, giveUpMs: 1_000, backoffBaseMs: 1, backoffMsMax: 1 },
    execute,
    probe: async () => ({ kind: 'untold', detail: '' }),
    ...over,
  };
}

function world(providers: Record<string, Provider>) {
  const ends: string[] = [];
  const end = (what: string) => async (effect: OpenEffect) => void ends.push(`${what} ${effect.subjectId}`);
  const ledger = {
    fire: async () => ({ kind: 'fire' }) as const,
    ...{ confirm: end('confirmed'), fail: end('failed'), abandon: end('abandoned'), giveUp: end('unknown') },
    ...{ failIfHalted: end('halted'), rehearse: end('rehearsed'), disable: end('disabled') },
    defer: async (effect: OpenEffect, attempt: number, pauseMs: number) =>
      void ends.push(`deferred ${effect.subjectId} after ${attempt} for ${pauseMs}`),
  };
  const dispatcher = new Dispatcher({
    ledger,
    providers: new Providers(Object.entries(providers)),
    metrics: new EffectMetrics(new Metrics('egress')),
    completed: async (effect) => effect,
    openEffects: async () => [],
    openEffectsOf: async () => [],
    logger: { error: () => undefined, info: () => undefined },
  });
  return { dispatcher, ends };
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('it did not come');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a provider that hangs', () => {
  it('holds back its own effects, a bounded number of calls at a time, and nobody else’s', async () => {
    let calls = 0;
    const answers: ((result: CallResult) => void)[] = [];
    const hanging = provider(2, () => {
      calls += 1;
      return new Promise((resolve) => answers.push(resolve));
    });
    const quick = provider(2, async () => ({ kind: 'done', reference: 'a' }));
    const { dispatcher, ends } = world({ slack: hanging, zendesk: quick });
    for (let n = 0; n < 9; n += 1) dispatcher.offer(notice(n));
    await until(() => calls === 2);
    dispatcher.offer(reply());
    await until(() => ends.length === 1);
    expect(ends).toEqual(['confirmed zendesk:acme:1']);
    expect(calls).toBe(2);
    while (ends.length < 10) {
      answers.splice(0).forEach((answer) => answer({ kind: 'done', reference: 'b' }));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(calls).toBe(9);
    await dispatcher.stop();
  });
});

describe('a receiver with a published schedule', () => {
  it('is called again after the pause of the schedule, or the longer one that it asked for, and disabled after the last', async () => {
    let result: CallResult = { kind: 'not-acted', code: 'NOT_TAKEN', detail: 'status 503' };
    const receiver = provider(1, async () => result, { schedule: [0, 5_000, 300_000] });
    const { dispatcher, ends } = world({ slack: receiver });
    const offered = async (attempts: number) => {
      const count = ends.length;
      dispatcher.offer({ ...notice(7), attempts });
      await until(() => ends.length > count);
      await until(() => dispatcher.depth === 0);
    };
    await offered(0);
    await offered(1);
    await offered(2);
    result = { kind: 'not-acted', code: 'NOT_TAKEN', detail: '', retryAfterMs: 60_000 };
    await offered(0);
    result = { kind: 'refused', code: 'GONE', detail: 'status 410' };
    await offered(0);
    expect(ends).toEqual([
      'deferred n7 after 1 for 5000',
      'deferred n7 after 2 for 300000',
      'disabled n7',
      'deferred n7 after 1 for 60000',
      'disabled n7',
    ]);
    await dispatcher.stop();
  });
});

describe('an effect of a provider whose adapter was taken away', () => {
  it('stays where it is', async () => {
    const { dispatcher, ends } = world({});
    dispatcher.offer(reply());
    expect([dispatcher.depth, ends]).toEqual([0, []]);
    await dispatcher.stop();
  });
});
