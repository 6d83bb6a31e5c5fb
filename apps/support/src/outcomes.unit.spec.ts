import { outcomes } from './outcomes.js';
import { asked, ORDER, REFUND } from './support-questions.fixture.js';
import { TICKET, type SupportWorld } from './support-world.fixture.js';

/** What a backtest would compare, by the message. */
function answersOf(world: SupportWorld): Record<string, string> {
  const answers = world.appended.flatMap(({ type, data }) =>
    outcomes
      .filter(({ contract }) => contract.type === type)
      .flatMap((one) => {
        const answer = one.answerOf(data);
        return answer === undefined ? [] : [[one.subjectOf(data).replace(`${TICKET}/`, ''), answer] as const];
      }),
  );
  return Object.fromEntries(answers);
}

describe('what a backtest of support compares', () => {
  it('is for each message whether it is answered, drafted for a person or escalated, and who has it', async () => {
    const sent = await asked(ORDER, { messageId: 'm1' });
    expect(answersOf(sent)).toEqual({ m1: 'auto-send', 'm1 queue': 'general' });
    const drafted = await asked('I want a refund.', { ...REFUND, messageId: 'm1' });
    expect(answersOf(drafted)).toEqual({ m1: 'draft', 'm1 queue': REFUND.queue });
    const escalated = await asked('My lawyer will sue you.', { messageId: 'm1' });
    expect(answersOf(escalated)).toEqual({ m1: 'escalate', 'm1 queue': 'escalations' });
  });

  it('is the bot’s own decision, whatever people do with it, and one for a message that comes twice', async () => {
    const rejected = await asked('I want a refund.', { ...REFUND, messageId: 'm1' });
    await rejected.decides('reject').settle();
    expect(answersOf(rejected)).toMatchObject({ m1: 'draft' });
    const again = await asked(ORDER, { messageId: 'm1' });
    await again.customerWrites(ORDER, { messageId: 'm1' }).settle();
    expect(answersOf(again)).toMatchObject({ m1: 'auto-send' });
  });

  it('tells that nothing is said where a person has the ticket', async () => {
    const world = await asked('I want a refund.', { ...REFUND, messageId: 'm1' });
    await world.personWrites().customerWrites(ORDER, { messageId: 'm2' }).settle();
    expect(answersOf(world)).toEqual({ m1: 'draft', 'm1 queue': REFUND.queue, m2: 'silent' });
  });
});
