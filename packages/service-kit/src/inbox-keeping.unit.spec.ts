import { topicSettings } from '@towpath/contracts/topics';
import { checkInboxKeeping } from './inbox-keeping.js';

const days = (n: number) => n * 86_400_000;

describe('how long an inbox is kept', () => {
  it('is longer than every finite topic of topics.yaml', () => {
    expect(() => checkInboxKeeping(topicSettings())).not.toThrow();
  });

  it('refuses a topic that keeps records as long, naming both numbers and the fix', () => {
    const long = { name: 'fraud.commands', retentionMs: days(45) };
    expect(() => checkInboxKeeping([long], 45)).toThrow(
      /INBOX_TOO_SHORT: topic fraud\.commands keeps records for 45 days, but inboxes keep messages for 45.*topics\.yaml.*INBOX_KEEP_DAYS/,
    );
    expect(() => checkInboxKeeping([long], 46)).not.toThrow();
  });

  it('asks nothing of topics that are kept for ever: marks know their repeats', () => {
    expect(() => checkInboxKeeping([{ name: 'payments.events', retentionMs: -1 }])).not.toThrow();
  });

  it('refuses less than providers need to send again', () => {
    expect(() => checkInboxKeeping([], 7)).toThrow(/providers send again for 7 days/);
  });
});
