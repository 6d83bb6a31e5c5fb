import { PostCodeComment } from '@towpath/contracts/code/PostCodeComment.v1';
import { listAt, textAt } from '../../answer.js';
import { Unsendable } from '../../failed-call.js';
import { httpTool, type Ask } from '../../http-adapter.js';
import type { GithubSettings } from './github.adapter.js';
import { markedBody, marksIn } from '@towpath/service-kit/story-marker';

const PAGES_MAX = 30;
/** Clocks differ; a comment of ours is never older than its reservation by more than this. */
const CLOCKS_DIFFER_MS = 60_000;

/** A comment on an issue or pull request (docs.github.com, Issue comments). */
export const commentAtGithub = httpTool<typeof PostCodeComment, GithubSettings>({
  command: PostCodeComment,
  subjectType: 'code',
  target: ({ repository, number }) => ({ subjectId: `${repository}#${number}`, accountId: repository }),
  request: ({ data, marks }) => ({
    method: 'POST',
    path: `${issuePath(data)}/comments`,
    body: { body: markedBody(data.body, marks) },
  }),
  reference: ({ json }) => textAt(json, 'id'),
  probe: async ({ data, effect }, read) => {
    const since = new Date(effect.reservedAt - CLOCKS_DIFFER_MS).toISOString();
    for (let page = 1; page <= PAGES_MAX; page += 1) {
      const { json } = await read(`${issuePath(data)}/comments?since=${since}&per_page=100&page=${page}`);
      const comments = listAt({ json }, 'json');
      const own = comments.find((one) => marksIn(textAt(one, 'body') ?? '')['towpath_effect_id'] === effect.effectId);
      if (own !== undefined) return { kind: 'done', reference: textAt(own, 'id') ?? effect.effectId };
      if (comments.length < 100) return { kind: 'not-done', detail: 'no comment carries the effect' };
    }
    return { kind: 'unavailable', detail: `more than ${PAGES_MAX} pages of comments` };
  },
});

function issuePath({ repository, number }: Ask<PostCodeComment, GithubSettings>['data']): string {
  if (!/^[A-Za-z0-9-]{1,39}\/[A-Za-z0-9._-]{1,100}$/.test(repository) || repository.endsWith('/..') || number < 1)
    throw new Unsendable('REPOSITORY_INVALID', `${repository}#${number} is no issue or pull request`);
  return `/repos/${repository}/issues/${number}`;
}
