import { failureOf, retryAfterMsOf, verdictOf, withoutAddresses } from './answer.js';
import { slackVerdict } from './adapters/slack/slack-answers.js';
import { smtpVerdict } from './adapters/smtp/smtp-answers.js';

const answer = (status: number, json: unknown = {}, headers: Record<string, string> = {}) => ({
  status,
  headers,
  json,
});

describe('what an answer means', () => {
  it.each([
    [200, undefined, undefined],
    [201, undefined, undefined],
    [204, undefined, undefined],
    [301, 'refused', 'REDIRECTED'],
    [400, 'refused', 'REFUSED_BY_PROVIDER'],
    [401, 'not-acted', 'PROVIDER_REFUSED_KEY'],
    [403, 'not-acted', 'PROVIDER_REFUSED_KEY'],
    [404, 'refused', 'NOT_FOUND'],
    [408, 'unknown', 'PROVIDER_BUSY'],
    [409, 'unknown', 'PROVIDER_BUSY'],
    [410, 'refused', 'GONE'],
    [413, 'refused', 'TOO_LARGE'],
    [422, 'refused', 'INVALID'],
    [429, 'not-acted', 'RATE_LIMITED_BY_PROVIDER'],
    [500, 'unknown', 'PROVIDER_FAILED'],
    [502, 'unknown', 'PROVIDER_FAILED'],
    [503, 'unknown', 'PROVIDER_FAILED'],
    [504, 'unknown', 'PROVIDER_FAILED'],
  ])('by its status %p is %p %p', (status, kind, code) => {
    const verdict = verdictOf(answer(status));
    if (kind === undefined) expect(verdict).toBeUndefined();
    else expect(verdict).toMatchObject({ kind, code });
  });

  it.each([
    ['channel_not_found', 'refused', 'CHANNEL_NOT_FOUND'],
    ['is_archived', 'refused', 'IS_ARCHIVED'],
    ['msg_too_long', 'refused', 'MSG_TOO_LONG'],
    ['invalid_auth', 'not-acted', 'PROVIDER_REFUSED_KEY'],
    ['token_revoked', 'not-acted', 'PROVIDER_REFUSED_KEY'],
    ['ratelimited', 'not-acted', 'RATE_LIMITED_BY_PROVIDER'],
    ['internal_error', 'unknown', 'PROVIDER_FAILED'],
    ['fatal_error', 'unknown', 'PROVIDER_FAILED'],
  ])('that Slack gives with status 200 and %p is %p %p', (error, kind, code) => {
    expect(slackVerdict(answer(200, { ok: false, error }))).toMatchObject({ kind, code });
  });

  it('of Slack without ok and without an error is unknown', () => {
    expect(slackVerdict(answer(200, '<html>'))).toMatchObject({ kind: 'unknown' });
    expect(slackVerdict(answer(200, { ok: true }))).toBeUndefined();
  });

  it.each([
    [{ kind: 'accepted', reply: '250 OK' }, 'done'],
    [{ kind: 'silent', sent: false, detail: '' }, 'not-acted'],
    [{ kind: 'silent', sent: true, detail: '' }, 'unknown'],
    [{ kind: 'replied', code: 550, command: 'RCPT TO', sent: false, detail: '' }, 'refused'],
    [{ kind: 'replied', code: 451, command: 'MAIL FROM', sent: false, detail: '' }, 'not-acted'],
    [{ kind: 'replied', code: 535, command: 'AUTH PLAIN', sent: false, detail: '' }, 'not-acted'],
    [{ kind: 'replied', code: 552, command: 'DATA', sent: true, detail: '' }, 'refused'],
    [{ kind: 'replied', code: 452, command: 'DATA', sent: true, detail: '' }, 'not-acted'],
    [{ kind: 'replied', code: 421, command: 'CONN', sent: false, detail: '' }, 'not-acted'],
    [{ kind: 'replied', code: 421, command: 'DATA', sent: true, detail: '' }, 'unknown'],
  ] as const)('of a mail server, %j, is %s', (end, kind) => {
    expect(smtpVerdict(end, '<id@x>').kind).toBe(kind);
  });

  it('of a read is: not there for good, or not to be asked now', () => {
    expect(failureOf(verdictOf(answer(404))!)).toMatchObject({ kind: 'impossible' });
    expect(failureOf(verdictOf(answer(401))!)).toMatchObject({ kind: 'unavailable' });
    expect(failureOf(verdictOf(answer(500))!)).toMatchObject({ kind: 'unavailable' });
  });
});

describe('what stands in an answer', () => {
  it('may ask for a pause in seconds or until a time', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(retryAfterMsOf({ headers: { 'retry-after': '30' } })).toBe(30_000);
    expect(retryAfterMsOf({ headers: { 'retry-after': 'Thu, 01 Jan 2026 00:01:00 GMT' } }, now)).toBe(60_000);
    expect(retryAfterMsOf({ headers: { 'retry-after': 'soon' } })).toBeUndefined();
    expect(retryAfterMsOf({ headers: {} })).toBeUndefined();
  });

  it('is kept without e-mail addresses', () => {
    expect(withoutAddresses('user ada.l@shop.example is <suspended@x.example>')).toBe('user [address] is <[address]>');
  });
});
