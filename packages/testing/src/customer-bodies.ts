/** Bodies of the source `customers`, by an id of the spec's own. Their addresses differ with the id, and so do the people. */

/** What a body's person is called and where they are, unless a spec says otherwise. */
export interface Person {
  readonly name?: string | null;
  readonly company?: string | null;
  readonly country?: string | null;
}

export function addressOf(id: string): string {
  return `ada.${id}@works.example.dev`;
}

export function customerSignedUpBody(
  id: string,
  { plan = 'team', ...person }: Person & { plan?: string } = {},
): object {
  return {
    type: 'customer.signed_up',
    timestamp: new Date().toISOString(),
    data: { customer: { id: `site_${id}`, ...personOf(id, person) }, plan },
  };
}

export function formCompletedBody(id: string, over: object = {}, person: Person & object = {}): object {
  return {
    type: 'form.completed',
    timestamp: new Date().toISOString(),
    data: {
      submissionId: `form_${id}`,
      form: 'contact-sales',
      contact: { ...personOf(id, person), jobTitle: 'Head of Operations', employees: 240 },
      interests: ['pricing', 'sso'],
      message: 'We would like to move forty people over. What would that take?',
      mayMail: true,
      ...over,
    },
  };
}

export function productTriggerFiredBody(id: string, over: object = {}, person: Person = {}): object {
  return {
    type: 'product.trigger_fired',
    timestamp: new Date().toISOString(),
    data: {
      triggerId: `trigger_${id}`,
      product: 'planner',
      trigger: 'limit_reached',
      contact: personOf(id, person),
      plan: 'team',
      count: 1_200,
      mayMail: true,
      ...over,
    },
  };
}

function personOf(id: string, person: Person): object {
  return { email: addressOf(id), name: 'Ada Example', company: 'Works', country: 'DE', ...person };
}
