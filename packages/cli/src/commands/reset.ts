import { rmSync } from 'node:fs';
import type { Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';

export function define(command: Command): void {
  command
    .option('--all', 'also sources, people and secrets; without it they are kept')
    .addHelpText('after', examples('reset', 'reset --all'))
    .action(async ({ all = false }: { all?: boolean }) => {
      const context = contextOf(command);
      const { deleteData, onceHome, stopHome } = await import('../running/stop-home.js');
      const once = onceHome(context.home);
      const stopped = [...(await stopHome(once)), ...(await stopHome(context.home))];
      await deleteData(once, { settings: true });
      rmSync(once, { recursive: true, force: true });
      await deleteData(context.home, { settings: all });
      const kept = all ? 'the fetched programs are kept' : 'sources, people, secrets and the fetched programs are kept';
      context.show(`data of ${context.home} deleted; ${kept}`, { home: context.home, stopped, all });
    });
}
