import { Argument, InvalidArgumentError, type Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';
import { addChangeOptions } from '../operator/change-options.js';
import { addRevealOptions } from '../reveal/options.js';
import type { DecideOptions } from '../review/decide-review.js';
import type { ReviewFilter } from '../review/find-reviews.js';
import type { RevealOptions } from '../reveal/reveal.js';

export function define(command: Command): void {
  defineList(command);
  defineShow(command);
  defineDecide(command);
  command.addHelpText(
    'after',
    examples(
      'review list --service fraud',
      'review show payment-review_pi_123',
      "review show pi_123 --reveal --reason 'case 12'",
      "review decide pi_123 approve --code known-customer --reason 'called the buyer'",
      "review decide reply_42 edit --text better.txt --reason 'wrong amount' --json",
    ),
  );
}

const load = () => Promise.all([import('../review/show-reviews.js'), import('../running-addresses.js')] as const);

function defineList(command: Command): void {
  const list = command
    .command('list')
    .description('What people have to decide, of every agent and service, newest first.')
    .option('--service <name>', 'only of this service')
    .option('--all', 'also what is decided')
    .option('--limit <n>', 'at most so many', wholeNumber, 50)
    .action(async ({ limit, ...filter }: ReviewFilter & { limit: number }) => {
      const context = contextOf(list);
      const [{ listReviews }, { runningAddressesOf }] = await load();
      await listReviews(context, await runningAddressesOf(context.home), filter, limit);
    });
}

function defineShow(command: Command): void {
  const show = addRevealOptions(command.command('show <id>'))
    .description('One review, by its id or by what it is about: the action, what speaks for it, what happened so far.')
    .action(async (id: string, options: RevealOptions) => {
      const context = contextOf(show);
      const [[{ showReview }, { runningAddressesOf }], { withView }] = await Promise.all([
        load(),
        import('../reveal/reveal.js'),
      ]);
      const addresses = await runningAddressesOf(context.home);
      await withView(context, addresses, `review ${id}`, options, (view) => showReview(context, addresses, id, view));
    });
}

function defineDecide(command: Command): void {
  const decide = addChangeOptions(command.command('decide'))
    .description('Approve, edit or reject what is proposed; signed with your own key.')
    .argument('<id>', 'the review, or what it is about, such as a payment')
    .addArgument(new Argument('<decision>', 'what happens').choices(['approve', 'edit', 'reject']))
    .option('--code <word>', 'the reason in a word that can be counted', 'unspecified')
    .option('--text <file>', 'for edit: the text to use instead, or - for standard input')
    .action(async (id: string, decision: string, options: DecideOptions) => {
      const context = contextOf(decide);
      const [{ decideReview }, { runningAddressesOf }] = await Promise.all([
        import('../review/decide-review.js'),
        import('../running-addresses.js'),
      ]);
      await decideReview(context, await runningAddressesOf(context.home), id, decision, options);
    });
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('give a whole number from 1 to 999.');
  return Number(text);
}
