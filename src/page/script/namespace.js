// A network namespace: its peers, its listeners, its limits and how its polls fare.
const namespaces = (() => {
  const URGENT = ['critical', 'warning'];  // less than that is calm
  const PACE = ['exhaustion', 'arrival_rate'];

  // What was found about a peer: at all, about the ports that are left, about the pace at which they go.
  function levelsOf(findings, peer) {
    const about = findings.filter(each => each.peer === peer);
    const worst = found => URGENT.find(level => found.some(each => each.severity === level)) ?? 'calm';
    return {
      any: worst(about),
      left: worst(about.filter(each => each.kind === 'headroom')),
      pace: worst(about.filter(each => PACE.includes(each.kind))),
    };
  }

  const titleOf = name =>
    name === '' ? 'The exporter’s own network namespace' : `Network namespace ${words.isolated(name)}`;

  // null while the figures are those of the last poll.
  function staleness({poll, host}, writtenAt) {
    if (poll.successful) return null;
    if (host === null) return 'No poll of this network namespace has succeeded yet, so there are no figures.';
    const since = poll.last_success_at === null ? '' : `, from ${words.timeOfDay(poll.last_success_at)}, ` +
      `${words.duration(writtenAt - poll.last_success_at)} before the exporter wrote this`;
    return `The last poll failed. These are the figures of the last good one${since}.`;
  }

  function describeFolded(namespace) {
    const {sockets} = namespace.folded;
    const pool = peers.tightestFolded(namespace);
    const tightest = pool === undefined ? '' :
      `The tightest pool among them, ${words.pool(pool)}, has ${words.share(pool.effective_headroom_ratio)} left. `;
    return `Other peers, folded together: ${words.counted(words.total(sockets), 'socket', 'sockets')} ` +
      `(${words.states(sockets)}). ${tightest}discovery.max_peers says how many are shown.`;
  }

  function makeTimeWaits(figure) {
    let limit = null;
    const graph = new graphs.Graph(figure, {
      title: 'TIME_WAIT sockets', format: words.count, marks: () => [limit ?? Infinity],
      top: values => peers.roundUp(Math.max(...values, 0)),
    });
    return {
      show(history, host, clock) {
        limit = host.time_wait_sockets_limit;
        graph.show(history.at, history.time_wait_sockets, clock);
      },
      close: () => graph.close(),
    };
  }

  // A view for dom.list(); it shows {namespace, snapshot}.
  function create() {
    const {node, at} = dom.fromTemplate('namespace');
    const showPeers = dom.list(at.peers, each => each.peer.name, peers.create);
    const showListeners = tables.listeners(at.listeners);
    const showLimits = tables.facts(at.limits);
    const showCounters = tables.facts(at.counters);
    const showPolls = tables.facts(at.polls);
    const timeWaits = makeTimeWaits(at.timeWaits);

    function showOutbound(namespace, findings, clock) {
      const {history} = namespace;
      const byName = new Map(history.peers.map(peer => [peer.name, peer]));
      showPeers(peers.inOrder(namespace.peers.map(peer => ({
        netns: namespace.name, peer, levels: levelsOf(findings, peer.name), times: history.at, clock,
        history: byName.get(peer.name),
      }))));
      at.noPeers.hidden = namespace.peers.length > 0 || peers.hasFolded(namespace);
      dom.setNote(at.folded, namespace.folded === null ? null : describeFolded(namespace));
    }

    function show({namespace, snapshot}) {
      const {name, host} = namespace;
      dom.setText(at.title, titleOf(name));
      at.title.classList.toggle('unseen', snapshot.namespaces.length === 1);
      dom.setNote(at.note, staleness(namespace, snapshot.written_at));
      showPolls(tables.pollFacts(namespace.poll, snapshot.polling, snapshot.config));
      dom.setAttribute(node, 'data-known', host !== null);
      node.toggleAttribute('data-old', !namespace.poll.successful);
      if (host === null) return;
      const clock = {now: snapshot.written_at, spacing: graphs.spacing(snapshot.polling.actual_interval_seconds)};
      showOutbound(namespace, snapshot.findings.filter(each => each.netns === name), clock);
      showListeners(namespace.listeners);
      at.listenerTable.hidden = namespace.listeners.length === 0;
      at.noListeners.hidden = namespace.listeners.length > 0;
      showLimits(tables.limitFacts(host));
      showCounters(tables.counterFacts(host));
      timeWaits.show(namespace.history, host, clock);
    }

    function close() {
      showPeers([]);
      timeWaits.close();
    }

    return {node, show, close};
  }

  return {create};
})();
