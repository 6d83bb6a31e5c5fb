import { ProvisionAccount } from '@towpath/contracts/accounts/ProvisionAccount.v1';
import { UpsertContact } from '@towpath/contracts/crm/UpsertContact.v1';
import { CustomerSignedUp } from '@towpath/contracts/customers/CustomerSignedUp.v1';
import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { CrmUpdated } from '@towpath/contracts/growth/CrmUpdated.v1';
import { OnboardingCompleted } from '@towpath/contracts/growth/OnboardingCompleted.v1';
import { OnboardingStalled } from '@towpath/contracts/growth/OnboardingStalled.v1';
import { ProvisioningCompleted } from '@towpath/contracts/growth/ProvisioningCompleted.v1';
import { ProvisioningFailed } from '@towpath/contracts/growth/ProvisioningFailed.v1';
import { SalesAlerted } from '@towpath/contracts/growth/SalesAlerted.v1';
import { WelcomeMailSent } from '@towpath/contracts/growth/WelcomeMailSent.v1';
import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { PostNotice } from '@towpath/contracts/notices/PostNotice.v1';
import { erased } from '@towpath/event-store/cipher';
import fc from 'fast-check';
import { GrowthWorld } from '../growth-world.fixture.js';
import { aSignUp } from '../people.fixture.js';

const DEADLINE_MS = 900_000;
const setUpMails = (world: GrowthWorld) => world.all(SendMail).filter(({ mailId }) => mailId.startsWith('setup_'));

describe('a sign-up', () => {
  it('leads to a mail, an account, a contact and an alert, and each says when it is done', async () => {
    const world = await new GrowthWorld().hear(CustomerSignedUp, aSignUp());
    expect(world.all(SendMail)).toMatchObject([{ mailId: 'welcome_contact_1', to: 'ada@works.dev' }]);
    expect(world.all(ProvisionAccount)).toMatchObject([{ customerId: 'contact_1', plan: 'team' }]);
    expect(world.all(UpsertContact)).toMatchObject([{ contactId: 'contact_1', stage: 'customer' }]);
    expect(world.all(PostNotice)).toMatchObject([{ channel: '#sales' }]);
    expect(world.all(PostNotice)[0]!.text).not.toMatch(/Ada|ada@|Works/);
    await world.confirm(SendMail);
    await world.confirm(ProvisionAccount, 'ws_7');
    await world.confirm(UpsertContact, 'crm_7');
    await world.confirm(PostNotice);
    expect(world.all(WelcomeMailSent)).toHaveLength(1);
    expect(world.all(ProvisioningCompleted)).toMatchObject([{ workspaceId: 'ws_7' }]);
    expect(world.all(CrmUpdated)).toMatchObject([{ crmContactId: 'crm_7' }]);
    expect(world.all(SalesAlerted)).toHaveLength(1);
  });

  it('of the same customer again asks for nothing again', async () => {
    const world = await new GrowthWorld().hear(CustomerSignedUp, aSignUp());
    const before = world.appended.length;
    await world.hear(CustomerSignedUp, aSignUp({ plan: 'other' }));
    expect(world.appended).toHaveLength(before);
  });

  it('of somebody who was erased since asks for nothing that would name them', async () => {
    const world = await new GrowthWorld().hear(CustomerSignedUp, aSignUp({ email: erased, name: erased }));
    expect(world.names()).not.toContain('SendMail');
    expect(world.names()).not.toContain('ProvisionAccount');
    expect(world.names()).not.toContain('UpsertContact');
  });
});

