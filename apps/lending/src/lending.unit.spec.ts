import { hash } from 'node:crypto';
import { FetchCreditReport } from '@towpath/contracts/credit/FetchCreditReport.v1';
import { CreditReportUnavailable } from '@towpath/contracts/egress/CreditReportUnavailable.v1';
import { ApplicantNoted } from '@towpath/contracts/lending/ApplicantNoted.v1';
import { CreditAnalyzed } from '@towpath/contracts/lending/CreditAnalyzed.v1';
import { CreditReportDeadlinePassed } from '@towpath/contracts/lending/CreditReportDeadlinePassed.v1';
import { LoanApproved } from '@towpath/contracts/lending/LoanApproved.v1';
import { LoanCaseOpened } from '@towpath/contracts/lending/LoanCaseOpened.v1';
import { LoanDeclined } from '@towpath/contracts/lending/LoanDeclined.v1';
import { LoanApplicationReceived } from '@towpath/contracts/loans/LoanApplicationReceived.v1';
import type { DecideReview } from '@towpath/contracts/platform/DecideReview.v1';
import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import fc from 'fast-check';
import { GoOnWithoutReport } from './go-on-without-report.handler.js';
import { anApplication, aReport, LendingWorld, NOON } from './lending-world.fixture.js';
import { OpenLoanCase } from './open-loan-case.handler.js';
import { PassReportDeadline } from './pass-report-deadline.handler.js';
import { POLICY } from './policy.js';

const sha256 = (text: string): string => hash('sha256', text, 'hex');
const applied = (over: Partial<LoanApplicationReceived> = {}, world = new LendingWorld()): LendingWorld =>
  world.receive(new OpenLoanCase(), LoanApplicationReceived, anApplication(over));
const FAIR = { score: 560, delinquencies24m: 1, utilisationPercent: 60, monthsOfHistory: 30, inquiries6m: 2 };
const POOR = { score: 420, delinquencies24m: 4, utilisationPercent: 90, monthsOfHistory: 10, inquiries6m: 6 };

function decision(world: LendingWorld, over: Partial<DecideReview> = {}): DecideReview {
  const { reviewId, actionHash, subjectId } = world.all(ReviewRequested).at(-1)!;
  return {
    ...{
      reviewId,
      service: 'lending',
      subjectType: 'loan',
      subjectId,
      decision: 'approve',
      reasonCode: 'payslips-seen',
    },
    ...{ reason: 'payslips and statements were checked', personId: '', edited: null, actionHash },
    ...{ actor: 'carol', role: 'credit-analyst' },
    ...over,
  };
}

describe('an application', () => {
  it('opens a case without anything that tells who applied, and asks the bureau for a bounded time', () => {
    const world = applied();

    expect(world.names()).toEqual(['LoanCaseOpened', 'ApplicantNoted', 'FetchCreditReport']);
    const text = JSON.stringify(world.all(LoanCaseOpened));
    for (const personal of ['Ada', 'ada@example.com', 'AB123456', '1990']) expect(text).not.toContain(personal);
    expect(world.all(FetchCreditReport)[0]).toMatchObject({ applicantRef: 'AB123456', purpose: 'loan-application' });
    expect(world.timers[0]!.dueAt!.getTime() - NOON).toBe(POLICY.reportWaitMs);
  });

  it('is opened once, however often it is delivered', () => {
    expect(applied({}, applied()).names()).toEqual(['LoanCaseOpened', 'ApplicantNoted', 'FetchCreditReport']);
  });

  it.each([
    ['UNDER_LEGAL_AGE', { dateOfBirth: '2008-03-03' }],
    ['UNDER_LEGAL_AGE', { dateOfBirth: 'unknown' }],
    ['CURRENCY_NOT_OFFERED', { currency: 'JPY' }],
    ['AMOUNT_NOT_OFFERED', { amountMinor: 90_000_000 }],
    ['TERM_NOT_OFFERED', { termMonths: 600 }],
    ['NO_INCOME', { monthlyIncomeMinor: 0 }],
  ])('that fails %s is declined at once, and no bureau hears of it', (code, over) => {
    const world = applied(over);

    expect(world.names()).toEqual(['LoanCaseOpened', 'ApplicantNoted', 'LoanDeclined']);
    expect(world.all(LoanDeclined)[0]).toMatchObject({ decidedBy: 'rules', reasons: [{ code, pointsLost: 0 }] });
  });

  it('of somebody who comes of age that day is not declined for their age', () => {
    expect(applied({ dateOfBirth: '2008-03-02' }).names()).toContain('FetchCreditReport');
  });
});

