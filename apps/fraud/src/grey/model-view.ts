import type { Stance } from '../analysts.js';
import { POINT_STEP } from '../learned-score.js';
import type { Rules } from '../rules.js';
import type { ModelView } from '../score.decider.js';
import { signal } from '../signals/signal.js';

/** What came of asking a model. */
export interface Asked {
  readonly stance: Stance;
  readonly confidence: number;
  readonly because: string;
  readonly runId: string;
}

const DIRECTION: Readonly<Record<Stance, number>> = { clear: -1, unsure: 0, suspicious: 0.5, fraud: 1, unknown: 0 };
const WORDS_MAX = 300;

/** A model's opinion as one more signal. Its points are bounded by the rules, whatever it says; undefined without an answer. */
export function modelView({ stance, confidence, because, runId }: Asked, { grey }: Rules): ModelView | undefined {
  if (stance === 'unknown') return undefined;
  const sure = Number.isFinite(confidence) ? Math.min(1, Math.max(0, confidence)) : 0;
  const points = Math.round((DIRECTION[stance] * sure * grey.pointsMax) / POINT_STEP) * POINT_STEP + 0;
  const words = because.slice(0, WORDS_MAX);
  return {
    signal: signal('model-opinion', stance, points, words),
    opinion: { analyst: 'model', stance, points, because: words },
    runId,
  };
}
