import { CreditReportFetched } from '@towpath/contracts/egress/CreditReportFetched.v1';
import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import { PaymentFailed } from '@towpath/contracts/payments/PaymentFailed.v1';
import { RefundPayment } from '@towpath/contracts/payments/RefundPayment.v1';
import { ask } from './ask.js';
import { saga } from './saga.js';

const payment = { paymentId: 'pi_1', accountId: 'cus_1', chargeId: null, amountMinor: 1, currency: 'EUR', reason: '' };
const mail = { mailId: 'm1', recipientId: 'cus_1', to: '', subject: '', text: '', inReplyTo: null, approvalHash: null };
const replies = { done: EffectConfirmed, failed: EffectFailed, timeoutMs: 1_000 } as const;
const begun = () => saga('spec', { version: 1 }).startsWith(PaymentFailed, ({ paymentId }) => paymentId);

describe('a definition', () => {
  it('does not compile with a step that has neither an undo nor the word irreversible', () => {
    // @ts-expect-error nothing takes the step back, and nobody said that nothing does
    begun().step('capture', { ...replies, do: () => ask(CapturePayment, payment) });
    begun().step('capture', {
      ...replies,
      do: () => ask(CapturePayment, payment),
      undo: () => ask(RefundPayment, payment),
      // @ts-expect-error the same holds for another way to do it
      alternatives: [{ name: 'other', do: () => ask(CapturePayment, payment) }],
    });
    // @ts-expect-error only the word itself stands for no undo
    begun().step('capture', { ...replies, do: () => ask(CapturePayment, payment), undo: 'none' });
    // @ts-expect-error and in a group as well
    begun().parallel('both', (group) => group.step('capture', { ...replies, do: () => ask(CapturePayment, payment) }));
    expect(begun().step('mail', { ...replies, do: () => ask(SendMail, mail), undo: 'irreversible' })).toBeDefined();
  });

  it('does not compile with a command that lacks a field, nor with the result of a step that comes later or may be absent', () => {
    const undo = 'irreversible' as const;
    const definition = begun()
      .step('capture', { ...replies, do: () => ask(CapturePayment, payment), undo })
      .optional('report', {
        ...{ done: CreditReportFetched, failed: EffectFailed, timeoutMs: 1, undo },
        do: ({ start, results }) =>
          ask(RefundPayment, { ...payment, paymentId: start.paymentId, reason: results.capture.providerReference }),
      })
      .step('mail', {
        ...replies,
        undo,
        do: ({ results }) => {
          // @ts-expect-error an optional step may have said nothing
          const reason: string = results.report.applicationId;
          return ask(SendMail, { ...mail, text: reason });
        },
      })
      .waitFor('credit', { event: CreditReportFetched, key: (report) => report.applicationId, timeoutMs: 1 })
      .step('last', {
        ...replies,
        // @ts-expect-error a field is missing
        do: () => ask(RefundPayment, { paymentId: 'pi_1' }),
        // @ts-expect-error nobody may know what the step itself said
        undo: ({ results }) => ask(RefundPayment, { ...payment, reason: results.last.providerReference }),
      })
      .step('more', {
        ...replies,
        undo: ({ results }) =>
          ask(RefundPayment, { ...payment, reason: results.more?.providerReference ?? results.credit.applicationId }),
        // @ts-expect-error no step before it has this name
        do: ({ results }) => ask(RefundPayment, { ...payment, reason: results.refund.providerReference }),
      })
      .build();
    expect(definition.stages.map(({ name }) => name)).toEqual(['capture', 'report', 'mail', 'credit', 'last', 'more']);
  });

  it('gives a step with alternatives the results of all of them', () => {
    const definition = begun()
      .step('refund', {
        ...replies,
        do: () => ask(RefundPayment, payment),
        undo: 'irreversible',
        alternatives: [
          { name: 'credit', done: CreditReportFetched, do: () => ask(CapturePayment, payment), undo: 'irreversible' },
        ],
      })
      .step('mail', {
        ...replies,
        undo: 'irreversible',
        do: ({ results: { refund }, ways }) => {
          // @ts-expect-error only one of the ways says this
          const never: string = refund.providerReference;
          const reference = 'providerReference' in refund ? refund.providerReference : refund.applicationId;
          return ask(SendMail, { ...mail, subject: ways.refund ?? never, text: reference });
        },
      })
      .build();
    expect(definition.stages).toMatchObject([{ ways: [{ name: 'refund' }, { name: 'credit' }] }, { name: 'mail' }]);
  });

  it('is refused with everything that is wrong with it', () => {
    const step = { ...replies, do: () => ask(SendMail, mail), undo: 'irreversible' } as const;
    const faulty = saga('Bad Name', { version: 0, deadlineMs: 0 })
      .startsWith(PaymentFailed, ({ paymentId }) => paymentId)
      .step('one', { ...step, timeoutMs: 0, retry: { attempts: 99, backoffMs: 1 } })
      .step('one', { ...step, failed: EffectConfirmed });
    const faults = ['its name', 'its version', 'deadlineMs', 'named one', 'timeoutMs of one', 'attempts', 'both done'];
    for (const fault of faults) expect(() => faulty.build()).toThrow(fault);
  });
});
