import { UpsertContact } from '@towpath/contracts/crm/UpsertContact.v1';
import { CustomerSignedUp } from '@towpath/contracts/customers/CustomerSignedUp.v1';
import { FormCompleted } from '@towpath/contracts/customers/FormCompleted.v1';
import { ProductTriggerFired } from '@towpath/contracts/customers/ProductTriggerFired.v1';
import { CloseLead } from '@towpath/contracts/growth/CloseLead.v1';
import { LeadAssigned } from '@towpath/contracts/growth/LeadAssigned.v1';
import { LeadClosed } from '@towpath/contracts/growth/LeadClosed.v1';
import { LeadEnriched } from '@towpath/contracts/growth/LeadEnriched.v1';
import { LeadReminded } from '@towpath/contracts/growth/LeadReminded.v1';
import { LeadScored } from '@towpath/contracts/growth/LeadScored.v1';
import { LeadWaiting } from '@towpath/contracts/growth/LeadWaiting.v1';
import { TakeLead } from '@towpath/contracts/growth/TakeLead.v1';
import { PostNotice } from '@towpath/contracts/notices/PostNotice.v1';
import { GrowthWorld } from '../growth-world.fixture.js';
import { aForm, aSignUp, aTrigger } from '../people.fixture.js';
import { FOLLOW_UP } from './follow-up.js';
import { repLoads } from './rep-loads.projection.js';

const loadsOf = (world: GrowthWorld) => ['anna', 'bruno'].map((name) => world.row(repLoads, name)?.open ?? 0);
const take = { contactId: 'contact_1', actor: 'anna', reason: null };

describe('a lead', () => {
  it('is enriched, scored with reasons, given to a rep of its territory and told to them, in the moment it asks', async () => {
    const world = await new GrowthWorld().hear(FormCompleted, aForm());
    expect(world.all(LeadEnriched)).toMatchObject([
      { domain: 'business', seniority: 'leads', territory: 'dach', signals: 1, isCustomer: false, wrote: true },
    ]);
    const [scored] = world.all(LeadScored);
    expect(scored).toMatchObject({ grade: 'hot', territory: 'dach' });
    expect(scored!.factors.reduce((sum, { points }) => sum + points, 0)).toBe(scored!.score);
    expect(world.all(LeadAssigned)).toMatchObject([{ rep: 'anna', turn: 1, load: 1, previousRep: null }]);
    expect(world.all(PostNotice)).toMatchObject([
      { channel: '#sales-dach', text: expect.stringContaining('hot lead') },
    ]);
    expect(JSON.stringify(world.all(PostNotice))).not.toMatch(/Ada|ada@|Works/);
    expect(world.all(UpsertContact)).toMatchObject([{ stage: 'lead', owner: 'anna', email: 'ada@works.dev' }]);
  });

  it('that comes from a product is scored by what they do and what is known of them', async () => {
    const world = await new GrowthWorld().hear(CustomerSignedUp, aSignUp());
    await world.hear(ProductTriggerFired, aTrigger({ plan: null }));
    expect(world.all(LeadEnriched)).toMatchObject([
      { isCustomer: true, plan: 'team', count: 1_200, product: 'planner' },
    ]);
    expect(world.all(LeadScored)[0]!.factors.map(({ name }) => name)).toEqual(['signal', 'domain', 'customer', 'use']);
    expect(world.all(UpsertContact).at(-1)).toMatchObject({ stage: 'customer', owner: 'anna' });
  });

  it('that is cold is nobody’s', async () => {
    const world = await new GrowthWorld().hear(FormCompleted, aForm({ email: 'a@example.com' }));
    expect(world.all(LeadScored)).toMatchObject([{ grade: 'cold', score: expect.any(Number) }]);
    expect(world.all(LeadAssigned)).toEqual([]);
    expect(world.timers).toEqual([]);
  });

  it('stays with its rep when it does something again, who hears of it with the new score', async () => {
    const world = await new GrowthWorld().hear(FormCompleted, aForm());
    await world.hear(ProductTriggerFired, aTrigger());
    await world.hear(ProductTriggerFired, aTrigger());
    expect(world.all(LeadAssigned)).toHaveLength(1);
    expect(world.all(LeadScored)).toHaveLength(2);
    expect(world.all(PostNotice).at(-1)).toMatchObject({
      channel: '#sales-dach',
      text: expect.stringContaining('again'),
    });
  });

  it('goes to whom has most room, and room is made by what ends', async () => {
    const world = new GrowthWorld();
    for (const contactId of ['contact_1', 'contact_2', 'contact_3']) {
      await world.hear(FormCompleted, aForm({ contactId, submissionId: `form_${contactId}` }));
    }
    expect(world.all(LeadAssigned).map(({ rep }) => rep)).toEqual(['anna', 'bruno', 'anna']);
    expect(loadsOf(world)).toEqual([2, 1]);
    const close = { contactId: 'contact_1', outcome: 'lost', actor: 'anna', reason: 'no budget' };
    await world.hear(CloseLead, close);
    expect(world.all(LeadClosed)).toMatchObject([{ outcome: 'lost', rep: 'anna', actor: 'anna' }]);
    expect(loadsOf(world)).toEqual([1, 1]);
    await expect(world.hear(CloseLead, close)).rejects.toMatchObject({ code: 'LEAD_NOT_OPEN' });
  });

  it('is won when they sign up', async () => {
    const world = await new GrowthWorld().hear(FormCompleted, aForm());
    await world.hear(CustomerSignedUp, aSignUp());
    expect(world.all(LeadClosed)).toMatchObject([{ outcome: 'won', rep: 'anna' }]);
    expect(loadsOf(world)).toEqual([0, 0]);
    await world.pass(FOLLOW_UP.waiting.giveUpMs);
    expect(world.all(LeadReminded)).toEqual([]);
  });
});

