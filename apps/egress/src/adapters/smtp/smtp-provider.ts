import { CallGuard } from '@towpath/outbound/call-guard';
import { DryRun } from '@towpath/outbound/dry-run';
import { inTraceOf } from '@towpath/service-kit/tracing/in-trace-of';
import type { Surroundings } from '../../adapter.js';
import { storyMetadata } from '../../effect-story.js';
import { resultOfFailure } from '../../failed-call.js';
import type { OpenEffect } from '../../ledger.projection.js';
import type { CallResult, ProbeResult, Provider } from '../../provider.js';
import { letterOf, messageIdOf, type Letter } from './letter.js';
import { smtpVerdict } from './smtp-answers.js';
import { deliver, type Envelope, type SessionEnd } from './smtp-session.js';
import type { SmtpSettings } from './smtp.adapter.js';

/** Attempts count only calls that the server may have acted on, and of those there is one. */
const ATTEMPTS_MAX = 1;

export class SmtpProvider implements Provider {
  readonly keyWindowMs = 0;
  readonly callMsMax: number;
  readonly concurrency: number;
  readonly retry: Provider['retry'];
  readonly breakers: Provider['breakers'];
  private readonly guard: CallGuard;

  constructor(
    private readonly settings: SmtpSettings,
    private readonly around: Surroundings,
  ) {
    const perSecond = settings.SMTP_CALLS_PER_SECOND;
    const guard = new CallGuard({
      provider: 'smtp',
      rateLimit: { perSecond, burst: Math.max(1, Math.ceil(perSecond)), queueMax: 1_000 },
      breaker: { failures: settings.SMTP_BREAKER_FAILURES, openMs: settings.SMTP_BREAKER_OPEN_MS },
      onBreaker: (state, cause) => around.onBreaker('smtp', state, cause),
    });
    this.guard = guard;
    this.callMsMax = settings.SMTP_CALL_MS_MAX;
    this.concurrency = settings.SMTP_CONCURRENCY;
    this.retry = {
      attemptsMax: ATTEMPTS_MAX,
      giveUpMs: settings.SMTP_GIVE_UP_MS,
      backoffBaseMs: 1_000,
      backoffMsMax: 60_000,
    };
    this.breakers = [
      {
        name: 'smtp',
        get state() {
          return guard.state;
        },
        reset: () => guard.reset(),
      },
    ];
  }

  accepts(): boolean {
    return this.guard.state !== 'open';
  }

  execute(effect: OpenEffect): Promise<CallResult> {
    return inTraceOf(effect.origin, () => this.send(effect).catch(resultOfFailure));
  }

  probe(): Promise<ProbeResult> {
    return Promise.resolve({ kind: 'untold', detail: 'a mail server can not be asked for a message' });
  }

  async close(): Promise<void> {
    // Each session ends with its message.
  }

  private async send(effect: OpenEffect): Promise<CallResult> {
    const { SMTP_FROM: from, SMTP_URL: url, SMTP_USER, SMTP_PASSWORD } = this.settings;
    const letter = letterOf(effect);
    const messageId = messageIdOf(effect.effectId, from);
    const message = await composed(letter, { from, messageId, marks: this.marksOf(effect) });
    if (this.around.dryRun) throw new DryRun({ method: 'SMTP', address: url, body: message.toString() });
    const server = { url, user: SMTP_USER, password: SMTP_PASSWORD, callMsMax: this.callMsMax };
    const end = await this.guarded(() => deliver(server, { from, to: letter.to, message } satisfies Envelope));
    return smtpVerdict(end, messageId);
  }

  private guarded(session: () => Promise<SessionEnd>): Promise<SessionEnd> {
    return this.guard.run<SessionEnd>(AbortSignal.timeout(this.callMsMax), async () => {
      const value = await session();
      if (value.kind === 'silent') return { value, trouble: value.detail };
      // What a server says of one recipient is no trouble of the server's.
      if (value.kind === 'replied' && value.code === 421) return { value, trouble: value.detail };
      return { value };
    });
  }

  /** A reply that somebody's mail program answers by itself must not begin an endless exchange; see RFC 3834. */
  private marksOf(effect: OpenEffect): Record<string, string> {
    const marks = storyMetadata(effect, 'smtp', this.around.storyKey);
    return {
      'auto-submitted': 'auto-generated',
      'x-towpath-story': Buffer.from(JSON.stringify(marks)).toString('base64url'),
    };
  }
}

async function composed(
  { to, subject, text, inReplyTo }: Letter,
  { from, messageId, marks }: { from: string; messageId: string; marks: Record<string, string> },
): Promise<Buffer> {
  const references = inReplyTo === null ? {} : { inReplyTo, references: [inReplyTo] };
  // Loaded with the first mail: it takes 20 MB.
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  const composer = new MailComposer({ from, to, subject, text, messageId, headers: marks, ...references });
  return composer.compile().build();
}
