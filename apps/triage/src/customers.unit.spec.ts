import { CustomerSignedUp } from '@towpath/contracts/customers/CustomerSignedUp.v1';
import { FormCompleted } from '@towpath/contracts/customers/FormCompleted.v1';
import { ProductTriggerFired } from '@towpath/contracts/customers/ProductTriggerFired.v1';
import { CloseLead } from '@towpath/contracts/growth/CloseLead.v1';
import { TakeLead } from '@towpath/contracts/growth/TakeLead.v1';
import { delivered, Triage } from './triage.fixture.js';

const source = { provider: 'customers', source: 'site', scheme: 'standard' };
const NOW = '2026-01-31T09:00:00.000Z';
const ada = { email: 'Ada@Works.example', name: 'Ada Example', company: 'Works', country: 'de' };
const event = (type: string, data: object) => ({ type, timestamp: NOW, data });
const form = (over: object = {}, contact: object = {}) =>
  event('form.completed', { submissionId: 'form_1', form: 'pricing', contact: { ...ada, ...contact }, ...over });

function routed(body: object): Triage {
  const triage = new Triage();
  triage.deliver(delivered('d1', body, source));
  return triage;
}

describe('what a site and its products tell of customers', () => {
  it('becomes one person, whichever way they come', () => {
    const triage = new Triage();
    triage.deliver(delivered('d1', event('customer.signed_up', { customer: ada, plan: 'team' }), source));
    triage.deliver(delivered('d2', form({}, { email: ' ada@works.example ' }), source));
    const fired = {
      triggerId: 't1',
      product: 'planner',
      trigger: 'limit_reached',
      contact: ada,
      count: 7,
      mayMail: true,
    };
    triage.deliver(delivered('d3', event('product.trigger_fired', fired), source));
    const [customer] = triage.all(CustomerSignedUp);
    const [asked] = triage.all(FormCompleted);
    const [trigger] = triage.all(ProductTriggerFired);
    expect(customer).toMatchObject({ source: 'site', plan: 'team', country: 'DE', signedUpAt: Date.parse(NOW) });
    expect(asked).toMatchObject({ form: 'pricing', interests: [], employees: null, message: null, mayMail: false });
    expect(trigger).toMatchObject({ product: 'planner', trigger: 'limit_reached', count: 7, mayMail: true });
    expect(new Set([customer?.customerId, asked?.contactId, trigger?.contactId]).size).toBe(1);
    expect(triage.readable()).not.toMatch(/Ada|ada@|Works/);
  });

  it('takes a sign-up for the word of the site, and what anybody may type for the words of a stranger', () => {
    const fired = { triggerId: 't1', product: 'planner', trigger: 'limit_reached', contact: ada };
    const bodies = [
      event('customer.signed_up', { customer: ada, plan: 'team' }),
      form(),
      event('product.trigger_fired', fired),
    ];
    const labels = bodies.map((body, index) => {
      const emissions = new Triage().deliver(delivered(`d${index}`, body, source));
      return emissions.find(({ contract }) => contract.topic === 'customers.events')?.taint;
    });
    expect(labels).toEqual([undefined, 'untrusted', 'untrusted']);
  });

  it('keeps of codes what are codes, and of consent what is a plain yes', () => {
    const triage = routed(
      form({ interests: ['sso', 'sso', 'for my boss Anna', 7], mayMail: 'yes' }, { country: 'Germany' }),
    );
    expect(triage.all(FormCompleted)).toMatchObject([{ interests: ['sso'], mayMail: false, country: null }]);
  });

  it.each([
    ['no address', form({}, { email: 'nobody' })],
    ['a form in free words', form({ form: 'my form' })],
    ['half a person', form({}, { employees: 2.5 })],
    ['a sign-up without a plan', event('customer.signed_up', { customer: ada })],
    ['a trigger without a product', event('product.trigger_fired', { triggerId: 't', trigger: 'x', contact: ada })],
  ])('with %s is refused, and the refusal tells nothing of it', (_what, body) => {
    const triage = routed(body);
    expect(triage.of('delivery-d1')[0]).toMatchObject(['DeliveryRefused', { code: 'BODY_INVALID' }]);
    expect(triage.readable()).not.toMatch(/Ada|ada@|Works/);
  });

  it('that nobody knows is on the record as such', () => {
    expect(routed(event('customer.smiled', {})).of('delivery-d1')[0]).toMatchObject([
      'DeliveryUnrouted',
      { reason: 'UNKNOWN_TYPE' },
    ]);
  });
});

describe('what sales says of a lead', () => {
  const as = (role: string) => ({ provider: 'operator', source: 'operator', scheme: 'standard', actor: 'sam', role });
  const command = (type: string, data: object) => ({ type, timestamp: NOW, data: { contactId: 'contact_1', ...data } });

  it('becomes its command, in the name of who signed', () => {
    const triage = new Triage();
    triage.deliver(delivered('d1', command('TakeLead', {}), as('sales')));
    triage.deliver(delivered('d2', command('CloseLead', { outcome: 'lost', reason: 'no budget' }), as('sales-lead')));
    expect(triage.all(TakeLead)).toEqual([{ contactId: 'contact_1', actor: 'sam', reason: null }]);
    expect(triage.all(CloseLead)).toMatchObject([{ outcome: 'lost', actor: 'sam', reason: 'no budget' }]);
  });

  it('takes a role of sales, and an end that there is', () => {
    const triage = new Triage();
    triage.deliver(delivered('d1', command('TakeLead', {}), as('fraud-analyst')));
    triage.deliver(delivered('d2', command('CloseLead', { outcome: 'expired', reason: 'x' }), as('sales')));
    expect(triage.of('delivery-d1')[0]).toMatchObject(['DeliveryRefused', { code: 'ROLE_NOT_ALLOWED' }]);
    expect(triage.of('delivery-d2')[0]).toMatchObject(['DeliveryRefused', { code: 'BODY_INVALID' }]);
  });
});
