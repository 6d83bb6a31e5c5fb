import { LoanApplicationReceived } from '@towpath/contracts/loans/LoanApplicationReceived.v1';
import { ChargeSucceeded } from '@towpath/contracts/payments/ChargeSucceeded.v1';
import { EraseSubject } from '@towpath/contracts/platform/EraseSubject.v1';
import { TicketReceived } from '@towpath/contracts/tickets/TicketReceived.v1';
import { DeliveryBytesKept } from '@towpath/contracts/triage/DeliveryBytesKept.v1';
import { encryptPii } from '@towpath/event-store/cipher';
import type { Erasure } from '@towpath/event-store/vault';
import type { DecisionState } from '@towpath/service-kit/handles';
import type { Received } from '@towpath/service-kit/message';
import { EraseSubjectHandler } from './erase-subject.handler.js';

const KEY = Buffer.alloc(32, 3);
const NOW = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;

interface Stored {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly correlationId: string;
}

const kept = (deliveryId: string, owner: string, body = '{}', correlationId = deliveryId): Stored => ({
  type: DeliveryBytesKept.type,
  data: encryptPii(DeliveryBytesKept, { deliveryId, owner, body }, new Map([[owner, KEY]])) as never,
  correlationId,
});
const charge = (paymentId: string, accountId: string): Stored => ({
  type: ChargeSucceeded.type,
  data: { paymentId, accountId },
  correlationId: paymentId,
});

/** Triage with these events in its store, asked to erase `cus_1`; the story of that is `erasure`. */
async function erase(events: readonly Stored[]) {
  const destroyed: string[] = [];
  const asked: Erasure[] = [];
  const store = {
    query: async <Row>(name: string, _text: string, values: readonly unknown[]) => {
      if (name === 'last_position') return [{ last: String(events.length) }] as Row[];
      const [, , types, field, oneOf, other] = values as [number, number, string[], string, string[] | null, string];
      const rows = events.map((event, index) => ({ ...event, position: String(index + 1), occurredAt: new Date(NOW) }));
      return rows.filter(
        ({ type, data }) =>
          types.includes(type) && (oneOf ? oneOf.includes(String(data[field])) : data[field] === data[other]),
      ) as Row[];
    },
  };
  const vault = {
    keysFor: async (subjects: Iterable<string>) => new Map([...subjects].map((subject) => [subject, KEY])),
    erase: async (erasure: Erasure, subjects: readonly string[]) => {
      asked.push(erasure);
      destroyed.push(...subjects);
      return new Map([['cus_1', new Date(NOW - HOUR_MS)]]);
    },
  };
  const handler = new EraseSubjectHandler(store, vault);
  const data = { erasureId: 'er_1', subject: 'cus_1', actor: 'ada', reason: 'request 7' };
  const message = { data, correlationId: 'erasure' } as Received<typeof EraseSubject>;
  const state = { now: new Date(NOW) } as DecisionState;
  const found = await handler.work(message, { signal: new AbortController().signal, state, firstTry: true });
  const [emission] = handler.handle(message, state, found);
  return { destroyed, asked, said: emission!.data };
}

describe('an erasure', () => {
  it('destroys the keys of the person, of its payments, and of deliveries about nobody that name it', async () => {
    const { destroyed, asked } = await erase([
      charge('pi_1', 'cus_1'),
      charge('pi_2', 'cus_12'),
      kept('d1', 'cus_1'),
      kept('d2', 'd2', '{"type":"UnfreezeAccount","data":{"accountId":"cus_1"}}'),
      kept('d3', 'd3', '{"type":"UnfreezeAccount","data":{"accountId":"cus_12"}}'),
      kept('d4', 'd4', '{"type":"DecideReview","data":{"subjectId":"pi_1"}}'),
    ]);
    expect(destroyed).toEqual(['cus_1', 'guest_pi_1', 'd2', 'd4']);
    expect(asked).toMatchObject([{ erasureId: 'er_1', subject: 'cus_1' }]);
  });

  it('keeps the bytes of its own command, which prove who asked', async () => {
    const { destroyed } = await erase([kept('d9', 'd9', '{"data":{"subject":"cus_1"}}', 'erasure')]);
    expect(destroyed).toEqual(['cus_1']);
  });

  it('says by which names services find the person, the newest payments first, and what became unreadable', async () => {
    const { said } = await erase([
      ...[charge('pi_1', 'cus_1'), charge('pi_2', 'cus_1'), charge('pi_1', 'cus_1')],
      ...[kept('d1', 'cus_1'), kept('d2', 'guest_pi_2'), kept('d3', 'd3', 'pi_2')],
    ]);
    expect(said).toMatchObject({ names: ['cus_1', 'pi_1', 'pi_2'], namesOmitted: 0, keysDestroyed: 4, deliveries: 3 });
  });

  it("names a customer's tickets and applications, too, and destroys what encrypts their deliveries", async () => {
    const stored = (type: string, data: Stored['data']): Stored => ({ type, data, correlationId: 'c' });
    const { said, destroyed } = await erase([
      stored(TicketReceived.type, { ticketId: 'zendesk:12:5', customerId: 'cus_1' }),
      stored(TicketReceived.type, { ticketId: 'zendesk:12:6', customerId: 'cus_2' }),
      stored(LoanApplicationReceived.type, { applicationId: 'loan_1', applicantId: 'cus_1' }),
      kept('d1', 'd1', '{"type":"TakeTicket","data":{"ticketId":"zendesk:12:5"}}'),
    ]);
    expect(said.names).toEqual(['cus_1', 'zendesk:12:5', 'loan_1']);
    expect(destroyed).toEqual(['cus_1', 'd1']);
  });

  it('names at most 2,000 and says how many more there are', async () => {
    const { said } = await erase(Array.from({ length: 2_100 }, (_, n) => charge(`pi_${n}`, 'cus_1')));
    expect([said.names.length, said.names[1], said.namesOmitted]).toEqual([2_000, 'pi_2099', 101]);
  });

  it('says when the last raw delivery goes: days of the topic, a day of its file, an hour of the broker', async () => {
    const { said } = await erase([]);
    expect((said.rawCopiesGoneAt - NOW) / HOUR_MS).toBe(8 * 24 + 1);
    expect(said).toMatchObject({ erasedAt: NOW, firstErasedAt: NOW - HOUR_MS, actor: 'ada', reason: 'request 7' });
  });
});
