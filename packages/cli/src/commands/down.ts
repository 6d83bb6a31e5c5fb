import type { Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';

export function define(command: Command): void {
  command.addHelpText('after', examples('down', 'down --home /tmp/other --json')).action(async () => {
    const context = contextOf(command);
    const { onceHome, stopHome } = await import('../running/stop-home.js');
    const stopped = [...(await stopHome(onceHome(context.home))), ...(await stopHome(context.home))];
    context.show(stopped.length === 0 ? 'nothing was running' : `ended ${stopped.join(', ')}`, { stopped });
  });
}
