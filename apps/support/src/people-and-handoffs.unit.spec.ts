import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import { ReleaseTicket } from '@towpath/contracts/support/ReleaseTicket.v1';
import { ReplyDrafted } from '@towpath/contracts/support/ReplyDrafted.v1';
import { ReplyWithheld } from '@towpath/contracts/support/ReplyWithheld.v1';
import { TakeTicket } from '@towpath/contracts/support/TakeTicket.v1';
import { TicketEscalated } from '@towpath/contracts/support/TicketEscalated.v1';
import { TicketHandedOff } from '@towpath/contracts/support/TicketHandedOff.v1';
import { AssignTicket } from '@towpath/contracts/tickets/AssignTicket.v1';
import { SendTicketReply } from '@towpath/contracts/tickets/SendTicketReply.v1';
import { SupportWorld, TICKET } from './support-world.fixture.js';
import { ORDER, REFUND, asked } from './support-questions.fixture.js';

describe('a ticket that a person has', () => {
  it.each([
    ['wrote in it', (world: SupportWorld) => world.personWrites()],
    ['wrote a note in it', (world: SupportWorld) => world.personWrites({ internal: true })],
    ['took it', (world: SupportWorld) => world.tell(TakeTicket, { ticketId: TICKET, actor: 'ada', reason: 'mine' })],
  ])('gets no reply of the bot once a person %s, until it is released', async (_what, act) => {
    const world = act(await asked('I want a refund.', REFUND));
    await world.customerWrites(ORDER).settle();
    expect(world.all(SendTicketReply)).toEqual([]);
    expect(world.all(ReplyWithheld).map(({ code }) => code)).toContain('person-owns');
    world.tell(ReleaseTicket, { ticketId: TICKET, actor: 'ada', reason: 'solved' });
    await world.customerWrites(ORDER).settle();
    expect(world.all(SendTicketReply)).toHaveLength(1);
  });

  it('loses a draft in the making when the person writes while it is made', async () => {
    const world = new SupportWorld().customerWrites(ORDER);
    const work = world.begin()!;
    world.personWrites();
    await work.end();
    await world.settle();
    expect(world.names()).not.toContain('ReplyDrafted');
    expect(world.all(SendTicketReply)).toEqual([]);
  });

  it('loses an approved reply when the person writes between the approval and the sending', async () => {
    const world = await asked('I want a refund.', REFUND);
    world.decides('approve').personWrites();
    await world.settle();
    expect(world.all(SendTicketReply)).toEqual([]);
  });
});

describe('an escalation', () => {
  it('goes to the queue of people with every reason, and silences the bot', async () => {
    const world = await asked('This is outrageous. My lawyer will sue you.', { vip: true });
    const [escalated] = world.all(TicketEscalated);
    expect(escalated!.reasons.map(({ code }) => code)).toEqual(['anger', 'legal', 'vip']);
    expect(world.all(AssignTicket)).toMatchObject([{ queue: 'escalations' }]);
    expect(world.all(AssignTicket)[0]!.note).toContain('legal: ');
    await world.customerWrites(ORDER).settle();
    expect(world.all(SendTicketReply)).toEqual([]);
  });

  it('of a customer who writes again and again comes at the fourth message, in whatever ticket', async () => {
    const world = new SupportWorld();
    for (let n = 1; n <= 4; n += 1) await asked(ORDER, { ticketId: `zendesk:acme:${n}` }, world);
    expect(world.all(TicketEscalated)).toMatchObject([
      { ticketId: 'zendesk:acme:4', reasons: [{ code: 'repeated-contact' }] },
    ]);
  });

  it('of an e-mail, which has no queues, asks a person by a review, whose approval takes the ticket', async () => {
    const world = await asked('I will sue you.', { channel: 'email', ticketId: 'email:mail:1' });
    expect(world.all(AssignTicket)).toEqual([]);
    expect(world.all(ReviewRequested)).toMatchObject([{ action: 'TakeTicket', subjectId: 'email:mail:1' }]);
    await world.decides('approve').settle();
    expect(world.all(ReviewClosed)).toMatchObject([{ outcome: 'approved' }]);
    expect(world.all(SendTicketReply)).toEqual([]);
  });

  it('comes of a question that no macro answers', async () => {
    const world = await asked('Do you sponsor football clubs?', { intent: 'sponsoring' });
    expect(world.all(TicketEscalated)).toMatchObject([{ reasons: [{ code: 'nothing-known' }] }]);
  });
});

describe('a handoff', () => {
  it('goes to the specialist that triage names, with the queue at the provider', async () => {
    const world = await asked('I was charged twice.', { intent: 'duplicate_charge', queue: 'billing' });
    expect(world.all(TicketHandedOff)).toMatchObject([
      { from: 'general', to: 'billing', path: ['general', 'billing'] },
    ]);
    expect(world.all(AssignTicket)).toMatchObject([{ queue: 'billing' }]);
    expect(world.all(ReplyDrafted)).toMatchObject([{ specialist: 'billing' }]);
  });

  it("goes on to fraud when a payment was somebody else's, whatever triage says, and that is never answered without a person", async () => {
    const body = 'My payment of 20 EUR was not me, my card was stolen.';
    const world = await asked(body, { intent: 'payment_failed', queue: 'billing' });
    expect(world.all(TicketHandedOff).map(({ to }) => to)).toEqual(['billing', 'fraud']);
    expect(world.all(SendTicketReply)).toEqual([]);
  });

  it('back to one that had the ticket is refused, and a person gets it with the whole path', async () => {
    const world = await asked('I was charged twice.', { intent: 'duplicate_charge', queue: 'billing' });
    await world.decides('approve').settle();
    await world
      .customerWrites('The app crashes when I open it.', { intent: 'bug_report', queue: 'technical' })
      .settle();
    await world.decides('approve').settle();
    await world
      .customerWrites('And I need a copy of the invoice.', { intent: 'invoice_copy', queue: 'billing' })
      .settle();
    expect(world.all(TicketHandedOff).map(({ to }) => to)).toEqual(['billing', 'technical']);
    const [escalated] = world.all(TicketEscalated);
    expect(escalated!.reasons.map(({ code }) => code)).toEqual(['handoff-loop']);
    expect(escalated!.path).toEqual(['general', 'billing', 'technical']);
    expect(escalated!.reasons[0]!.evidence).toContain('general → billing → technical → billing');
  });

  it('is not lost when the status changes, and does not change it', async () => {
    const world = await asked('I was charged twice.', { intent: 'duplicate_charge', queue: 'billing' });
    const before = world.case();
    expect(before).toMatchObject({ status: 'in-review', specialists: ['general', 'billing'] });
    await world.decides('approve').settle();
    expect(world.case()).toMatchObject({ status: 'answered', specialists: ['general', 'billing'], owner: 'bot' });
    world.personWrites();
    expect(world.case()).toMatchObject({ status: 'answered', specialists: ['general', 'billing'], owner: 'person' });
  });
});
