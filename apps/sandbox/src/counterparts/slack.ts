import type { Act, Acts } from './acts.js';
import { jsonOf, objectIn, queryOf, textIn, type CounterpartRoutes } from './counterpart-routes.js';

/** The part of Slack that Towpath uses: messages of channels. What it refuses it refuses with status 200. */
export function addSlack(routes: CounterpartRoutes, acts: Acts): void {
  routes.act(
    'POST',
    '/api/chat.postMessage',
    (request) => {
      const body = jsonOf(request);
      const effectId = textIn(objectIn(objectIn(body, 'metadata'), 'event_payload'), 'towpath_effect_id') ?? null;
      const subject = textIn(body, 'channel') ?? '';
      return { action: subject.startsWith('missing') ? 'refused' : 'post', subject, key: null, effectId, body };
    },
    (act) => ({
      body:
        act.action === 'refused'
          ? { ok: false, error: 'channel_not_found' }
          : { ok: true, channel: act.subject, ts: stampOf(act) },
    }),
  );
  routes.read('/api/conversations.history', (request) => {
    const oldest = Number(queryOf(request, 'oldest') ?? '0');
    const all = acts.of('slack', queryOf(request, 'channel') ?? '').filter((act) => Number(stampOf(act)) >= oldest);
    const messages = all.map((act) => ({ ts: stampOf(act), text: act.body['text'], metadata: act.body['metadata'] }));
    return { ok: true, messages: messages.reverse(), has_more: false, response_metadata: { next_cursor: '' } };
  });
}

/** Seconds and a number that is unique in its channel. */
function stampOf(act: Act): string {
  return `${Math.floor(Date.parse(act.time) / 1_000)}.${String(act.seq).padStart(6, '0')}`;
}
