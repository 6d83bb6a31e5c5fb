import { scriptedModel, runAgent } from '@towpath/agents/testing/agent-kit';
import { OpinionGiven } from '@towpath/contracts/fraud/OpinionGiven.v1';
import { OpinionWanted } from '@towpath/contracts/fraud/OpinionWanted.v1';
import { PaymentApproved } from '@towpath/contracts/fraud/PaymentApproved.v1';
import { PaymentBlocked } from '@towpath/contracts/fraud/PaymentBlocked.v1';
import { PaymentHeldForReview } from '@towpath/contracts/fraud/PaymentHeldForReview.v1';
import { ChargeSucceeded } from '@towpath/contracts/payments/ChargeSucceeded.v1';
import { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import fc from 'fast-check';
import { FraudService, message } from '../fraud-service.fixture.js';
import { aCharge, someFacts } from '../payment-facts.fixture.js';
import { RULES } from '../rules.js';
import { assess } from '../score.decider.js';
import { opinionAgent } from './opinion.agent.js';

/** Elevated risk and goods that go elsewhere: 4.5 points. */
const grey = { riskLevel: 'elevated', shippingCountry: 'NG' } as const;
const asked = (): FraudService =>
  new FraudService({ rules: RULES, asks: true }).group(message(ChargeSucceeded, aCharge(grey)));
const said = (stance: string, confidence = 1) => ({
  ...{ stance, confidence, because: 'the address was used before', runId: 'run-1', decidedBy: 'model' },
});
const decisions = (service: FraudService): unknown[] =>
  [PaymentApproved, PaymentHeldForReview, PaymentBlocked].flatMap((contract) => service.all(contract));

describe('a payment in the grey zone', () => {
  it('is decided at once by its score when nobody can be asked', () => {
    const service = new FraudService().group(message(ChargeSucceeded, aCharge(grey)));

    expect(service.all(OpinionWanted)).toEqual([]);
    expect(service.all(PaymentApproved)[0]).toMatchObject({ decidedBy: 'analyst', runId: null });
  });

  it('waits for the model, and no other payment does', () => {
    const service = asked().group(message(ChargeSucceeded, aCharge({ paymentId: 'pi_2', accountId: 'cus_2' })));

    expect(service.all(OpinionWanted)).toHaveLength(1);
    expect(service.all(PaymentApproved).map(({ paymentId }) => paymentId)).toEqual(['pi_2']);
  });

  it.each([
    ['clear', 'approved'],
    ['fraud', 'held'],
  ])('that the model calls %s is %s, and every point of the score has a name', (stance, outcome) => {
    const service = asked().pass(0).answer(said(stance));

    const [decision] = outcome === 'approved' ? service.all(PaymentApproved) : service.all(PaymentHeldForReview);
    expect(decision).toMatchObject({ decidedBy: 'model', runId: 'run-1' });
    expect(decision!.signals.reduce((sum, { points }) => sum + points, 0)).toBe(decision!.score);
    expect(decision!.signals.at(-1)).toMatchObject({ name: 'model-opinion', value: stance });
    expect(decision!.opinions.map(({ analyst }) => analyst)).toContain('model');
  });

  it('is decided by the score at the deadline, in time for an effect within 2 s', () => {
    const service = asked().pass(RULES.grey.waitMs);

    expect(service.all(PaymentApproved)[0]).toMatchObject({ decidedBy: 'analyst' });
    expect(service.all(CapturePayment)).toHaveLength(1);
    expect(RULES.grey.waitMs + RULES.contextWaitMs).toBeLessThanOrEqual(1_500);
  });

  it('is decided once, whenever the answer comes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 * RULES.grey.waitMs }),
        fc.constantFrom('clear', 'unsure', 'suspicious', 'fraud', 'unknown'),
        (afterMs, stance) => {
          const service = asked()
            .pass(afterMs)
            .answer(said(stance))
            .pass(2 * RULES.grey.waitMs);

          expect(decisions(service)).toHaveLength(1);
          expect(service.all(OpinionGiven)[0]).toMatchObject({ late: afterMs >= RULES.grey.waitMs });
        },
      ),
    );
  });

  it('is decided by the score when the work found it decided already', () => {
    const service = asked().pass(RULES.grey.waitMs).answer(undefined);

    expect(decisions(service)).toHaveLength(1);
    expect(service.all(OpinionGiven)).toEqual([]);
  });
});

describe('the opinion agent', () => {
  const { score, signals, opinions } = assess(someFacts(grey), {});
  const input = { score, signals: [...signals], opinions: [...opinions] };

  it('gives the answer of the model beside the analysts', async () => {
    const model = scriptedModel({
      opinion: [{ stance: 'suspicious', confidence: 0.5, because: 'the goods go elsewhere' }],
    });

    const { outcome } = await runAgent(opinionAgent, input, { model });

    expect(outcome).toMatchObject({ status: 'decided', decidedBy: 'model', decision: { stance: 'suspicious' } });
  });

  it('says that the analysts decide when no model is there or its answer does not fit', async () => {
    const { outcome } = await runAgent(opinionAgent, input);

    expect(outcome).toMatchObject({ status: 'decided', decidedBy: 'analyst', decision: { stance: 'unknown' } });
    expect(outcome.reasons[0]).toMatch(/^FALLBACK /);
  });

  it('leaves to a person what a model clears and an analyst holds for fraud, with everybody who was heard', async () => {
    const sure = input.opinions.map((one) => (one.analyst === 'history' ? { ...one, stance: 'fraud' as const } : one));
    const model = scriptedModel({ opinion: [{ stance: 'clear', confidence: 1, because: 'all is well' }] });

    const { outcome } = await runAgent(opinionAgent, { ...input, opinions: sure }, { model });

    expect(outcome).toMatchObject({ status: 'needs_human', escalation: { code: 'MEMBERS_DISAGREE' } });
    expect(outcome.status === 'needs_human' && outcome.escalation.history).toHaveLength(5);
  });

  it('asks about signals alone: nothing that names a payer, a card or an address reaches the model', async () => {
    const facts = someFacts({ ...grey, accountId: 'cus_secret', cardFingerprint: 'card_secret', ipHash: 'ip_secret' });
    const seen: string[] = [];
    const model = scriptedModel({
      opinion: (ask) => {
        seen.push(JSON.stringify(ask.input));
        return { stance: 'unsure', confidence: 0, because: 'x' };
      },
    });
    const { score: points, signals: weighed, opinions: each } = assess(facts, {});

    await runAgent(opinionAgent, { score: points, signals: [...weighed], opinions: [...each] }, { model });

    expect(seen).toHaveLength(1);
    expect(seen[0]).not.toMatch(/secret/);
  });
});
