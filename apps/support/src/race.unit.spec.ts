import { ReplyDrafted } from '@towpath/contracts/support/ReplyDrafted.v1';
import { SendTicketReply } from '@towpath/contracts/tickets/SendTicketReply.v1';
import fc from 'fast-check';
import { SupportWorld } from './support-world.fixture.js';

type Step = 'asks' | 'wants-refund' | 'person-writes' | 'begin' | 'end' | 'approve' | 'settle';

/**
 * Whatever comes between what: customers who write, a person who writes, work that begins and ends later, approvals, old and new.
 * In the log of what was appended, a reply must not stand behind a person's message, nor twice for one message.
 */
describe('the bot', () => {
  it('never talks over a person, and never answers a message twice, in whatever order things happen', async () => {
    const step = fc.oneof(
      { arbitrary: fc.constantFrom<Step>('asks', 'wants-refund', 'begin', 'end', 'approve', 'settle'), weight: 12 },
      { arbitrary: fc.constant<Step>('person-writes'), weight: 1 },
    );
    const steps = fc.array(step, { minLength: 3, maxLength: 16 });
    let sent = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (order) => {
        const world = await played(order);
        const replies = world.all(SendTicketReply).map(({ replyId }) => replyId);
        expect(new Set(replies).size).toBe(replies.length);
        sent += replies.length;
        const spoke = world.appended.findIndex(
          ({ type, data }) => type.endsWith('TicketMessageNoted') && data['authorKind'] === 'person',
        );
        const after = spoke === -1 ? [] : world.appended.slice(spoke).map(({ type }) => type);
        expect(after).not.toContain(SendTicketReply.type);
        expect(after).not.toContain(ReplyDrafted.type);
      }),
      { numRuns: 200 },
    );
    // Without replies the property would hold for nothing.
    expect(sent).toBeGreaterThan(15);
  });
});

async function played(order: readonly Step[]): Promise<SupportWorld> {
  const world = new SupportWorld({ config: { SUPPORT_AUTO_SEND_INTENTS: 'order_status' } });
  const running: { end(): Promise<void> }[] = [];
  for (const step of order) await play(step, world, running);
  for (const work of running) await work.end();
  return world.settle();
}

async function play(step: Step, world: SupportWorld, running: { end(): Promise<void> }[]): Promise<void> {
  // Days apart, so that nobody is escalated for writing often.
  world.now += 2 * 86_400_000;
  if (step === 'asks') world.customerWrites('Where is my order?');
  if (step === 'wants-refund') world.customerWrites('I want a refund.', { intent: 'refund_request' });
  if (step === 'person-writes') world.personWrites();
  if (step === 'begin') running.push(...[world.begin()].filter((work) => work !== undefined));
  if (step === 'end') await running.shift()?.end();
  if (step === 'approve' && world.names().includes('ReviewRequested')) world.decides('approve');
  if (step === 'settle') await world.settle();
}
