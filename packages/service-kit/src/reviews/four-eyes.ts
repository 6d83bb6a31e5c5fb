/** Above how much, in minor units, two people have to agree; by currency in lower case, `*` for every other. */
export type FourEyesLimits = ReadonlyMap<string, number>;

/** 10,000.00 of a currency with two decimals. */
export const FOUR_EYES_DEFAULT = '*=1000000';

const ENTRY = /^(\*|[a-z]{3})=(\d{1,15})$/;

/** The form of the setting: `usd=500000,jpy=50000000,*=1000000`. */
export const FOUR_EYES_FORM = /^(?:(?:\*|[a-z]{3})=\d{1,15})(?:,(?:\*|[a-z]{3})=\d{1,15})*$/;

/** The limits of a setting. Throws CONFIG_INVALID naming the entry that is none. */
export function fourEyesLimits(text: string = FOUR_EYES_DEFAULT): FourEyesLimits {
  return new Map(
    text.split(',').map((entry) => {
      const [, currency, minor] = ENTRY.exec(entry.trim()) ?? [];
      if (currency === undefined)
        throw new Error(`CONFIG_INVALID: FOUR_EYES_ABOVE: "${entry}" is no limit; write usd=500000,*=1000000`);
      return [currency, Number(minor)] as const;
    }),
  );
}

/** How many different people have to agree: two above the limit of the currency; money of an unlisted currency without `*` takes two always. */
export function peopleNeeded(
  { amountMinor, currency }: { readonly amountMinor: number | null; readonly currency: string | null },
  limits: FourEyesLimits,
): 1 | 2 {
  if (amountMinor === null) return 1;
  const limit = limits.get(currency ?? '*') ?? limits.get('*') ?? -1;
  return amountMinor > limit ? 2 : 1;
}
