import { loanProblems, loanRow, loanSummary, type LoanRow, type SeenLoan } from './loan-verdict.js';
import { plannedLoans } from './planned-loans.js';

const [good, poor, large] = plannedLoans('spec', new Date(0));
const analysis = { inputsHash: 'a', decidedBy: 'analyst', model: 'scorecard 1' };
const approval = { inputsHash: 'a', actor: null };
const seen: SeenLoan = { analyses: [analysis], approvals: [approval], refusals: [], openReviews: 0, decidedAt: 250 };
const row = (over: Partial<SeenLoan> = {}, planned = good!): LoanRow => ({
  ...{ planned, answer: 202, sentAt: 100 },
  seen: { ...seen, ...over },
});
const refused: Partial<SeenLoan> = {
  approvals: [],
  refusals: [{ inputsHash: 'a', reasons: [{ code: 'LOW_BUREAU_SCORE' }] }],
};
const byPerson: Partial<SeenLoan> = { approvals: [{ inputsHash: 'a', actor: 'local' }] };

describe('the demo of loans', () => {
  it('finds nothing wrong with one that is granted, one that is refused and one that a person decided', () => {
    const rows = [row(), row(refused, poor), row(byPerson, large)];

    expect(loanProblems(rows)).toEqual([]);
    expect(loanSummary(rows)).toEqual({ approved: 2, declined: 1, decidedByPerson: 1, analyzed: 3 });
    expect(loanRow(rows[1]!)).toEqual({
      ...{ delivery: 'loan, poor credit', answer: 202, decision: 'declined', effect: 'LOW_BUREAU_SCORE', ms: 150 },
    });
  });

  it.each([
    ['no decision', { approvals: [] }, '0 decisions'],
    ['two decisions', { approvals: [approval, approval] }, '2 decisions'],
    ['no analysis', { analyses: [] }, '0 analyses'],
    ['another end', refused, 'declined, not approved'],
    ['another analysis', { approvals: [{ ...approval, inputsHash: 'b' }] }, 'another analysis'],
    ['an open review', { openReviews: 1 }, 'reviews still open'],
  ])('finds %s', (_, over, problem) => {
    expect(loanProblems([row(over)])[0]).toContain(problem);
  });
});
