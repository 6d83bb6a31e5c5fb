import { tokenOf, type Acts } from './acts.js';
import {
  CounterpartRefusal,
  jsonOf,
  markOf,
  objectIn,
  paramOf,
  textIn,
  type CounterpartRoutes,
} from './counterpart-routes.js';

/** The account API of a product: one workspace per customer, put and deleted. To put what is there changes nothing. */
export function addAccounts(routes: CounterpartRoutes, acts: Acts): void {
  const done = (customerId: string, action: string) =>
    acts.of('accounts', customerId).filter((act) => act.action === action).length;
  const workspace = (customerId: string) => ({
    workspaceId: `ws_${tokenOf(customerId)}`,
    customerId,
    status: done(customerId, 'provision') > done(customerId, 'deprovision') ? 'active' : 'closed',
  });
  routes.act(
    'PUT',
    '/v1/workspaces/:id',
    (request) => {
      const [subject, body] = [paramOf(request, 'id'), jsonOf(request)];
      if (textIn(objectIn(body, 'owner'), 'email') === undefined)
        throw new CounterpartRefusal(422, 'owner.email is missing');
      const key = `${subject}/put/${done(subject, 'deprovision')}`;
      return { action: 'provision', subject, key, ...markOf(request), body };
    },
    (act) => ({ body: workspace(act.subject) }),
  );
  routes.act(
    'DELETE',
    '/v1/workspaces/:id',
    (request) => {
      const subject = paramOf(request, 'id');
      if (workspace(subject).status === 'closed') throw new CounterpartRefusal(404, 'no such workspace');
      const key = `${subject}/delete/${done(subject, 'provision')}`;
      return { action: 'deprovision', subject, key, ...markOf(request), body: {} };
    },
    (act) => ({ body: workspace(act.subject) }),
  );
  routes.read('/v1/workspaces/:id', (request) => {
    const found = workspace(paramOf(request, 'id'));
    if (acts.of('accounts', found.customerId).length === 0) throw new CounterpartRefusal(404, 'no such workspace');
    return found;
  });
}