describe('an analysed application', () => {
  it('is approved on a good report, on conditions, with its exact inputs and raw output beside their hashes', async () => {
    const world = await applied({ employmentMonths: 8 }).report(aReport());

    expect(world.names(3)).toEqual(['CreditAnalyzed', 'LoanApproved']);
    const analyzed = world.all(CreditAnalyzed)[0]!;
    expect(analyzed.score).toBe(analyzed.factors.reduce((sum, { points }) => sum + points, 0));
    expect(analyzed.promptHash).toBe(sha256(analyzed.prompt));
    expect(analyzed.inputsHash).toBe(sha256(analyzed.inputs));
    expect(analyzed.rawOutputHash).toBe(sha256(analyzed.rawOutput));
    expect(analyzed).toMatchObject({ decidedBy: 'analyst', modelRiskLevel: null, reportId: 'report-1' });
    expect(analyzed.model).toMatch(/^scorecard /);
    const approved = world.all(LoanApproved)[0]!;
    expect(approved).toMatchObject({ decidedBy: 'analyst', inputsHash: analyzed.inputsHash, actor: null });
    expect(approved.conditions.map(({ code }) => code)).toEqual(['PROOF_OF_INCOME']);
    expect(approved.monthlyPaymentMinor * approved.termMonths).toBeGreaterThan(approved.amountMinor);
  });

  it('is declined on a poor one, with the reasons that cost most points first', async () => {
    const world = await applied().report(aReport(POOR));

    const { reasons, decidedBy } = world.all(LoanDeclined)[0]!;
    expect(decidedBy).toBe('analyst');
    expect(reasons.map(({ code }) => code).slice(0, 2)).toEqual(['LOW_BUREAU_SCORE', 'RECENT_DELINQUENCY']);
    expect(reasons.map(({ pointsLost }) => pointsLost)).toEqual(
      reasons.map(({ pointsLost }) => pointsLost).sort((a, b) => b - a),
    );
    for (const { text } of reasons) expect(text).toMatch(/^[A-Z].*\.$/);
  });

  it.each([
    ['BANKRUPTCY_ON_RECORD', { bankruptcies: 1 }, {}],
    ['DEBT_TO_INCOME_ABOVE_LIMIT', { monthlyDebtMinor: 150_000 }, {}],
  ])('is declined by the rule %s whatever the score is', async (code, report, over) => {
    const world = await applied(over).report(aReport(report));

    expect(world.all(LoanDeclined)[0]).toMatchObject({ decidedBy: 'rules', reasons: [{ code }] });
  });

  it('is decided once, however often the report comes', async () => {
    const world = await applied().report(aReport());
    await world.report(aReport(POOR));

    expect(world.names(3)).toEqual(['CreditAnalyzed', 'LoanApproved']);
  });

  it.each([
    ['between the limits', FAIR, {}],
    [
      'too large to grant without a person',
      {},
      { amountMinor: 4_000_000, termMonths: 84, monthlyIncomeMinor: 900_000 },
    ],
  ])('that is %s goes to a person with what an approval would grant', async (_, report, over) => {
    const world = await applied(over).report(aReport(report));

    expect(world.names(3)).toEqual(['CreditAnalyzed', 'LoanReviewOpened', 'ReviewRequested']);
    expect(world.all(ReviewRequested)[0]).toMatchObject({
      service: 'lending',
      subjectType: 'loan',
      action: 'ApproveLoan',
    });
  });
});

describe('decisions', () => {
  it('do not change with the name, the e-mail address, the bureau number, the source or the age of an adult', async () => {
    const person = fc.record({
      name: fc.string({ minLength: 1 }),
      email: fc.emailAddress(),
      applicantRef: fc.string({ minLength: 1 }),
      dateOfBirth: fc.constantFrom('1931-01-31', '1956-12-01', '1974-06-15', '1999-09-09', '2008-03-02'),
      source: fc.string({ minLength: 1 }),
    });
    const without = (world: LendingWorld): unknown =>
      JSON.parse(
        JSON.stringify(
          // Where they are told the outcome stands apart from all that decides.
          world.appended.filter(({ type }) => type.startsWith('lending.') && type !== ApplicantNoted.type),
          (key, value: unknown) => (key === 'source' || key === 'runId' ? undefined : value),
        ),
      );
    for (const report of [{}, FAIR, POOR]) {
      const expected = without(await applied().report(aReport(report)));
      await fc.assert(
        fc.asyncProperty(person, async (over) => {
          expect(without(await applied(over).report(aReport(report)))).toEqual(expected);
        }),
        { numRuns: 25 },
      );
    }
  });
});

