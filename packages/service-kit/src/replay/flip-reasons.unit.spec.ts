import { PaymentApproved } from '@towpath/contracts/fraud/PaymentApproved.v1';
import { PaymentHeldForReview } from '@towpath/contracts/fraud/PaymentHeldForReview.v1';
import { TicketReceived } from '@towpath/contracts/tickets/TicketReceived.v1';
import { flipReasons } from './flip-reasons.js';

const common = { paymentId: 'pi_1', decidedBy: 'analyst', decidedAt: 1, runId: null };
const signal = (name: string, points: number) => ({ name, value: '200', points, evidence: '200 EUR' });

describe('why a decision flipped', () => {
  it('is what both decisions say of themselves and say otherwise, lists by the names of their elements', () => {
    const approved = {
      contract: PaymentApproved,
      data: { ...common, score: 4, rulesVersion: 'new', signals: [signal('amount-band', 0), signal('country', 1.5)] },
    };
    const held = {
      contract: PaymentHeldForReview,
      data: { ...common, score: 5, rulesVersion: 'old', signals: [signal('country', 1.5), signal('amount-band', 1)] },
    };
    expect(flipReasons(approved, { ...held, data: { ...held.data, decidedAt: 2, runId: 'r' } })).toEqual([
      { field: 'score', recorded: '4', replayed: '5' },
      { field: 'rulesVersion', recorded: 'new', replayed: 'old' },
      { field: 'signals.amount-band.points', recorded: '0', replayed: '1' },
    ]);
  });

  it('names an element that only one of them has', () => {
    const of = (signals: object[]) => ({ contract: PaymentApproved, data: { ...common, signals } });
    expect(flipReasons(of([]), of([signal('velocity-ip', 6)]))).toEqual([
      {
        field: 'signals.velocity-ip',
        recorded: '(nothing)',
        replayed: '{"evidence":"200 EUR","name":"velocity-ip","points":6,"value":"200"}',
      },
    ]);
  });

  it('never shows what is personal, and is nothing where only one decided', () => {
    const personal = TicketReceived.pii[0]!.name;
    const of = (value: string) => ({ contract: TicketReceived, data: { [personal]: value } });
    expect(flipReasons(of('ada@example.com'), of('bob@example.com'))).toEqual([]);
    expect(flipReasons(of('x'), undefined)).toEqual([]);
  });
});
