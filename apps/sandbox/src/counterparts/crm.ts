import { numberOf, type Act, type Acts } from './acts.js';
import {
  CounterpartRefusal,
  jsonOf,
  markOf,
  objectIn,
  paramOf,
  textIn,
  type CounterpartRoutes,
} from './counterpart-routes.js';

/** The part of HubSpot that Towpath uses: contacts, found by their address. The same effect again changes nothing. */
export function addCrm(routes: CounterpartRoutes, acts: Acts): void {
  routes.act(
    'POST',
    '/crm/v3/objects/contacts/batch/upsert',
    (request) => {
      const inputs = jsonOf(request)['inputs'];
      const [input] = Array.isArray(inputs) ? (inputs as unknown[]) : [];
      const body = objectIn(input, 'properties');
      const email = textIn(body, 'email') ?? '';
      if (!email.includes('@')) throw new CounterpartRefusal(400, `Email address ${email} is invalid`);
      const mark = markOf(request);
      return { action: 'upsert', subject: email, key: mark.effectId, ...mark, body };
    },
    (act) => ({ body: { status: 'COMPLETE', results: [contactOf(acts, act.subject)] } }),
  );
  routes.read('/crm/v3/objects/contacts/:email', (request) => {
    const email = paramOf(request, 'email');
    if (acts.of('crm', email).length === 0) throw new CounterpartRefusal(404, 'resource not found');
    return contactOf(acts, email);
  });
}

/** A contact is what all upserts of its address left. */
function contactOf(acts: Acts, email: string): object {
  const all = acts.of('crm', email);
  const properties = Object.assign({}, ...all.map(({ body }: Act) => body)) as object;
  return { id: String(numberOf(all[0] as Act)), properties, new: all.length === 1 };
}
