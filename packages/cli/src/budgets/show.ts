import { budgetState, type BudgetAccount } from '@towpath/event-store/budget-state';
import type { Addresses } from '../addresses.js';
import type { Colors, Context } from '../context.js';
import { withInspector } from '../dlq/show-letters.js';

/** Shows what agents spent on models on a day, what is reserved and what is left: the day, its agents, its latest runs. */
export async function showBudgets(
  context: Context,
  addresses: Addresses,
  asked: { readonly day: string; readonly runsMax: number },
): Promise<void> {
  const accounts = await withInspector(addresses, (inspector) => budgetState(inspector, asked));
  for (const account of accounts) context.show(accountLine(account, context.colors), account);
  if (accounts.length === 0) context.note(`no agent asked a model on ${asked.day} (UTC)`);
}

/** One account in one line. */
export function accountLine(account: BudgetAccount, colors: Colors): string {
  const { scope, name, capMicros, spentMicros, reservedMicros, calls, refusals } = account;
  const left = capMicros - spentMicros - reservedMicros;
  const paint = left <= 0 ? colors.red : left < capMicros / 5 ? colors.yellow : colors.green;
  const indent = { day: '', agent: '  ', run: '    ' }[scope];
  const parts = [`${dollars(spentMicros)} of ${dollars(capMicros)} spent`];
  if (reservedMicros > 0) parts.push(`${dollars(reservedMicros)} reserved`);
  parts.push(paint(`${dollars(left)} left`), `${calls} calls`);
  if (refusals > 0) parts.push(colors.red(`${refusals} refused`));
  return `${`${indent}${scope} ${name}`.padEnd(46)}  ${parts.join(' · ')}`;
}

/** `$1.234567`: all six digits, for calls often cost less than a cent. */
export function dollars(micros: number): string {
  const sign = micros < 0 ? '-' : '';
  const [whole, rest] = [Math.floor(Math.abs(micros) / 1_000_000), Math.abs(micros) % 1_000_000];
  return `${sign}$${whole}.${String(rest).padStart(6, '0')}`;
}
