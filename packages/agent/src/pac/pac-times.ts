// weekdayRange, dateRange and timeRange of PAC files. They take their arguments in many forms; a last one of 'GMT' makes them count in UTC,
// else it is the time of this device. Ranges may go over the end of the week, the year and the day.
import type { PacValue } from './pac-functions.ts';

type Given = readonly PacValue[];

const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** One day, or from the first to the second one, both included. */
export function weekdayRange(now: Date, all: Given): boolean {
  const { given, clock } = clockOf(now, all);
  const [from, to = from] = given.map((day) => DAYS.indexOf(word(day)));
  if (from === undefined || to === undefined || from < 0 || to < 0) return false;
  return isWithin(clock.day, from, to);
}

/** One day of the month, month or year, or two, or several of each: `(1, 'JUN', 1995, 15, 'AUG', 1995)`. Both ends are included. */
export function dateRange(now: Date, all: Given): boolean {
  const { given, clock } = clockOf(now, all);
  const parts = given.map(partOf);
  if (parts.length === 0 || parts.includes(null)) return false;
  const isRange = parts.length > 1 && parts.length % 2 === 0;
  const half = isRange ? parts.length / 2 : parts.length;
  const kinds = parts.slice(0, half).map((part) => part?.kind);
  if (isRange && parts.slice(half).some((part, i) => part?.kind !== kinds[i])) {
    // Two or more single ones, such as a day and its month.
    return parts.every((part) => part !== null && clock[part.kind] === part.value);
  }
  const order = (['year', 'month', 'date'] as const).filter((kind) => kinds.includes(kind));
  const weigh = (value: (kind: (typeof order)[number]) => number): number =>
    order.reduce((sum, kind) => sum * 100 + value(kind), 0);
  const at = (side: readonly (Part | null)[]) => weigh((kind) => side.find((part) => part?.kind === kind)?.value ?? 0);
  const is = weigh((kind) => clock[kind]);
  const [from, to] = [at(parts.slice(0, half)), at(isRange ? parts.slice(half) : parts)];
  return order.includes('year') ? from <= is && is <= to : isWithin(is, from, to);
}

/** An hour; from hour to hour; from hour and minute to hour and minute; with seconds. The end is not included, but for one hour alone. */
export function timeRange(now: Date, all: Given): boolean {
  const { given, clock } = clockOf(now, all);
  const numbers = given.map(Number);
  if (numbers.some((each) => !Number.isInteger(each) || each < 0)) return false;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = numbers;
  const seconds = (h: number, m: number, s: number): number => (h * 60 + m) * 60 + s;
  const is = seconds(clock.hour, clock.minute, clock.second);
  switch (numbers.length) {
    case 1:
      return clock.hour === a;
    case 2:
      return isBefore(is, seconds(a, 0, 0), seconds(b, 0, 0));
    case 4:
      return isBefore(is, seconds(a, b, 0), seconds(c, d, 0));
    case 6:
      return isBefore(is, seconds(a, b, c), seconds(d, e, f));
    default:
      return false;
  }
}

interface Part {
  readonly kind: 'date' | 'month' | 'year';
  readonly value: number;
}

function partOf(value: PacValue): Part | null {
  const month = MONTHS.indexOf(word(value));
  if (month >= 0) return { kind: 'month', value: month };
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) return null;
  return number > 31 ? { kind: 'year', value: number } : { kind: 'date', value: number };
}

function word(value: PacValue): string {
  return typeof value === 'string' ? value.toUpperCase() : '';
}

function isWithin(is: number, from: number, to: number): boolean {
  return from <= to ? from <= is && is <= to : is >= from || is <= to;
}

function isBefore(is: number, from: number, to: number): boolean {
  return from <= to ? from <= is && is < to : is >= from || is < to;
}

function clockOf(now: Date, all: Given) {
  const isUtc = word(all.at(-1)) === 'GMT';
  const given = isUtc ? all.slice(0, -1) : all;
  const local = {
    day: now.getDay(),
    date: now.getDate(),
    month: now.getMonth(),
    year: now.getFullYear(),
    hour: now.getHours(),
    minute: now.getMinutes(),
    second: now.getSeconds(),
  };
  const utc = {
    day: now.getUTCDay(),
    date: now.getUTCDate(),
    month: now.getUTCMonth(),
    year: now.getUTCFullYear(),
    hour: now.getUTCHours(),
    minute: now.getUTCMinutes(),
    second: now.getUTCSeconds(),
  };
  return { given, clock: isUtc ? utc : local };
}
