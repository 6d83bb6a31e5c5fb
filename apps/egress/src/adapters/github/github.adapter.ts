import { secret } from '@towpath/service-kit/config';
import { z } from 'zod';
import { httpAdapter } from '../../http-adapter.js';
import { providerLimits } from '../../provider-limits.js';
import type { Answer } from '../../answer.js';
import { retryAfterMsOf, textAt } from '../../answer.js';
import type { CallResult } from '../../provider.js';
import { commentAtGithub } from './comment.js';

// GitHub asks for no more than one content-making request a second, and 80 a minute.
const limits = providerLimits('GITHUB', { sandboxPath: '/github', callsPerSecond: 1, concurrency: 2 });

const settings = z.object({
  /** https://api.github.com, or the API of your own GitHub */
  ...limits.shape,
  GITHUB_TOKEN: secret(z.string().min(8)).optional(),
});

export type GithubSettings = z.output<typeof settings>;

/** GitHub: comments on issues and pull requests. It keeps no keys; each comment carries a hidden marker. */
export const github = httpAdapter({
  provider: 'github',
  settings,
  tools: [commentAtGithub],
  limits: limits.of,
  headers: ({ GITHUB_TOKEN }, live) => ({
    authorization: `Bearer ${live ? (GITHUB_TOKEN ?? '') : 'sandbox'}`,
    accept: 'application/vnd.github+json',
    'x-github-api-version': '2022-11-28',
    'user-agent': 'towpath',
  }),
  verdict: tooOften,
});

/** GitHub says "too often" with 403, too (docs.github.com, Rate limits for the REST API). */
function tooOften(answer: Answer): CallResult | undefined {
  const { status, headers, json } = answer;
  const isLimit = headers['x-ratelimit-remaining'] === '0' || headers['retry-after'] !== undefined;
  if (status !== 403 || !isLimit) return undefined;
  const reset = Number(headers['x-ratelimit-reset'] ?? Number.NaN) * 1_000 - Date.now();
  const retryAfterMs = retryAfterMsOf(answer) ?? (Number.isNaN(reset) ? 60_000 : Math.max(0, reset));
  const detail = textAt(json, 'message') ?? 'rate limit';
  return { kind: 'not-acted', code: 'RATE_LIMITED_BY_PROVIDER', detail, retryAfterMs };
}
