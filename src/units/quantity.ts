declare const unit: unique symbol;

/** A number with a unit that exists only in types: it guards function borders, inside them numbers are plain. SI base units only. */
export type Quantity<U extends string> = number & { readonly [unit]: U };

export type Bytes = Quantity<'B'>;
export type Seconds = Quantity<'s'>;
export type FlopPerSecond = Quantity<'FLOP/s'>;
export type BytesPerSecond = Quantity<'B/s'>;
export type UsdPerHour = Quantity<'USD/h'>;

const quantity =
  <U extends string>(symbol: U) =>
  (value: number): Quantity<U> => {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) throw new RangeError(`quantity: ${symbol} ${value} is not a finite number of at least 0`);
    return value as Quantity<U>;
  };

/** Each constructor refuses NaN, infinite and negative values with a RangeError. */
export const bytes = quantity('B');
export const seconds = quantity('s');
export const flopPerSecond = quantity('FLOP/s');
export const bytesPerSecond = quantity('B/s');
export const usdPerHour = quantity('USD/h');