describe('a model', () => {
  it('that agrees is named as the one who was heard, with exactly what it was asked and said', async () => {
    const opinion = { riskLevel: 'low', because: 'pays on time' };
    const world = await applied({}, new LendingWorld({ 'credit-opinion': [opinion] })).report(aReport());

    const analyzed = world.all(CreditAnalyzed)[0]!;
    expect(analyzed).toMatchObject({ decidedBy: 'model', model: 'scripted', modelRiskLevel: 'low' });
    expect(JSON.parse(analyzed.rawOutput)).toEqual(opinion);
    expect(analyzed.promptHash).toBe(sha256(analyzed.prompt));
    for (const personal of ['Ada', 'ada@example.com', 'AB123456', '1990', 'contact_1']) {
      expect(analyzed.prompt).not.toContain(personal);
    }
    expect(world.all(LoanApproved)[0]).toMatchObject({ decidedBy: 'model' });
  });

  it.each([{}, POOR])(
    'that disagrees with the scorecard can neither grant nor refuse: a person decides',
    async (report) => {
      const riskLevel = report === POOR ? 'low' : 'high';
      const world = new LendingWorld({ 'credit-opinion': [{ riskLevel, because: 'as I see it' }] });
      await applied({}, world).report(aReport(report));

      expect(world.names(3)).toEqual(['CreditAnalyzed', 'LoanReviewOpened', 'ReviewRequested']);
      expect(world.all(ReviewRequested)[0]!.reason).toContain(`the model ${riskLevel}`);
    },
  );

  it('that fails leaves the scorecard, and the analysis says so', async () => {
    const world = await applied({}, new LendingWorld({})).report(aReport());

    const { decidedBy, model, reasons } = world.all(CreditAnalyzed)[0]!;
    expect({ decidedBy, model }).toEqual({
      decidedBy: 'analyst',
      model: expect.stringMatching(/^scorecard /) as string,
    });
    expect(reasons[0]).toMatch(/^FALLBACK /);
    expect(world.all(LoanApproved)).toHaveLength(1);
  });
});

describe('without a report', () => {
  const late = (world: LendingWorld): LendingWorld =>
    world.receive(new PassReportDeadline(), CreditReportDeadlinePassed, {
      applicationId: 'loan-1',
      applicantId: 'contact_1',
    });
  const unavailable = (world: LendingWorld, code = 'BREAKER_OPEN'): LendingWorld =>
    world.receive(new GoOnWithoutReport(), CreditReportUnavailable, {
      ...{ applicationId: 'loan-1', applicantId: 'contact_1', code, detail: '503', failedAt: NOON },
    });

  it('a person decides, asked once', () => {
    const world = unavailable(late(applied()));

    expect(world.names(3)).toEqual(['LoanReviewOpened', 'ReviewRequested']);
    expect(world.all(ReviewRequested)[0]!.reason).toBe('the credit bureau did not answer in time');
  });

  it('that still comes, the review ends and what a person decides of it does not hold', async () => {
    const world = late(applied());
    const seen = decision(world);
    await world.report(aReport(FAIR));

    expect(world.names(5)).toEqual(['CreditAnalyzed', 'ReviewClosed', 'LoanReviewOpened', 'ReviewRequested']);
    expect(world.all(ReviewClosed)[0]).toMatchObject({ outcome: 'stale', actor: null });
    world.decide(seen);
    expect(world.names(9)).toEqual(['ReviewClosed', 'ReviewRequested']);
    expect(world.all(ReviewClosed)[1]).toMatchObject({ outcome: 'stale', actor: 'carol' });
    expect(world.all(LoanApproved)).toEqual([]);
  });

  it('that comes after a good one decides, nobody is asked any more', async () => {
    const world = await late(applied()).report(aReport());

    expect(world.names(5)).toEqual(['CreditAnalyzed', 'ReviewClosed', 'LoanApproved']);
  });

  it('that can be read, a person decides', async () => {
    const world = await applied().report({ ...aReport(), report: '{"score": "high"' });

    expect(world.all(ReviewRequested)[0]!.reason).toContain('could not be read');
  });
});

describe('a person', () => {
  it('who approves grants exactly the offer that was reviewed', async () => {
    const world = await applied().report(aReport(FAIR));
    const offered = JSON.parse(
      JSON.stringify(world.appended.find(({ type }) => type.endsWith('LoanReviewOpened'))!.data),
    ) as {
      offer: { aprBasisPoints: number };
    };

    world.decide(decision(world));

    expect(world.names(6)).toEqual(['ReviewClosed', 'LoanApproved']);
    expect(world.all(LoanApproved)[0]).toMatchObject({
      ...{ decidedBy: 'person', actor: 'carol', aprBasisPoints: offered.offer.aprBasisPoints },
      inputsHash: world.all(CreditAnalyzed)[0]!.inputsHash,
    });
  });

  it('who rejects gives reasons that applicants understand, their own first', async () => {
    const world = await applied().report(aReport(FAIR));

    world.decide(decision(world, { decision: 'reject', reasonCode: 'SHORT_EMPLOYMENT' }));

    const { reasons, actor } = world.all(LoanDeclined)[0]!;
    expect(actor).toBe('carol');
    expect(reasons[0]!.code).toBe('SHORT_EMPLOYMENT');
    expect(reasons.length).toBeLessThanOrEqual(POLICY.reasonsMax);
  });

  it('decides once', async () => {
    const world = await applied().report(aReport(FAIR));
    const seen = decision(world);
    world.decide(seen);

    expect(() => world.decide(seen)).toThrow(expect.objectContaining({ code: 'REVIEW_NOT_OPEN' }));
    expect(world.all(LoanApproved)).toHaveLength(1);
  });
});
