import { PaymentCanceled } from '@towpath/contracts/payments/PaymentCanceled.v1';
import { Metrics } from '../metrics.js';
import { Permanent } from '../permanent.js';
import { withStoryStart } from '../tracing/story-start.js';
import { itemOf, processorOn, RecordingStore } from './pipeline.fixture.js';
import { PipelineMetrics } from './pipeline-metrics.js';

function measured() {
  const metrics = new Metrics('fraud');
  const processor = processorOn(new RecordingStore(), { metrics: new PipelineMetrics(metrics) });
  const line = async (pattern: RegExp): Promise<number> => {
    const found = (await metrics.text()).split('\n').find((one) => pattern.test(one));
    return Number(found?.split(' ').at(-1) ?? NaN);
  };
  return { processor, line };
}

describe('what the pipeline measures', () => {
  it('counts every message by its handler and what became of it', async () => {
    const { processor, line } = measured();
    const failing = itemOf('e3', 'pi_3', () => {
      throw new Error('not now');
    });
    const broken = itemOf('e4', 'pi_4', () => {
      throw new Permanent('BROKEN', 'never');
    });
    const items = [itemOf('e1', 'pi_1'), itemOf('e1', 'pi_1'), itemOf('e2', 'pi_2'), failing, itemOf('e5', 'pi_3')];
    await processor.process([...items, broken]);
    const count = (outcome: string) =>
      line(new RegExp(`^towpath_messages_processed_total\\{handler="RecordWhatIsSeen",outcome="${outcome}"`));
    expect(await Promise.all(['decided', 'repeat', 'retry', 'held', 'dead-letter'].map(count))).toEqual([
      2, 1, 1, 1, 1,
    ]);
    expect(await line(/^towpath_dead_letters_total\{.*reason="BROKEN"/)).toBe(1);
  });

  it('tells how old the story is, from its webhook on, for each contract that comes of it', async () => {
    const { processor, line } = measured();
    const { message, ...item } = itemOf('e1', 'pi_1');
    const tracestate = withStoryStart('vendor=a1', Date.now() - 7_000);
    await processor.process([{ ...item, message: { ...message, tracestate } }]);
    expect(await line(/^towpath_story_age_seconds_bucket\{type="ops.v1.AlertTriggered".*le="5"/)).toBe(0);
    expect(await line(/^towpath_story_age_seconds_bucket\{type="ops.v1.AlertTriggered".*le="10"/)).toBe(1);
    expect(await line(new RegExp(`^towpath_message_age_seconds_count\\{type="${PaymentCanceled.type}"`))).toBe(1);
  });
});
