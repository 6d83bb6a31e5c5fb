/** What a decline calls for, whatever words the issuer used for it. */
export type DeclineClass =
  /** the money is not there now, and may be later */
  | 'funds'
  /** the card's data are wrong or out of date */
  | 'card'
  /** the issuer says no and not why */
  | 'issuer'
  /** the customer has to confirm it with their bank */
  | 'authentication'
  /** the way to the issuer failed; nobody refused anything */
  | 'provider'
  /** the card is lost, closed or taken back: trying it again is forbidden and is fined */
  | 'final'
  /** whoever pays may not be who they say: they get no help with it */
  | 'suspected';

const CODES: Readonly<Record<Exclude<DeclineClass, 'issuer'>, readonly string[]>> = {
  funds: ['insufficient_funds', 'withdrawal_count_limit_exceeded', 'card_velocity_exceeded'],
  card: [
    ...['expired_card', 'incorrect_cvc', 'invalid_cvc', 'incorrect_number', 'invalid_number', 'incorrect_zip'],
    ...['invalid_expiry_month', 'invalid_expiry_year', 'new_account_information_available', 'card_not_supported'],
    ...['currency_not_supported', 'invalid_amount', 'incorrect_address'],
  ],
  authentication: ['authentication_required', 'authentication_not_handled', 'approve_with_id', 'offline_pin_required'],
  provider: ['processing_error', 'issuer_not_available', 'reenter_transaction', 'try_again_later', 'issuer_timeout'],
  final: [
    ...['lost_card', 'stolen_card', 'pickup_card', 'restricted_card', 'invalid_account', 'stop_payment_order'],
    ...['revocation_of_authorization', 'revocation_of_all_authorizations', 'transaction_not_allowed'],
  ],
  suspected: ['fraudulent', 'merchant_blacklist', 'security_violation', 'highest_risk_level'],
};

const CLASS_OF: ReadonlyMap<string, DeclineClass> = new Map(
  Object.entries(CODES).flatMap(([name, codes]) => codes.map((code) => [code, name as DeclineClass] as const)),
);

/** The class of Stripe's decline code, or else of its failure code; an unknown code says no and not why. */
export function declineClassOf(declineCode: string | null, failureCode: string | null): DeclineClass {
  for (const code of [declineCode, failureCode]) {
    const known = code === null ? undefined : CLASS_OF.get(code);
    if (known) return known;
  }
  return 'issuer';
}
