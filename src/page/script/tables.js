// The tables: listeners, limits of the kernel, polls, host names.
const tables = (() => {
  const REUSE = {0: 'off', 1: 'on', 2: 'loopback only'};
  const COUNTERS = {
    entered_total: ['Entered TIME_WAIT', 'TcpExt TW'],
    reused_total: ['Ports reused from TIME_WAIT', 'TcpExt TWRecycled'],
    overflow_total: ['TIME_WAIT ended early', 'TcpExt TCPTimeWaitOverflow; the limit was reached'],
    tcp_active_opens_total: ['Connections opened', 'Tcp ActiveOpens'],
    tcp_attempt_fails_total: ['Attempts that failed', 'Tcp AttemptFails; running out of ports does not count there'],
    listen_overflows_total: ['Accept queue was full', 'TcpExt ListenOverflows'],
    listen_drops_total: ['Connections dropped by listeners', 'TcpExt ListenDrops'],
  };

  // A view of [what, now, meaning].
  function createFact() {
    const {node, at} = dom.fromTemplate('fact');
    return {node, show([what, now, meaning]) {
      dom.setText(at.what, what);
      dom.setText(at.now, now);
      dom.setText(at.meaning, meaning ?? '');
    }};
  }

  const facts = body => dom.list(body, ([what]) => what, createFact);

  function reuseFact({tcp_tw_reuse: mode, tcp_tw_reuse_delay_seconds: delay}) {
    if (mode === null) return ['Reuse', words.UNKNOWN, 'tcp_tw_reuse'];
    return ['Reuse', REUSE[mode] ?? String(mode),
      `tcp_tw_reuse = ${mode}; of ports that are in TIME_WAIT for ${words.shortDuration(delay)}`];
  }

  function limitFacts(host) {
    const {first, last, count, reserved, bound} = host.ephemeral_ports;
    return [
      ['Ephemeral ports', words.count(count), `${first} to ${last}, ip_local_port_range: what connect() chooses from`],
      ['Reserved', words.count(reserved), 'ip_local_reserved_ports: of no use to connect()'],
      ['Held by bind()', words.count(bound), 'by listeners and the like: of no use to connect()'],
      ['TIME_WAIT sockets', words.count(host.time_wait_sockets),
        `of at most ${words.count(host.time_wait_sockets_limit)}, tcp_max_tw_buckets: ` +
          'beyond that the kernel ends them early'],
      reuseFact(host),
      ['TCP timestamps', host.tcp_timestamps ? 'on' : 'off', 'tcp_timestamps: without them no port is reused'],
    ];
  }

  function counterFacts({counters}) {
    return Object.entries(COUNTERS).map(([name, [what, meaning]]) => [what, words.count(counters[name]), meaning]);
  }

  function auditFact({successful, probes}) {
    return ['Audit of bound ports', successful ? 'works' : 'does not work',
      `${words.counted(probes, 'port', 'ports')} asked for`];
  }

  function configurationFact({last_reload_successful: taken, last_reload_success_at: since}) {
    const why = taken ? '' : 'the changed file has mistakes; ';
    const inForce = new Date(since * 1000).toLocaleString('en-GB');
    return ['Configuration', taken ? 'taken' : 'refused', `${why}in force since ${inForce}`];
  }

  function pollFacts(poll, polling, config) {
    const {interval_seconds: wanted, actual_interval_seconds: actual} = polling;
    const failed = Object.values(poll.errors).reduce((sum, number) => sum + number, 0);
    return [
      ['Last poll', poll.successful ? 'succeeded' : 'failed', ''],
      ['Last good poll', poll.last_success_at === null ? 'none' : words.timeOfDay(poll.last_success_at), ''],
      ['Interval', words.shortDuration(actual),
        actual > wanted ? `spread out to spare the CPU; ${words.shortDuration(wanted)} by the configuration` : ''],
      ['Polls', words.count(poll.polls), 'since the exporter started'],
      ['Failed', words.count(failed),
        Object.entries(poll.errors).map(([reason, number]) => `${reason}: ${words.count(number)}`).join(', ')],
      ['Mean duration', words.shortDuration(poll.mean_duration_seconds), ''],
      ['Sockets read', words.count(poll.sockets), poll.source === null ? '' : `by ${poll.source}`],
      ...(poll.audit === null ? [] : [auditFact(poll.audit)]),
      configurationFact(config),
    ];
  }

  function createListener() {
    const {node, at} = dom.fromTemplate('listener');
    return {node, show(listener) {
      const {name, accept_queue: queue, accept_queue_limit: limit} = listener;
      dom.setText(at.name, name);
      at.own.hidden = !listener.exporter;
      dom.setText(at.sockets, words.states(listener.sockets));
      dom.setText(at.queue, limit === null ? words.count(queue) : `${words.count(queue)} of ${words.count(limit)}`);
      at.bar.hidden = !limit;
      if (!limit) return;
      dom.setAttribute(at.bar, 'aria-label', `Accept queue of ${words.isolated(name)}`);
      dom.setAttribute(at.bar, 'aria-valuemax', limit);
      dom.setAttribute(at.bar, 'aria-valuenow', Math.min(queue, limit));
      dom.setAttribute(at.bar, 'aria-valuetext', `${words.count(queue)} of ${words.count(limit)} waiting`);
      dom.setWidth(at.used, queue / limit);
    }};
  }

  function createName() {
    const {node, at} = dom.fromTemplate('name');
    return {node, show(host) {
      dom.setText(at.name, host.name);
      dom.setText(at.state, host.resolved ? 'resolved' : 'failed; the last addresses stay');
      dom.setText(at.addresses, words.count(host.addresses));
    }};
  }

  return {
    facts, limitFacts, counterFacts, pollFacts,
    listeners: body => dom.list(body, listener => listener.name, createListener),
    names: body => dom.list(body, host => host.name, createName),
  };
})();
