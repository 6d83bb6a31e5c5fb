import { loadConfig, redacted } from '@towpath/service-kit/config';
import { newSecret } from '@towpath/sources/keys';
import { adapters } from './adapters.js';
import { egressConfig } from './config.js';

const secret = newSecret();
const endpoints = JSON.stringify({ acme: { url: 'https://hooks.acme.example/', secrets: [secret] } });

describe('the settings of egress', () => {
  it('need none: every provider then is its counterpart in the sandbox, and nothing is a dry run', () => {
    const config = loadConfig(egressConfig, {}) as Record<string, unknown>;
    expect(config['EGRESS_DRY_RUN']).toEqual([]);
    for (const adapter of adapters) {
      const around = {
        dryRun: false,
        sandboxUrl: 'http://127.0.0.1:18090',
        storyKey: undefined,
        onBreaker: () => undefined,
      };
      const provider = adapter.open(config, around);
      expect(provider.concurrency).toBeGreaterThan(0);
      expect(provider.callMsMax).toBeGreaterThan(0);
      void provider.close();
    }
  });

  it('are printed without any secret', () => {
    const given = {
      ...{ ZENDESK_TOKEN: 'zendesk-secret', SLACK_TOKEN: 'slack-secret', GITHUB_TOKEN: 'github-secret' },
      ...{ INTERCOM_TOKEN: 'intercom-secret', SMTP_PASSWORD: 'smtp-secret', CREDIT_TOKEN: 'credit-secret' },
      ...{ STRIPE_API_KEY: 'stripe-secret', STORY_KEY: 'story-secret-story', HOOK_ENDPOINTS: endpoints },
    };
    const printed = JSON.stringify(redacted(egressConfig, loadConfig(egressConfig, given)));
    expect(printed).not.toContain('-secret');
    expect(printed).not.toContain(secret);
    expect(printed).toContain('"SLACK_CALLS_PER_SECOND":1');
  });

  it.each([
    ['true', adapters.map(({ provider }) => provider)],
    ['false', []],
    ['slack, smtp', ['slack', 'smtp']],
  ])('take a dry run of %s', (text, names) => {
    expect(loadConfig(egressConfig, { EGRESS_DRY_RUN: text })).toMatchObject({ EGRESS_DRY_RUN: names });
  });

  it('refuse a dry run of a provider that there is not: its effects would be sent', () => {
    expect(() => loadConfig(egressConfig, { EGRESS_DRY_RUN: 'slak' })).toThrow('CONFIG_INVALID');
  });
});
