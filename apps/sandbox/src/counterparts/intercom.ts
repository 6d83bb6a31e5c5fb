import { numberOf, type Act, type Acts } from './acts.js';
import { CounterpartRefusal, jsonOf, paramOf, textIn, type CounterpartRoutes } from './counterpart-routes.js';

/** The part of Intercom that Towpath uses: parts of conversations, and who has them. */
export function addIntercom(routes: CounterpartRoutes, acts: Acts): void {
  const part = (action: string) => (request: Parameters<typeof jsonOf>[0]) => {
    const body = jsonOf(request);
    const subject = conversationOf(paramOf(request, 'id'));
    if (textIn(body, 'admin_id') === undefined) throw new CounterpartRefusal(422, 'admin_id is missing');
    if (action === 'reply' && textIn(body, 'body') === undefined) throw new CounterpartRefusal(422, 'body is missing');
    return { action, subject, key: null, effectId: null, body };
  };
  const answer = ({ subject }: Act) => ({ body: conversation(acts, subject) });
  routes.act('POST', '/conversations/:id/reply', part('reply'), answer);
  routes.act('POST', '/conversations/:id/parts', part('assign'), answer);
  routes.read('/conversations/:id', (request) => conversation(acts, conversationOf(paramOf(request, 'id'))));
}

function conversationOf(id: string): string {
  if (id.startsWith('404')) throw new CounterpartRefusal(404, 'Resource Not Found');
  return id;
}

function conversation(acts: Acts, id: string): object {
  const all = acts.of('intercom', id);
  const assigned = all.findLast(({ action }) => action === 'assign');
  return {
    type: 'conversation',
    id,
    team_assignee_id: assigned?.body['assignee_id'] ?? null,
    conversation_parts: {
      type: 'conversation_part.list',
      conversation_parts: all.map(partOf),
      total_count: all.length,
    },
  };
}

function partOf(act: Act): object {
  const text = textIn(act.body, 'body') ?? '';
  return {
    type: 'conversation_part',
    id: String(numberOf(act)),
    part_type: act.action === 'reply' ? 'comment' : 'assignment',
    // Intercom wraps what it is given.
    body: text === '' ? null : `<p>${text}</p>`,
    created_at: Math.floor(Date.parse(act.time) / 1_000),
    author: { type: 'admin', id: textIn(act.body, 'admin_id') },
  };
}
