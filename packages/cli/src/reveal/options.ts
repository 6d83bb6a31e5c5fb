import type { Command } from 'commander';

/** Adds what `withView` reads. */
export function addRevealOptions(command: Command): Command {
  return command
    .option('--reveal', 'show personal data; the role fraud-lead or admin may, and it is recorded with --reason')
    .option('--reason <text>', 'why personal data is shown; kept for ever')
    .option('--as <name>', 'the person whose key signs')
    .option('--key-file <file>', 'file with the private key');
}
