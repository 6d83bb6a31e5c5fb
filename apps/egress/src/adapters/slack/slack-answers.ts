import { at, textAt, verdictOf, type Answer } from '../../answer.js';
import type { CallResult } from '../../provider.js';

/** Our token is wrong or may not do this: a person may mend it while the effect is tried. */
const KEY = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'missing_scope',
]);
/** Slack gave up in the middle and says itself that it may have acted. */
const MAYBE = new Set(['internal_error', 'fatal_error', 'request_timeout', 'service_unavailable', 'team_added_to_org']);
const TOO_OFTEN = new Set(['ratelimited', 'rate_limited', 'message_limit_exceeded']);

/** Slack says with status 200 what others say with 4xx (docs.slack.dev, chat.postMessage, Errors). */
export function slackVerdict(answer: Answer): CallResult | undefined {
  if (answer.status !== 200) return verdictOf(answer);
  if (at(answer.json, 'ok') === true) return undefined;
  const code = textAt(answer.json, 'error');
  if (code === undefined) return { kind: 'unknown', code: 'ANSWER_UNREADABLE', detail: 'neither ok nor an error' };
  if (MAYBE.has(code)) return { kind: 'unknown', code: 'PROVIDER_FAILED', detail: code };
  if (TOO_OFTEN.has(code)) return { kind: 'not-acted', code: 'RATE_LIMITED_BY_PROVIDER', detail: code };
  if (KEY.has(code)) return { kind: 'not-acted', code: 'PROVIDER_REFUSED_KEY', detail: code };
  return { kind: 'refused', code: code.toUpperCase(), detail: `Slack said ${code}` };
}
