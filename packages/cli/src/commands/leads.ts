import { Option, type Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';
import { addChangeOptions, type ChangeOptions } from '../operator/change-options.js';
import type { OperatorCommand } from '../operator/command.js';

export function define(command: Command): void {
  const take = addChangeOptions(command.command('take <contact>'))
    .description('Say that you have a lead, so that nobody is reminded and it goes to no other rep.')
    .action((contactId: string, { reason, ...signer }: ChangeOptions) =>
      ask(take, { type: 'TakeLead', data: { contactId, reason }, done: ['LeadTaken'], owner: 'growth' }, signer),
    );
  const close = addChangeOptions(command.command('close <contact>'))
    .description('Say how a lead ended.')
    .addOption(new Option('--outcome <outcome>', 'how').choices(['won', 'lost', 'disqualified']).makeOptionMandatory())
    .action((contactId: string, { outcome, reason, ...signer }: ChangeOptions & { readonly outcome: string }) => {
      const data = { contactId, outcome, reason };
      return ask(close, { type: 'CloseLead', data, done: ['LeadClosed'], owner: 'growth' }, signer);
    });
  command.addHelpText(
    'after',
    examples(
      "leads take contact_5f0c --reason 'called them this morning'",
      "leads close contact_5f0c --outcome lost --reason 'no budget this year'",
    ),
  );
}

async function ask(task: Command, asked: OperatorCommand, signer: Omit<ChangeOptions, 'reason'>): Promise<void> {
  const context = contextOf(task);
  const [{ command: give }, { runningAddressesOf }] = await Promise.all([
    import('../operator/command.js'),
    import('../running-addresses.js'),
  ]);
  await give(context, await runningAddressesOf(context.home), asked, signer);
}
