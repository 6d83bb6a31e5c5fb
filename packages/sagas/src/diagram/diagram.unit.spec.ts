import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { AccountUnfrozen } from '@towpath/contracts/fraud/AccountUnfrozen.v1';
import { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import { RefundPayment } from '@towpath/contracts/payments/RefundPayment.v1';
import { ask } from '../ask.js';
import { saga } from '../saga.js';
import { mermaidOf } from './mermaid.js';
import { sagasDocument, sagasJson } from './saga-table.js';

const replies = { done: EffectConfirmed, failed: EffectFailed, timeoutMs: 1_000 } as const;
const payment = { accountId: 'cus_1', chargeId: null, amountMinor: 1, currency: 'EUR', reason: '' };
const definition = (version = 1) =>
  saga('order', { version, deadlineMs: 7_200_000 })
    .startsWith(AccountUnfrozen, ({ accountId }) => accountId)
    .step('charge', {
      ...replies,
      do: ({ start }) => ask(CapturePayment, { ...payment, paymentId: `pi_${start.reason.toUpperCase()}` }),
      undo: ({ key }) => ask(RefundPayment, { ...payment, paymentId: key }),
    })
    .parallel('both', (group) =>
      group
        .step('pack', {
          ...replies,
          do: () => {
            throw new Error('needs a real order');
          },
          undo: () => ask(RefundPayment, { ...payment, paymentId: '' }),
        })
        .step('label', {
          ...replies,
          do: () => ask(CapturePayment, { ...payment, paymentId: '' }),
          undo: 'irreversible',
        }),
    )
    .waitFor('approval', { event: AccountUnfrozen, key: ({ accountId }) => accountId, timeoutMs: 1_000 })
    .build();

describe('the diagram of a definition', () => {
  it('goes down from the start over each step, its commands and what is waited for, to the end', () => {
    const lines = mermaidOf(definition())
      .split('\n')
      .map((line) => line.trim());
    expect(lines[0]).toBe('flowchart TD');
    expect(lines).toEqual(
      expect.arrayContaining([
        'start([AccountUnfrozen]) --> s_charge',
        's_charge["<b>charge</b><br/>CapturePayment"]',
        's_charge --> s_both',
        's_pack["<b>pack</b>"]',
        's_label["<b>label</b><br/>CapturePayment<br/><i>irreversible</i>"]',
        's_both --> s_approval',
        's_approval[/"<b>approval</b><br/>waits for AccountUnfrozen"/]',
        's_approval --> completed([completed])',
      ]),
    );
  });

  it('leads from each failure to the undo of what was done before it, the last first', () => {
    const lines = mermaidOf(definition())
      .split('\n')
      .map((line) => line.trim());
    expect(lines).toEqual(
      expect.arrayContaining([
        'u_charge["<i>undo charge</i><br/>RefundPayment"]',
        'u_pack --> u_charge',
        'u_charge --> compensated',
        's_charge -. fails .-> compensated',
        's_pack -. fails .-> u_charge',
        's_label -. fails .-> u_pack',
        's_approval -. time is over .-> u_pack',
        'u_pack -. fails .-> needsHuman',
      ]),
    );
    expect(lines.join('\n')).not.toContain('u_label');
  });

  it('stands in the document in its newest version, beside the versions that are kept', () => {
    const document = sagasDocument([definition(1), definition(2)]);
    expect(document.match(/^## order$/gm)).toHaveLength(1);
    expect(document).toContain(
      'Version 2. What has not ended after 2 h is undone. Kept for what began with them: versions 1.',
    );
    const { sagas } = JSON.parse(sagasJson([definition(1), definition(2)])) as {
      sagas: { version: number; parts: { name: string }[] }[];
    };
    expect(sagas.map(({ version }) => version)).toEqual([2, 1]);
    expect(sagas[0]!.parts.map(({ name }) => name)).toEqual(['charge', 'pack', 'label', 'approval']);
  });
});