describe('the follow-up of a lead', () => {
  it('ends with the rep who takes it', async () => {
    const world = await new GrowthWorld().hear(FormCompleted, aForm());
    await world.hear(TakeLead, take);
    await expect(world.hear(TakeLead, { ...take, actor: 'bruno' })).rejects.toMatchObject({
      ...{ code: 'LEAD_TAKEN', message: expect.stringContaining('anna') },
    });
    await world.pass(FOLLOW_UP.waiting.giveUpMs);
    expect(world.names().filter((name) => name === 'LeadTaken')).toHaveLength(1);
    expect(world.all(LeadReminded)).toEqual([]);
    expect(world.all(LeadAssigned)).toHaveLength(1);
  });

  it('reminds, then gives it to another rep of the territory, and at last lets it go', async () => {
    const world = await new GrowthWorld().hear(FormCompleted, aForm());
    const { remindMs, reassignMs } = FOLLOW_UP.hot;
    await world.pass(remindMs - 1);
    expect(world.all(LeadReminded)).toEqual([]);
    await world.pass(1);
    expect(world.all(LeadReminded)).toMatchObject([{ rep: 'anna' }]);
    await world.pass(reassignMs - remindMs);
    expect(world.all(LeadAssigned).at(-1)).toMatchObject({ rep: 'bruno', turn: 2, previousRep: 'anna', load: 1 });
    expect(loadsOf(world)).toEqual([0, 1]);
    await world.pass(reassignMs);
    // Both had it: it waits for somebody else, and then nobody has it.
    expect(world.all(LeadWaiting)).toMatchObject([{ because: 'every rep of dach had it before' }]);
    await world.pass(FOLLOW_UP.waiting.giveUpMs + FOLLOW_UP.waiting.lookMs);
    expect(world.all(LeadClosed)).toMatchObject([{ outcome: 'expired', rep: 'bruno' }]);
    expect(loadsOf(world)).toEqual([0, 0]);
    expect(world.timers.filter(({ fired }) => !fired)).toEqual([]);
  });

  it('finds a rep for one that waits as soon as there is room', async () => {
    const world = new GrowthWorld();
    const reps = 20 + 20;
    for (let place = 0; place <= reps; place += 1) {
      await world.hear(FormCompleted, aForm({ contactId: `contact_${place}`, submissionId: `form_${place}` }));
    }
    expect(world.all(LeadAssigned)).toHaveLength(reps);
    expect(world.all(LeadWaiting)).toMatchObject([{ contactId: `contact_${reps}`, territory: 'dach' }]);
    await world.hear(CloseLead, { contactId: 'contact_0', outcome: 'won', actor: 'anna', reason: 'signed' });
    for (let place = 1; place < reps; place += 1) {
      await world.hear(TakeLead, { ...take, contactId: `contact_${place}` });
    }
    await world.pass(FOLLOW_UP.waiting.lookMs);
    expect(world.all(LeadAssigned).at(-1)).toMatchObject({ contactId: `contact_${reps}`, rep: 'anna', load: 20 });
  });
});
