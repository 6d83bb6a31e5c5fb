import type { Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';

export function define(command: Command): void {
  command
    .argument('<story>', 'id of a delivery, event, payment, ticket or other aggregate, or of a provider event')
    .addHelpText(
      'after',
      `
Each service decides again what it decided of the story's messages, by its code and settings of now, with the state it had and at the
time it had; what was asked of a model is answered from the record. Nothing is sent or written. The exit code is 1 when a decision
differs from the recorded one.
${examples('replay pi_123', 'replay 85a91ab2-20bf-5e65-b18c-424344ebdd06 --json')}`,
    )
    .action(async (story: string) => {
      const context = contextOf(command);
      const [{ replayStory }, { runningAddressesOf }, { listenForInterruption }] = await Promise.all([
        import('../replay/replay-story.js'),
        import('../running-addresses.js'),
        import('../interruption.js'),
      ]);
      const addresses = await runningAddressesOf(context.home);
      const interruption = listenForInterruption();
      try {
        await replayStory(context, addresses, story, interruption.signal);
      } finally {
        interruption.dispose();
      }
    });
}
