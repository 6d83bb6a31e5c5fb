import { InvalidArgumentError, Option, type Command } from 'commander';
import { contextOf } from '../context.js';
import { EFFECT_STATES, type EffectStateName } from '../effects/effect-rows.js';
import type { Outcome } from '../effects/settle.js';
import { examples } from '../examples.js';
import { addChangeOptions, type ChangeOptions } from '../operator/change-options.js';

const LIMIT_MAX = 1_000;

export function define(command: Command): void {
  const list = command
    .command('list')
    .description('What was asked of third parties, and where it stands.')
    .addOption(new Option('--state <state>', 'only of this state').choices([...EFFECT_STATES]))
    .option('--limit <n>', `the newest so many of each state, at most ${LIMIT_MAX}`, limitOf, 50)
    .action(async (options: { state?: EffectStateName; limit: number }) => {
      const context = contextOf(list);
      const [{ listEffects }, { runningAddressesOf }] = await Promise.all([
        import('../effects/list.js'),
        import('../running-addresses.js'),
      ]);
      await listEffects(context, await runningAddressesOf(context.home), options);
    });
  const settle = addChangeOptions(command.command('settle <effect>'))
    .description('Say what became of an effect whose outcome nobody knows; nothing is sent. Signed with your own key.')
    .addOption(
      new Option('--outcome <outcome>', 'what you found at the provider')
        .choices(['done', 'not-done'])
        .makeOptionMandatory(),
    )
    .action(async (effectId: string, options: ChangeOptions & { outcome: Outcome }) => {
      const context = contextOf(settle);
      const [{ settleEffect }, { runningAddressesOf }] = await Promise.all([
        import('../effects/settle.js'),
        import('../running-addresses.js'),
      ]);
      await settleEffect(context, await runningAddressesOf(context.home), effectId, options);
    });
  command.addHelpText(
    'after',
    examples(
      'effects list --state outcome-unknown',
      "effects settle 3f0c… --outcome done --reason 'the mail is in the sent folder'",
    ),
  );
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX)
    throw new InvalidArgumentError(`a number from 1 to ${LIMIT_MAX}`);
  return limit;
}
