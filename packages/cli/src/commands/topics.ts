import { InvalidArgumentError, type Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';
import { VARIABLES } from '../filter/variables.js';
import { addRevealOptions } from '../reveal/options.js';
import type { RevealOptions } from '../reveal/reveal.js';
import type { TailOptions } from '../topics/tail.js';

export function define(command: Command): void {
  const list = command
    .command('list')
    .description('Every topic with partitions, records and settings.')
    .action(async () => {
      const context = contextOf(list);
      const [{ listTopics }, { runningAddressesOf }] = await Promise.all([
        import('../topics/list.js'),
        import('../running-addresses.js'),
      ]);
      await listTopics(context, await runningAddressesOf(context.home));
    });
  defineTail(command);
  defineShow(command);
  command.addHelpText(
    'after',
    examples(
      'topics list',
      'topics tail payments.events --limit 5',
      'topics tail fraud.events --type PaymentBlocked --json',
      'topics tail payments.events --from latest --follow --key pi_123',
      'topics tail webhooks.rejected --from time:2026-01-31T12:00:00Z --to time:2026-01-31T13:00:00Z',
      'topics tail fraud.events --from latest:100 --partition 2 --partition 5',
      'topics tail fraud.events --from latest --from 2=offset:42',
      `topics tail fraud.events --where 'value.score >= 80.0 && value.signals.exists(s, s.name == "velocity")'`,
      'topics show fraud.events 2 42',
      "topics show fraud.events 2 42 --reveal --reason 'case 17'",
      'topics tail fraud.events --export blocked.jsonl --type PaymentBlocked --bytes',
    ),
  );
}

function defineTail(command: Command): void {
  const tail = addRevealOptions(command.command('tail <topic>'))
    .description('Records of a topic, decoded through the registry, without personal data.')
    .option(
      '--from <where>',
      'beginning, latest, latest:N, offset:N, time:ISO or live; P=where for partition P alone (default: beginning)',
      collected,
      [],
    )
    .option('--to <where>', 'offset:N or time:ISO: before it', String)
    .option('--partition <p>', 'only this partition; repeat for more', numbers, [])
    .option('--type <contract>', 'only this contract, by full name or last part')
    .option('--key <key>', 'only this Kafka key')
    .option('--where <expression>', 'only what this CEL expression says; see below')
    .option('--limit <n>', 'at most so many', wholeNumber)
    .option('--follow', 'go on with what arrives')
    .option('--export <file>', 'write JSON lines to a new file instead of showing')
    .option('--bytes', 'in JSON also key, value and headers byte for byte, as base64')
    .action(async (topic: string, options: TailOptions & RevealOptions) => {
      const context = contextOf(tail);
      const [{ tail: show }, { withView }, { runningAddressesOf }, { listenForInterruption }] = await Promise.all([
        import('../topics/tail.js'),
        import('../reveal/reveal.js'),
        import('../running-addresses.js'),
        import('../interruption.js'),
      ]);
      const interruption = listenForInterruption();
      try {
        const addresses = await runningAddressesOf(context.home);
        await withView(context, addresses, `topic ${topic}`, options, (view) =>
          show(context, addresses, topic, options, interruption.signal, view),
        );
      } finally {
        interruption.dispose();
      }
    })
    .addHelpText('after', expressionHelp);
}

function defineShow(command: Command): void {
  const show = addRevealOptions(command.command('show <topic> <partition> <offset>'))
    .description('One record whole: headers explained, contract and owner, value, or why it can not be decoded.')
    .action(async (topic: string, partition: string, offset: string, options: RevealOptions) => {
      const context = contextOf(show);
      const [{ showRecord }, { withView }, { runningAddressesOf }] = await Promise.all([
        import('../topics/show.js'),
        import('../reveal/reveal.js'),
        import('../running-addresses.js'),
      ]);
      const place = { topic, partition: wholeNumber(partition), offset: offsetIn(offset) };
      const addresses = await runningAddressesOf(context.home);
      await withView(context, addresses, `record ${topic} ${partition}@${offset}`, options, (view) =>
        showRecord(context, addresses, place, view),
      );
    });
}

function offsetIn(text: string): string {
  if (!/^\d{1,18}$/.test(text)) throw new InvalidArgumentError('give an offset, a whole number.');
  return text;
}

const expressionHelp = `
An expression of the Common Expression Language (cel.dev) sees of each record:
${VARIABLES.map(({ name, type, doc }) => `  ${name.padEnd(10)} ${type.padEnd(26)} ${doc}`).join('\n')}
It reads these and nothing else. A record that lacks a field it asks for does not pass; has(value.field) asks whether it is there.
`;

function collected(word: string, all: readonly string[]): string[] {
  return [...all, word];
}

function numbers(word: string, all: readonly number[]): number[] {
  return [...all, wholeNumber(word)];
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('give a whole number.');
  return Number(text);
}
