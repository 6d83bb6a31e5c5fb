import { numberOf, type Act, type Acts } from './acts.js';
import {
  CounterpartRefusal,
  jsonOf,
  markOf,
  objectIn,
  queryOf,
  textIn,
  type CounterpartRoutes,
} from './counterpart-routes.js';

/** The part of PagerDuty that Towpath uses: incidents. They stay open, so one of a key is refused while there is another. */
export function addPager(routes: CounterpartRoutes, acts: Acts): void {
  routes.act(
    'POST',
    '/incidents',
    (request) => {
      const incident = objectIn(jsonOf(request), 'incident');
      const subject = textIn(incident, 'incident_key') ?? '';
      if (textIn(incident, 'title') === undefined) throw new CounterpartRefusal(400, 'Title cannot be empty.');
      if (acts.of('pager', subject).length > 0)
        throw new CounterpartRefusal(400, 'Open incident with matching dedup key already exists on this service');
      return { action: 'page', subject, key: null, ...markOf(request), body: incident };
    },
    (act) => ({ status: 201, body: { incident: incidentOf(act) } }),
  );
  routes.read('/incidents', (request) => {
    const found = acts.of('pager', queryOf(request, 'incident_key') ?? '').map(incidentOf);
    return { incidents: found, limit: 25, offset: 0, more: false };
  });
}

function incidentOf(act: Act): object {
  const { title, urgency } = act.body;
  const id = `P${numberOf(act)}`;
  return { id, incident_number: numberOf(act), incident_key: act.subject, status: 'triggered', title, urgency };
}
