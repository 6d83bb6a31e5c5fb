import { listAt, textAt } from '../../answer.js';
import type { Read } from '../../http-adapter.js';
import type { ProbeResult } from '../../provider.js';
import { providerIdOf } from '../../ticket-target.js';

/** A ticket has at most 5,000 comments. */
const PAGES_MAX = 50;

/** Whether a ticket has the comment of an effect, newest first. */
export async function probeComments(ticketId: string, effectId: string, read: Read): Promise<ProbeResult> {
  const path = `/api/v2/tickets/${providerIdOf(ticketId)}/comments.json`;
  for (let page = 1; page <= PAGES_MAX; page += 1) {
    const { json } = await read(`${path}?sort_order=desc&per_page=100&page=${page}`);
    for (const comment of listAt(json, 'comments')) {
      if (textAt(comment, 'metadata', 'custom', 'towpath_effect_id') === effectId)
        return { kind: 'done', reference: textAt(comment, 'audit_id') ?? textAt(comment, 'id') ?? effectId };
    }
    if (textAt(json, 'next_page') === undefined) return { kind: 'not-done', detail: 'no comment carries the effect' };
  }
  return { kind: 'unavailable', detail: `more than ${PAGES_MAX} pages of comments` };
}
