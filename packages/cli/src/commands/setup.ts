import { join } from 'node:path';
import type { Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';

export function define(command: Command): void {
  command
    .option('--apps <dir>', 'folder with the services and their migrations')
    .addHelpText(
      'after',
      `
Works on the platform of --home, or on KAFKA_BROKERS, REGISTRY_URL and ADMIN_DATABASE_URL (each also as *_FILE) when set.
${examples('setup', 'setup --home /var/lib/towpath --json')}`,
    )
    .action(async ({ apps }: { apps?: string }) => {
      const context = contextOf(command);
      const [{ setup }, { setupTargets, sourceFiles }, { ensureSources }, { repository }] = await Promise.all([
        import('../setup.js'),
        import('../setup-targets.js'),
        import('../local/local-sources.js'),
        import('../repository.js'),
      ]);
      ensureSources(context.home, sourceFiles(context.home));
      const report = await setup({ ...setupTargets(context.home), appsFolder: apps ?? join(repository, 'apps') });
      context.show(
        `topics: ${report.topicsCreated.length} created, ${report.topicsChanged.length} changed; ` +
          `${report.contractsRegistered} contracts registered; ${report.migrationsApplied.length} migrations applied; ` +
          `slot ${report.slotCreated ? 'created' : 'was there'}`,
        report,
      );
    });
}
