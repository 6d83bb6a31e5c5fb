import { numberOf, type Act, type Acts } from './acts.js';
import { CounterpartRefusal, jsonOf, paramOf, queryOf, textIn, type CounterpartRoutes } from './counterpart-routes.js';

/** The part of GitHub that Towpath uses: comments on issues and pull requests. */
export function addGithub(routes: CounterpartRoutes, acts: Acts): void {
  routes.act(
    'POST',
    '/repos/:owner/:repo/issues/:number/comments',
    (request) => {
      const body = jsonOf(request);
      if (textIn(body, 'body') === undefined) throw new CounterpartRefusal(422, 'Validation Failed');
      const effectId = effectIn(textIn(body, 'body') ?? '');
      return { action: 'comment', subject: issueOf(request), key: null, effectId, body };
    },
    (act) => ({ status: 201, body: commentOf(act) }),
  );
  routes.read('/repos/:owner/:repo/issues/:number/comments', (request) => {
    const since = Date.parse(queryOf(request, 'since') ?? '1970-01-01T00:00:00Z');
    const [page, size] = [Number(queryOf(request, 'page') ?? '1'), Number(queryOf(request, 'per_page') ?? '30')];
    const all = acts.of('github', issueOf(request)).filter(({ time }) => Date.parse(time) >= since);
    return all.slice((page - 1) * size, page * size).map(commentOf);
  });
}

function issueOf(request: Parameters<typeof paramOf>[0]): string {
  const [owner, repo, number] = ['owner', 'repo', 'number'].map((name) => paramOf(request, name));
  if (repo === 'missing') throw new CounterpartRefusal(404, 'Not Found');
  return `${owner}/${repo}#${number}`;
}

function commentOf(act: Act): object {
  return { id: numberOf(act), body: act.body['body'], created_at: act.time, user: { login: 'towpath[bot]' } };
}

/** The id of Towpath's effect in the hidden comment at the end. */
function effectIn(body: string): string | null {
  const marker = /<!-- towpath:([A-Za-z0-9_-]+) -->\s*$/.exec(body)?.[1];
  const marks = marker === undefined ? {} : (JSON.parse(Buffer.from(marker, 'base64url').toString()) as object);
  return textIn(marks as Record<string, unknown>, 'towpath_effect_id') ?? null;
}
