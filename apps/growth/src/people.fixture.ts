import type { CustomerSignedUp } from '@towpath/contracts/customers/CustomerSignedUp.v1';
import type { FormCompleted } from '@towpath/contracts/customers/FormCompleted.v1';
import type { ProductTriggerFired } from '@towpath/contracts/customers/ProductTriggerFired.v1';
import { NOON } from './growth-world.fixture.js';

const ada = { email: 'ada@works.dev', name: 'Ada Example', company: 'Works', country: 'DE', source: 'site' };

export function aSignUp(over: Partial<CustomerSignedUp> = {}): CustomerSignedUp {
  return { ...ada, customerId: 'contact_1', plan: 'team', signedUpAt: NOON, ...over };
}

/** A form of somebody who is likely to buy. */
export function aForm(over: Partial<FormCompleted> = {}): FormCompleted {
  return {
    ...{
      ...ada,
      contactId: 'contact_1',
      submissionId: 'form_1',
      form: 'contact-sales',
      jobTitle: 'Head of Operations',
    },
    ...{
      employees: 240,
      interests: ['pricing', 'sso'],
      message: 'What would it take?',
      mayMail: true,
      completedAt: NOON,
    },
    ...over,
  };
}

export function aTrigger(over: Partial<ProductTriggerFired> = {}): ProductTriggerFired {
  return {
    ...{ ...ada, contactId: 'contact_1', triggerId: 'trigger_1', product: 'planner', trigger: 'limit_reached' },
    ...{ plan: 'team', count: 1_200, mayMail: true, firedAt: NOON },
    ...over,
  };
}
