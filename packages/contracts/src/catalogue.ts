import { mayProduce, type Contract } from './contract.js';
import { ContractError } from './contract-error.js';
import { contracts } from './generated/catalogue.js';

/**
 * The contract of a type such as `payments.v1.ChargeSucceeded` (a `ce_type`).
 * @throws ContractError `CONTRACT_UNKNOWN` when no schema of this build defines it
 */
export function contractOf(type: string): Contract {
  const contract = contracts.get(type);
  if (contract) return contract;
  throw new ContractError(
    'CONTRACT_UNKNOWN',
    `no contract "${type}" in this build. ${suggestionFor(type)}Update @towpath/contracts, or add schemas/<domain>/<Name>.v<n>.avsc and run \`npm run generate\`.`,
  );
}

/** True when `type` is the type of a contract of this build. */
export function isContract(type: string): boolean {
  return contracts.has(type);
}

/** Every contract that `service` may append, in order of type: its own, and those that any service may. */
export function contractsProducedBy(service: string): readonly Contract[] {
  return all().filter((contract) => mayProduce(contract, service));
}

/** Every contract of this build, in order of type. */
export function all(): readonly Contract[] {
  return sorted;
}

const sorted: readonly Contract[] = [...contracts.values()].sort((a, b) => (a.type < b.type ? -1 : 1));

function suggestionFor(type: string): string {
  const name = type.slice(type.lastIndexOf('.') + 1);
  const alike = sorted.filter((contract) => contract.name === name).map((contract) => contract.type);
  return alike.length > 0 ? `Did you mean ${alike.join(' or ')}? ` : '';
}
