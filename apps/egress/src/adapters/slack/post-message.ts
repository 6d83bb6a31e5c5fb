import { asText } from '@towpath/agents/policy/plain-text';
import { PostNotice } from '@towpath/contracts/notices/PostNotice.v1';
import { at, listAt, textAt } from '../../answer.js';
import { httpTool } from '../../http-adapter.js';
import type { SlackSettings } from './slack.adapter.js';

const PAGES_MAX = 20;
/** Clocks differ; a message of ours is never older than its reservation by more than this. */
const CLOCKS_DIFFER_S = 60;

/** A message in a channel (docs.slack.dev, chat.postMessage). Its text is text: it mentions nobody and links nothing. */
export const postAtSlack = httpTool<typeof PostNotice, SlackSettings>({
  command: PostNotice,
  subjectType: 'notice',
  target: ({ noticeId, channel }) => ({ subjectId: noticeId, accountId: channel }),
  request: ({ data, marks }) => ({
    method: 'POST',
    path: '/api/chat.postMessage',
    body: {
      channel: data.channel,
      text: asText(data.text, 'slack'),
      unfurl_links: false,
      metadata: { event_type: 'towpath_effect', event_payload: marks },
    },
  }),
  reference: ({ json }) => textAt(json, 'ts'),
  probe: async ({ data, effect }, read) => {
    const oldest = String(effect.reservedAt / 1_000 - CLOCKS_DIFFER_S);
    let cursor = '';
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const query = new URLSearchParams({
        channel: data.channel,
        oldest,
        limit: '200',
        include_all_metadata: 'true',
        cursor,
      });
      const { json } = await read(`/api/conversations.history?${query.toString()}`);
      const own = listAt(json, 'messages').find(
        (one) => at(one, 'metadata', 'event_payload', 'towpath_effect_id') === effect.effectId,
      );
      if (own !== undefined) return { kind: 'done', reference: textAt(own, 'ts') ?? effect.effectId };
      cursor = textAt(json, 'response_metadata', 'next_cursor') ?? '';
      if (cursor === '') return { kind: 'not-done', detail: 'no message since carries the effect' };
    }
    return { kind: 'unavailable', detail: `more than ${PAGES_MAX} pages of messages` };
  },
});
