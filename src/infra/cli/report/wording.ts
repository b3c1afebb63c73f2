/** `1 day`, `2 days`. */
export const counted = (amount: number, one: string, many = `${one}s`): string =>
  `${amount.toLocaleString('en')} ${amount === 1 ? one : many}`;

const HOUR = 60;
const DAY = 24 * HOUR;

/** Minutes as `3 d 4 h`, `2 h 5 min`, `0 min`: the two largest units. */
export const duration = (minutes: number): string => {
  const [days, hours, rest] = [
    Math.floor(minutes / DAY),
    Math.floor((minutes % DAY) / HOUR),
    minutes % HOUR,
  ];
  const parts = [
    days > 0 ? `${days.toLocaleString('en')} d` : '',
    hours > 0 ? `${hours} h` : '',
    rest > 0 && days === 0 ? `${rest} min` : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? '0 min' : parts.join(' ');
};

/** A day, or from one to another. */
export const span = (from: string | null, to: string | null): string =>
  from === null || to === null ? '' : from === to ? from : `${from} to ${to}`;
