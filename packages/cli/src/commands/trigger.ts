import { InvalidArgumentError, type Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';

interface TriggerOptions {
  readonly override: string[];
  readonly add: string[];
  readonly remove: string[];
  readonly count: number;
  readonly rate: number;
  readonly alone?: boolean;
  readonly wait: number;
}

export function define(command: Command): void {
  command
    .argument(
      '<source>',
      'name of the source: stripe, zendesk, intercom, email, loans, shop, customers, platform or one you added',
    )
    .argument('<event>', 'charge.succeeded, charge.failed, review.opened, deploy.completed … (a wrong one lists all)')
    .option('--override <path=value>', 'set a value: charge:amount=5000 or data.object.amount=5000', collect, [])
    .option('--add <path=value>', 'add a value, to a list: one more', collect, [])
    .option('--remove <path>', 'take a value away', collect, [])
    .option('--count <n>', 'how many, each with fresh ids', wholeNumber, 1)
    .option('--rate <n>', 'deliveries a second', wholeNumber, 10)
    .option('--alone', 'without the charge that refunds, disputes and reviews are about')
    .option('--wait <seconds>', 'how long to wait for outcomes; 0: not at all', wholeNumberOrZero, 15)
    .addHelpText(
      'after',
      `
A value that is JSON is taken as such, anything else as text; {n} in it is the number of the delivery.
${examples(
  'trigger stripe charge.succeeded',
  'trigger stripe charge.succeeded --override charge:captured=true --override charge:amount=99900',
  "trigger stripe charge.succeeded --count 20 --rate 50 --override 'charge:metadata.ip=10.0.0.7'",
  'trigger stripe charge.succeeded --remove charge:metadata.ip       # needs context from the provider',
  'trigger zendesk ticket.message --override "comment.body=Where is my refund?"',
  'trigger intercom conversation.user.created',
  'trigger email email.received --override "email:subject=I cannot log in"',
  'trigger loans loan_application.submitted --override application:amountMinor=500000',
  'trigger shop order.placed --override order:orderId=order_789',
  'trigger platform deploy.completed --override data.status=failed --json',
)}`,
    )
    .action(async (source: string, event: string, options: TriggerOptions) => {
      const context = contextOf(command);
      const [{ trigger }, { runningAddressesOf }, { listenForInterruption }] = await Promise.all([
        import('../trigger/trigger.js'),
        import('../running-addresses.js'),
        import('../interruption.js'),
      ]);
      const { override, add, remove, count, rate, alone = false, wait } = options;
      const request = { source, event, changes: { override, add, remove }, count, rate, alone, waitSeconds: wait };
      const interruption = listenForInterruption();
      try {
        await trigger(context, await runningAddressesOf(context.home), request, interruption.signal);
      } finally {
        interruption.dispose();
      }
    });
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

function wholeNumber(text: string): number {
  const number = wholeNumberOrZero(text);
  if (number === 0) throw new InvalidArgumentError('give a whole number above 0.');
  return number;
}

function wholeNumberOrZero(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('give a whole number.');
  return Number(text);
}
