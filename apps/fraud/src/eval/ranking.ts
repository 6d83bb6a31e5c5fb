/** How well scores rank frauds before honest payments. */
export interface Ranking {
  readonly aucPr: number;
  /** best precision among the thresholds that find at least 60 % of the frauds */
  readonly precisionAtRecall60: number;
}

/** Precision and recall of one threshold. */
export interface AtThreshold {
  readonly precision: number;
  readonly recall: number;
  readonly alerts: number;
}

/** Average precision over all thresholds; payments of equal score share one threshold. NaN when there is no fraud. */
export function ranking(scores: ArrayLike<number>, frauds: ArrayLike<number>): Ranking {
  const order = Array.from({ length: scores.length }, (_, index) => index).sort((a, b) => scores[b]! - scores[a]!);
  let total = 0;
  for (let index = 0; index < frauds.length; index += 1) total += frauds[index]!;
  let found = 0;
  let aucPr = 0;
  let precisionAtRecall60 = 0;
  for (let at = 0; at < order.length;) {
    const score = scores[order[at]!]!;
    const before = found;
    while (at < order.length && scores[order[at]!] === score) found += frauds[order[at++]!]!;
    const precision = found / at;
    aucPr += (precision * (found - before)) / total;
    if (found / total >= 0.6) precisionAtRecall60 = Math.max(precisionAtRecall60, precision);
  }
  return { aucPr: total === 0 ? NaN : aucPr, precisionAtRecall60 };
}

/** What alerting at `threshold` and above gives. */
export function atThreshold(scores: ArrayLike<number>, frauds: ArrayLike<number>, threshold: number): AtThreshold {
  let alerts = 0;
  let found = 0;
  let total = 0;
  for (let index = 0; index < scores.length; index += 1) {
    total += frauds[index]!;
    if (scores[index]! < threshold) continue;
    alerts += 1;
    found += frauds[index]!;
  }
  return { precision: found / alerts, recall: found / total, alerts };
}
