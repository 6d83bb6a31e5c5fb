import { numberOf, type Act, type Acts } from './acts.js';
import {
  CounterpartRefusal,
  jsonOf,
  objectIn,
  paramOf,
  queryOf,
  textIn,
  type CounterpartRoutes,
} from './counterpart-routes.js';

const PAGE = 100;

/** The part of Zendesk Support that Towpath uses: changes of a ticket, and its comments. */
export function addZendesk(routes: CounterpartRoutes, acts: Acts): void {
  routes.act(
    'PUT',
    '/api/v2/tickets/:file',
    (request) => {
      const subject = ticketOf(paramOf(request, 'file'));
      const ticket = objectIn(jsonOf(request), 'ticket');
      const comment = objectIn(ticket, 'comment');
      if (textIn(comment, 'body') === undefined) throw new CounterpartRefusal(422, 'Comment: body can not be blank');
      const action = 'group_id' in ticket ? 'assign' : 'reply';
      const effectId = textIn(objectIn(ticket, 'metadata'), 'towpath_effect_id') ?? null;
      return { action, subject, key: null, effectId, body: ticket };
    },
    (act) => ({
      body: {
        ticket: { id: Number(act.subject), group_id: act.body['group_id'] ?? null },
        audit: { id: numberOf(act), ticket_id: Number(act.subject), metadata: { custom: act.body['metadata'] ?? {} } },
      },
    }),
  );
  routes.read('/api/v2/tickets/:id/comments.json', (request) => {
    const all = acts.of('zendesk', ticketOf(`${paramOf(request, 'id')}.json`)).map(commentOf);
    if (queryOf(request, 'sort_order') === 'desc') all.reverse();
    const page = Number(queryOf(request, 'page') ?? '1');
    const comments = all.slice((page - 1) * PAGE, page * PAGE);
    const next = all.length > page * PAGE ? `page ${page + 1}` : null;
    return { comments, count: all.length, next_page: next };
  });
}

function ticketOf(file: string): string {
  const id = /^(\d+)\.json$/.exec(file)?.[1];
  // Ids of this kind were deleted.
  if (id === undefined || id.startsWith('404')) throw new CounterpartRefusal(404, 'RecordNotFound');
  return id;
}

function commentOf(act: Act): object {
  const comment = objectIn(act.body, 'comment');
  return {
    id: numberOf(act) + 500_000,
    audit_id: numberOf(act),
    type: 'Comment',
    body: comment['body'],
    public: comment['public'] ?? true,
    created_at: act.time,
    metadata: { custom: act.body['metadata'] ?? {}, system: {} },
  };
}
