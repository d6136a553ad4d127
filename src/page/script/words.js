'use strict';

// Figures in words. null is a figure that nobody knows.
const words = (() => {
  const SPACE = '\u00a0';  // keeps a number and its unit on one line
  const UNKNOWN = 'not known';
  const whole = new Intl.NumberFormat('en', {maximumFractionDigits: 0});
  const tenths = new Intl.NumberFormat('en', {maximumFractionDigits: 1});

  const count = number => number === null ? UNKNOWN : whole.format(number);
  const counted = (number, one, many) => `${count(number)} ${number === 1 ? one : many}`;

  // Neither all nor nothing unless it is: 99.97 % is not rounded to 100 %.
  function share(ratio) {
    if (ratio === null) return UNKNOWN;
    const millionths = Math.round(ratio * 1e6);  // as the exporter writes it; 0.29 * 100 is less than 29
    if (millionths > 0 && millionths < 1000) return `less than 0.1${SPACE}%`;
    const fine = millionths < 100_000 || (millionths > 990_000 && millionths < 1_000_000);
    const shown = fine ? Math.floor(millionths / 1000) / 10 : Math.floor(millionths / 10_000);
    return `${tenths.format(shown)}${SPACE}%`;
  }

  function rate(perSecond) {
    if (perSecond === null) return UNKNOWN;
    if (perSecond > 0 && perSecond < 0.1) return 'less than 0.1/s';
    return `${(perSecond < 100 ? tenths : whole).format(perSecond)}/s`;
  }

  function duration(seconds) {
    if (seconds === null) return UNKNOWN;
    if (seconds < 1) return `less than 1${SPACE}s`;
    for (const [unit, length, limit] of [['s', 1, 120], ['min', 60, 120], ['h', 3600, 48]]) {
      if (seconds / length < limit) return `${Math.floor(seconds / length)}${SPACE}${unit}`;
    }
    return `${whole.format(Math.floor(seconds / 86400))}${SPACE}days`;
  }

  // Of what takes milliseconds.
  function shortDuration(seconds) {
    if (seconds === null) return UNKNOWN;
    return seconds < 1 ? `${tenths.format(seconds * 1000)}${SPACE}ms` : `${tenths.format(seconds)}${SPACE}s`;
  }

  const timeOfDay = unixSeconds => new Date(unixSeconds * 1000).toLocaleTimeString('en-GB');

  // A forecast counts down until the next poll, so its moment may have passed with ports left.
  function forecast(seconds, free) {
    if (free === 0) return 'No port is left';
    if (seconds === null) return 'Not on course to run out';
    return seconds === 0 ? 'Should have run out by now' : `Runs out in ${duration(seconds)}`;
  }

  // {"established": 3} as "3 ESTABLISHED", the most first.
  function states(sockets) {
    const present = Object.entries(sockets).filter(([, number]) => number > 0).sort(([, a], [, b]) => b - a);
    if (present.length === 0) return 'none';
    return present.map(([state, number]) => `${count(number)}${SPACE}${state.toUpperCase()}`).join(', ');
  }

  // A name amid a sentence: one that is written from right to left does not turn the rest round.
  const isolated = name => `\u2068${name}\u2069`;

  const total = sockets => Object.values(sockets).reduce((sum, number) => sum + number, 0);

  const endpoint = (address, port) => address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

  function pool({local_address: local, remote_address: remote, remote_port: port, zone}) {
    return `${local} → ${endpoint(remote, port)}${zone ? ` (interface ${zone})` : ''}`;
  }

  return {
    UNKNOWN, count, counted, share, rate, duration, shortDuration, timeOfDay, forecast, states, isolated, total, pool,
  };
})();
