import { secret } from '@towpath/service-kit/config';
import { z } from 'zod';
import { httpAdapter } from '../../http-adapter.js';
import { providerLimits } from '../../provider-limits.js';
import { postAtSlack } from './post-message.js';
import { slackVerdict } from './slack-answers.js';

// chat.postMessage takes one message a second per channel, more in short bursts.
const limits = providerLimits('SLACK', { sandboxPath: '/slack', callsPerSecond: 1, concurrency: 4 });

const settings = z.object({
  /** https://slack.com */
  ...limits.shape,
  SLACK_TOKEN: secret(z.string().min(8)).optional(),
});

export type SlackSettings = z.output<typeof settings>;

/** Slack: messages in channels. It keeps no keys; each message carries our metadata. */
export const slack = httpAdapter({
  provider: 'slack',
  settings,
  tools: [postAtSlack],
  limits: limits.of,
  headers: ({ SLACK_TOKEN }, live) => ({ authorization: `Bearer ${live ? (SLACK_TOKEN ?? '') : 'xoxb-sandbox'}` }),
  verdict: slackVerdict,
});
