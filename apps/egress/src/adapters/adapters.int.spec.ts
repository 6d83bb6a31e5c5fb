import { PostCodeComment } from '@towpath/contracts/code/PostCodeComment.v1';
import type { Contract } from '@towpath/contracts/contract';
import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { PostNotice } from '@towpath/contracts/notices/PostNotice.v1';
import { AssignTicket } from '@towpath/contracts/tickets/AssignTicket.v1';
import { SendTicketReply } from '@towpath/contracts/tickets/SendTicketReply.v1';
import { adapters } from '../adapters.js';
import type { OpenEffect } from '../ledger.projection.js';
import type { Provider } from '../provider.js';
import { SandboxProcess } from '../sandbox-process.fixture.js';
import { effectFor, opened } from './adapters.fixture.js';

let sandbox: SandboxProcess;
let provider: Provider | undefined;
let count = 0;

beforeAll(async () => {
  sandbox = await SandboxProcess.start();
}, 30_000);
afterAll(() => sandbox.stop());
afterEach(async () => {
  await provider?.close();
  await sandbox.calm();
});

const CALL_MS_MAX = '1500';
function open(name: string, dryRun = false): Provider {
  const settings = {
    SMTP_URL: `smtp://127.0.0.1:${sandbox.smtpPort}`,
    [`${name.toUpperCase()}_CALL_MS_MAX`]: CALL_MS_MAX,
    [`${name.toUpperCase()}_CALLS_PER_SECOND`]: '1000',
  };
  const adapter = adapters.find((one) => one.provider === name)!;
  provider = opened(adapter, settings, { dryRun, sandboxUrl: sandbox.origin });
  return provider;
}

const person = { customerId: 'cus_1', toAddress: null, subject: null, inReplyTo: null, approvalHash: null };
const reply = (channel: string, over: object = {}) => ({
  ...{ ticketId: `${channel}:acme:${(count += 1)}`, replyId: `r${count}`, channel, ...person },
  ...{ body: `Your refund no. ${count} <b>is</b> on its way & will arrive.\nBye`, ...over },
});
const assign = (channel: string) => ({
  ...{
    ticketId: `${channel}:acme:${(count += 1)}`,
    channel,
    customerId: 'cus_1',
    queue: 'fraud',
    note: 'Look at this',
  },
});
const comment = () => ({ commentId: `c${(count += 1)}`, repository: 'acme/shop', number: count, body: 'Looks *good*' });
const notice = () => ({ noticeId: `n${(count += 1)}`, channel: `C${count}`, text: 'lag > 60 s <!channel>' });
const mail = () => ({
  ...{ mailId: `m${(count += 1)}`, recipientId: 'cus_1', to: `someone${count}@shop.example`, subject: 'Grüße' },
  ...{ text: 'Hello\n.\nthere', inReplyTo: '<a@b.example>', approvalHash: null },
});

type Case = readonly [name: string, title: string, contract: Contract, data: () => object, action: string];
const keyless: readonly Case[] = [
  ['zendesk', SendTicketReply.name, SendTicketReply, () => reply('zendesk'), 'reply'],
  ['zendesk', AssignTicket.name, AssignTicket, () => assign('zendesk'), 'assign'],
  ['intercom', SendTicketReply.name, SendTicketReply, () => reply('intercom'), 'reply'],
  ['intercom', AssignTicket.name, AssignTicket, () => assign('intercom'), 'assign'],
  ['github', PostCodeComment.name, PostCodeComment, comment, 'comment'],
  ['slack', PostNotice.name, PostNotice, notice, 'post'],
];
const every: readonly Case[] = [
  ...keyless,
  ['smtp', SendMail.name, SendMail, mail, 'mail'],
  [
    'smtp',
    SendTicketReply.name,
    SendTicketReply,
    () => reply('email', { toAddress: 'a@b.example', subject: 'Re: it' }),
    'mail',
  ],
];
const actsOf = (name: string, { subjectId, effectId }: OpenEffect, action: string) => {
  const [, , ticket] = subjectId.split(':');
  const acts = sandbox.done(name).filter((act) => act.action === action);
  return acts.filter((act) => (name === 'slack' ? act.effectId === effectId : act.subject === (ticket ?? subjectId)));
};
const isOf = (effect: OpenEffect) => (act: { effectId: string | null }) => act.effectId === effect.effectId;

