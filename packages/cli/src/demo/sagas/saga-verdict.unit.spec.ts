import { plannedRefund, plannedStories } from './planned-sagas.js';
import { sagaSummary, storyProblems, storyRow, type SeenStory, type StoryRow } from './saga-verdict.js';

const [good, unshipped, stuck, declined, signUp] = plannedStories('spec', new Date(0));
const refund = plannedRefund('spec', new Date(0));
const planned = [good!, unshipped!, stuck!, declined!, signUp!, refund];

function row(index: number, over: Partial<SeenStory> = {}): StoryRow {
  const plan = planned[index]!;
  const ways = plan.way ? { [plan.way[0]]: plan.way[1] } : {};
  const reviews = plan.end === 'needs_human' ? 1 : 0;
  const { end, undone, letters } = plan;
  const seen = { end, code: null, undone, ways, openReviews: reviews, letters, doubles: [], endedAt: 250 };
  return { planned: plan, answer: 202, sentAt: 100, seen: { ...seen, ...over } };
}

describe('the demo of sagas', () => {
  it('finds nothing wrong when each story ends as it has to', () => {
    const rows = planned.map((_, index) => row(index));
    expect(storyProblems(rows)).toEqual([]);
    expect(sagaSummary(rows)).toEqual({
      ...{ completed: 3, compensated: 1, needsHuman: 1, alternateWays: 1, recovered: 1, onboarded: 1 },
      doubleEffects: 0,
    });
    expect(storyRow(rows[1]!)).toEqual({
      ...{ delivery: 'order, carrier fails', answer: 202, decision: 'compensated', effect: 'undid reserve, charge' },
      ms: 150,
    });
  });

  it.each([
    ['one that never ends', 0, { end: null }, 'did not end, not completed'],
    ['one that is undone in the order it was done', 1, { undone: ['charge', 'reserve'] }, 'undid charge, reserve'],
    ['one that is undone by half', 1, { undone: ['reserve'] }, 'undid reserve, not reserve, charge'],
    ['a person that nobody asks', 2, { openReviews: 0 }, '0 open reviews, not 1'],
    ['another way', 5, { ways: { 'pay-back': 'credit' } }, 'pay-back by credit, not alternate-gateway'],
    ['a letter that was never sent', 4, { letters: 1 }, '1 letters, not 2'],
    ['something done twice', 0, { doubles: ['stripe charge spec-order-1'] }, 'done twice: stripe charge'],
  ])('finds %s', (_, index, over, problem) => {
    expect(storyProblems([row(index, over as Partial<SeenStory>)])[0]).toContain(problem);
  });
});