describe('an onboarding', () => {
  it('is complete with the account and the contact, in either order, and neither waits for mail nor sales', async () => {
    for (const order of [
      [ProvisionAccount, UpsertContact],
      [UpsertContact, ProvisionAccount],
    ] as const) {
      const world = await new GrowthWorld().hear(CustomerSignedUp, aSignUp());
      await world.confirm(order[0]);
      expect(world.all(OnboardingCompleted)).toEqual([]);
      await world.confirm(order[1]);
      expect(world.all(OnboardingCompleted)).toMatchObject([{ late: false, steps: ['provisioning', 'crm'] }]);
      expect(setUpMails(world)).toMatchObject([{ to: 'ada@works.dev', recipientId: 'contact_1' }]);
    }
  });

  it('is complete once and writes once, whatever of it comes in which order and how often', async () => {
    const heard = fc.constantFrom('signed-up', 'provisioned', 'in-crm', 'not-provisioned');
    await fc.assert(
      fc.asyncProperty(fc.array(heard, { maxLength: 14 }), async (all) => {
        const world = new GrowthWorld({ only: ['complete-onboarding'] });
        const about = { customerId: 'contact_1', effectId: 'e' };
        for (const one of all) {
          if (one === 'signed-up') await world.hear(CustomerSignedUp, aSignUp());
          if (one === 'provisioned') {
            await world.hear(ProvisioningCompleted, { ...about, workspaceId: 'w', completedAt: 0 });
          }
          if (one === 'in-crm') await world.hear(CrmUpdated, { ...about, crmContactId: 'c', updatedAt: 0 });
          if (one === 'not-provisioned') await world.hear(ProvisioningFailed, { ...about, code: 'X', failedAt: 0 });
        }
        const isComplete = ['signed-up', 'provisioned', 'in-crm'].every((one) => all.includes(one as never));
        expect(world.all(OnboardingCompleted)).toHaveLength(isComplete ? 1 : 0);
        expect(setUpMails(world)).toHaveLength(isComplete ? 1 : 0);
        await world.pass(DEADLINE_MS);
        expect(world.all(OnboardingStalled)).toHaveLength(all.includes('signed-up') && !isComplete ? 1 : 0);
      }),
    );
  });

  it('that is not complete at the deadline says what is missing, and why as far as anybody knows', async () => {
    const world = await new GrowthWorld().hear(CustomerSignedUp, aSignUp());
    await world.fail(ProvisionAccount, 'plan_unknown');
    await world.pass(DEADLINE_MS - 1);
    expect(world.all(OnboardingStalled)).toEqual([]);
    await world.pass(1);
    expect(world.all(OnboardingStalled)).toMatchObject([
      {
        missing: [
          { step: 'provisioning', code: 'plan_unknown' },
          { step: 'crm', code: null },
        ],
      },
    ]);
    expect(world.all(PostNotice).at(-1)).toMatchObject({
      channel: '#onboarding',
      text: expect.stringContaining('provisioning (plan_unknown), crm (not heard of)'),
    });
  });

  it('that stalled is complete all the same when the rest comes, and says that it was late', async () => {
    const world = await new GrowthWorld().hear(CustomerSignedUp, aSignUp());
    await world.confirm(ProvisionAccount);
    await world.pass(2 * DEADLINE_MS);
    await world.confirm(UpsertContact);
    expect(world.all(OnboardingStalled)).toMatchObject([{ missing: [{ step: 'crm' }] }]);
    expect(world.all(OnboardingCompleted)).toMatchObject([{ late: true }]);
    expect(setUpMails(world)).toHaveLength(1);
  });

  it('is not taken further by what was asked for a lead, or by anybody else', async () => {
    const world = await new GrowthWorld({ only: ['update-crm'] }).hear(CustomerSignedUp, aSignUp());
    const command = world.all(UpsertContact)[0]!;
    await world.hear(
      EffectConfirmed,
      {
        ...{ effectId: 'x', action: UpsertContact.type, provider: 'crm', subjectId: command.contactId, accountId: '' },
        ...{ idempotencyKey: '', providerReference: 'r', attempts: 1, confirmedAt: 0, dryRun: false },
      } as never,
      'the-lead-command',
    );
    expect(world.all(CrmUpdated)).toEqual([]);
  });
});