describe('an adapter, over real HTTP or SMTP', () => {
  it.each(every)('%s carries out %s', async (name, _title, contract, data, action) => {
    const effect = effectFor(contract, data());
    const before = sandbox.done(name).length;
    expect(await open(name).execute(effect)).toMatchObject({ kind: 'done', reference: expect.stringMatching(/.+/) });
    const done = sandbox.done(name).slice(before);
    expect(done).toMatchObject([{ action }]);
    if (name !== 'intercom') expect(done.every(isOf(effect))).toBe(true);
  });

  it.each(keyless)('%s tells by a probe whether %s was done after all, and another like it was not', async (...one) => {
    const [name, , contract, data, action] = one;
    const effect = effectFor(contract, data());
    const way = open(name);
    expect(await way.probe(effect)).toMatchObject({ kind: 'not-done' });
    await sandbox.put('/sandbox/behaviour', { action: name, actThenReset: true });
    expect(await way.execute(effect)).toMatchObject({ kind: 'unknown', code: 'CONNECTION_FAILED' });
    await sandbox.calm();
    expect(await way.probe(effect)).toMatchObject({ kind: 'done' });
    expect(actsOf(name, effect, action)).toHaveLength(1);
    // What only looks the same, to somebody else, is not it; to set the same team again changes nothing.
    const other = effectFor(contract, data());
    expect(await way.probe(other)).toMatchObject({ kind: 'not-done' });
  });

  it.each(every)('%s takes silence after %s for an unknown outcome', async (name, _title, contract, data) => {
    const effect = effectFor(contract, data());
    const way = open(name);
    await sandbox.put('/sandbox/behaviour', { action: name, actThenHang: true });
    expect(await way.execute(effect)).toMatchObject({ kind: 'unknown' });
    if (name === 'smtp') expect(await way.probe(effect)).toMatchObject({ kind: 'untold' });
  });

  it.each(every.filter(([name]) => name !== 'smtp'))('%s knows what 429, 401 and 422 mean for %s', async (...one) => {
    const [name, , contract, data] = one;
    const way = open(name);
    for (const [failStatus, kind] of [
      [429, 'not-acted'],
      [401, 'not-acted'],
      [422, 'refused'],
      [500, 'unknown'],
      [503, 'unknown'],
    ] as const) {
      await sandbox.put('/sandbox/behaviour', { action: name, failNext: 1, failStatus });
      expect(await way.execute(effectFor(contract, data()))).toMatchObject({ kind });
    }
  });

  it.each(every)('%s sends nothing in a dry run of %s, and says what it would have sent', async (...one) => {
    const [name, , contract, data] = one;
    const before = sandbox.done(name).length;
    const effect = effectFor(contract, data());
    const result = await open(name, true).execute(effect);
    expect(result).toMatchObject({ kind: 'rehearsed', rehearsed: { body: expect.stringMatching(/.+/) } });
    expect(JSON.stringify(result)).not.toMatch(/Bearer|Basic/);
    expect(sandbox.done(name)).toHaveLength(before);
  });

  it('leaves text of others as text: no mention at Slack, no markup at Intercom', async () => {
    await open('slack').execute(effectFor(PostNotice, notice()));
    expect(sandbox.done('slack').at(-1)?.body['text']).toBe('lag &gt; 60 s &lt;!channel&gt;');
    await provider?.close();
    await open('intercom').execute(effectFor(SendTicketReply, reply('intercom')));
    expect(sandbox.done('intercom').at(-1)?.body['body']).toContain('&lt;b&gt;is&lt;/b&gt;');
  });
});

describe('e-mail', () => {
  it('has the same Message-ID for the same effect, and says that no person wrote it', async () => {
    const effect = effectFor(SendMail, mail());
    const result = await open('smtp').execute(effect);
    const messageId = `<${effect.effectId}@towpath.example>`;
    expect(result).toEqual({ kind: 'done', reference: messageId });
    const sent = sandbox.done('smtp').at(-1)?.body;
    expect(sent).toMatchObject({ messageId, subject: 'Grüße', text: 'Hello\n.\nthere', inReplyTo: '<a@b.example>' });
    expect(sent?.['autoSubmitted']).toBe('auto-generated');
  });

  it('is certainly not sent when the connection breaks before the message, and perhaps when it breaks after', async () => {
    const way = open('smtp');
    await sandbox.put('/sandbox/behaviour', { action: 'smtp', actThenReset: true });
    expect(await way.execute(effectFor(SendMail, mail()))).toMatchObject({ kind: 'unknown', code: 'MAIL_END_LOST' });
    await sandbox.kill();
    expect(await way.execute(effectFor(SendMail, mail()))).toMatchObject({ kind: 'not-acted' });
    await sandbox.run();
  });

  it.each([
    [550, 'refused', 'MAIL_REFUSED'],
    [451, 'not-acted', 'MAIL_DEFERRED'],
  ])('knows what the reply %p after the message means', async (failStatus, kind, code) => {
    await sandbox.put('/sandbox/behaviour', { action: 'smtp', failNext: 1, failStatus });
    expect(await open('smtp').execute(effectFor(SendMail, mail()))).toMatchObject({ kind, code });
  });

  it.each(['a@b.example, c@d.example', 'a@b.example\r\nRCPT TO:<x@y.example>', 'nobody', '<a@b.example>'])(
    'goes to one address and no other: %p',
    async (to) => {
      const before = sandbox.done('smtp').length;
      const result = await open('smtp').execute(effectFor(SendMail, { ...mail(), to }));
      expect(result).toMatchObject({ kind: 'refused', code: 'ADDRESS_INVALID' });
      expect(sandbox.done('smtp')).toHaveLength(before);
    },
  );
});
