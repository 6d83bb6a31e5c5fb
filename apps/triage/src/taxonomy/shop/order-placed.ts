import { OrderPlaced } from '@towpath/contracts/orders/OrderPlaced.v1';
import { emit, type Emission } from '@towpath/service-kit/message';
import {
  BodyInvalid,
  fieldsAt,
  requiredCode,
  requiredCurrency,
  requiredText,
  timeAt,
  wholeBetween,
  type Fields,
} from '../fields.js';
import type { Delivered, Lookups } from '../taxonomy.js';
import { customerIn, MONEY_MAX, PIECES_MAX, shortText, shortTextOrNull } from './shop-fields.js';

const LINES_MAX = 100;
/** Of one line of an address, and of what an article is called. */
const TEXT_CHARS_MAX = 200;

/** The order of a shop's `order.placed`; throws BodyInvalid. */
export function orderPlaced(event: Fields, delivery: Delivered, lookups: Lookups): Emission<typeof OrderPlaced> {
  const data = fieldsAt(event, 'data');
  const articles = articlesIn(data);
  return emit(OrderPlaced, {
    orderId: requiredCode(data, 'orderId'),
    source: delivery.data.source,
    ...customerIn(data, lookups),
    accountId: requiredCode(fieldsAt(data, 'customer'), 'accountId'),
    paymentMethodId: requiredCode(data, 'paymentMethodId'),
    ...addressIn(fieldsAt(data, 'shipTo')),
    lines: articles.map(({ line }) => line),
    itemsText: articles.map(({ line, title }) => `${line.quantity} × ${title}`).join(', '),
    amountMinor: wholeBetween(data, 'amountMinor', 1, MONEY_MAX),
    currency: requiredCurrency(data),
    placedAt: timeAt(event, 'timestamp', delivery.data.receivedAt),
  });
}

function addressIn(shipTo: Fields) {
  const country = requiredText(shipTo, 'country').toUpperCase();
  if (!/^[A-Z]{2}$/.test(country)) throw new BodyInvalid('shipTo.country must be a code of ISO 3166, two letters');
  return {
    name: shortText(shipTo, 'name', TEXT_CHARS_MAX),
    street: shortText(shipTo, 'street', TEXT_CHARS_MAX),
    city: shortText(shipTo, 'city', TEXT_CHARS_MAX),
    postalCode: shortText(shipTo, 'postalCode', TEXT_CHARS_MAX),
    region: shortTextOrNull(shipTo, 'region', TEXT_CHARS_MAX),
    country,
  };
}

/** Each article once: an order that names one twice could be read as either quantity. */
function articlesIn(data: Fields) {
  const lines = data['lines'];
  if (!Array.isArray(lines) || lines.length === 0 || lines.length > LINES_MAX) {
    throw new BodyInvalid(`lines must be a list of 1 to ${LINES_MAX} articles`);
  }
  const articles = lines.map((line, place) => articleIn(fieldsAt({ line: line as unknown }, 'line'), place));
  if (new Set(articles.map(({ line }) => line.sku)).size < articles.length) {
    throw new BodyInvalid('lines must name each sku once');
  }
  return articles;
}

function articleIn(line: Fields, place: number) {
  try {
    const sku = requiredCode(line, 'sku');
    return {
      line: {
        sku,
        quantity: wholeBetween(line, 'quantity', 1, PIECES_MAX),
        unitPriceMinor: wholeBetween(line, 'unitPriceMinor', 0, MONEY_MAX),
      },
      title: shortTextOrNull(line, 'title', TEXT_CHARS_MAX) ?? sku,
    };
  } catch (error) {
    if (!(error instanceof BodyInvalid)) throw error;
    throw new BodyInvalid(`lines[${place}].${error.message}`);
  }
}
