import type { Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';
import { addRevealOptions } from '../reveal/options.js';
import type { RevealOptions } from '../reveal/reveal.js';

export function define(command: Command): void {
  addRevealOptions(command)
    .argument(
      '<event>',
      'id of a decision, or of what was decided about: a loan application, payment, ticket or delivery',
    )
    .addHelpText(
      'after',
      `
Answers "why was I rejected?": reasons, rule versions, the exact inputs, prompt and raw answer, the steps of the agent, and what
led to it. Every hash is held against the text it is of, every stream against its chain. What names a person stays sealed without
--reveal. Something that differs ends with exit code 1.
${examples(
  'explain loan_77',
  "explain 85a91ab2-20bf-5e65-b18c-424344ebdd06 --reveal --reason 'asked by the applicant, case 12'",
  'explain pi_123 --json',
)}`,
    )
    .action(async (id: string, options: RevealOptions) => {
      const context = contextOf(command);
      const [{ explain }, { withView }, { runningAddressesOf }] = await Promise.all([
        import('../explain/explain.js'),
        import('../reveal/reveal.js'),
        import('../running-addresses.js'),
      ]);
      const addresses = await runningAddressesOf(context.home);
      await withView(context, addresses, `explanation of ${id}`, options, (view) =>
        explain(context, addresses, id, view),
      );
    });
}
