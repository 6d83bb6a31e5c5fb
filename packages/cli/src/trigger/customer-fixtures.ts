import type { Fixture, Ids } from './fixtures.js';
import type { Body } from './paths.js';

/** Sign-ups, forms and product triggers, as a site and a product write them. */
export const customerFixtures: Readonly<Record<string, Fixture>> = {
  'customer.signed_up': {
    provider: 'customers',
    resource: 'customer',
    at: ['data', 'customer'],
    endsWith: 'growth.v1.OnboardingCompleted',
    build: (ids) =>
      event(ids, 'customer.signed_up', { customer: { id: `site_${ids.card}`, ...person(ids) }, plan: 'team' }),
  },
  'form.completed': {
    provider: 'customers',
    resource: 'form',
    at: ['data'],
    endsWith: 'growth.v1.LeadContentDrafted',
    build: (ids) =>
      event(ids, 'form.completed', {
        submissionId: `form_${ids.card}`,
        form: 'contact-sales',
        contact: { ...person(ids), jobTitle: 'Head of Operations', employees: 240 },
        interests: ['pricing', 'sso'],
        message: 'What would it take to move forty people over?',
        mayMail: true,
      }),
  },
  'product.trigger_fired': {
    provider: 'customers',
    resource: 'trigger',
    at: ['data'],
    endsWith: 'growth.v1.LeadContentDrafted',
    build: (ids) =>
      event(ids, 'product.trigger_fired', {
        triggerId: `trigger_${ids.card}`,
        product: 'planner',
        trigger: 'limit_reached',
        contact: person(ids),
        plan: 'team',
        count: 1_200,
        mayMail: true,
      }),
  },
};

function event(ids: Ids, type: string, data: Body): Body {
  return { type, timestamp: new Date(ids.now * 1000).toISOString(), data };
}

function person(ids: Ids): Body {
  return { email: `jenny.${ids.number}@rosen-works.dev`, name: 'Jenny Rosen', company: 'Rosen Works', country: 'DE' };
}
