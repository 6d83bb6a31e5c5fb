import { Option, type Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';

export interface UpOptions {
  readonly once?: boolean;
  readonly stack: 'local' | 'docker';
}

export function define(command: Command): void {
  command
    .option('--once', 'run the demo in a fresh home, print its report, end everything; exit code 0 or 1')
    .addOption(
      new Option('--stack <how>', 'Kafka, registry and Postgres as local processes or in Docker')
        .choices(['local', 'docker'])
        .env('TOWPATH_STACK')
        .default('local'),
    )
    .addHelpText(
      'after',
      examples('up', 'up --once --json', 'up --stack docker', 'up --home /tmp/other   # with TOWPATH_PORT_OFFSET=100'),
    )
    .action(async (options: UpOptions) => {
      const context = contextOf(command);
      // The stack and what is started from here ask the environment.
      process.env['TOWPATH_STACK'] = options.stack;
      if (options.once) {
        const { once } = await import('../running/once.js');
        if (!(await once(context, options))) process.exitCode = 1;
      } else {
        const { stayUp } = await import('../running/stay-up.js');
        await stayUp(context, options);
      }
    });
}
