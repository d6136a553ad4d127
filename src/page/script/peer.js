// A remote service that this host connects to.
const peers = (() => {
  const FOLDED = 'other';  // no other peer has this name
  let nextId = 0;  // names may hold anything, so they do not make ids

  // The scale ends at a round number above what is to be seen.
  function roundUp(value) {
    const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
    return power * [1, 2, 4, 6, 10].find(step => step * power >= value);
  }

  function describeFree({ports, headroom_ratio: strict}) {
    const free = words.count(ports.free);
    if (ports.reusable === 0) return free;
    return `${free}, of which ${words.count(ports.reusable)} by reuse; strictly ${words.share(strict)} left`;
  }

  function describeArrivals({tightest_pool: pool, arrivals_per_second: arrivals, sustainable_per_second: sustainable}) {
    if (pool === null) return 'none';
    if (arrivals === null) return words.UNKNOWN;
    const text = `${words.rate(arrivals)} of ${words.rate(sustainable)} sustainable`;
    return sustainable !== null && arrivals > sustainable ? `${text}: more than can be kept up` : text;
  }

  function describePool(peer) {
    if (peer.tightest_pool === null) return 'none: no socket is there';
    const among = peer.pools > 1 ? `, one of ${words.count(peer.pools)}` : '';
    return words.pool(peer.tightest_pool) + among;
  }

  function describeBar({ports, effective_headroom_ratio: left}) {
    const text = `${words.share(left)} left: ${words.count(ports.used)} of ${words.count(ports.capacity)} ports in use`;
    return ports.reusable === 0 ? text : `${text}, ${words.count(ports.reusable)} of them reusable now`;
  }

  function makeGraphs(at, shown) {
    return {
      left: new graphs.Graph(at.leftGraph, {
        title: 'Left, ten minutes', format: words.share, top: () => 1, marks: () => [0.5, 0.2, 0.1],
      }),
      arrivals: new graphs.Graph(at.arrivalsGraph, {
        title: 'Arriving, ten minutes', format: words.rate, marks: () => [shown().sustainable_per_second ?? Infinity],
        top: values => roundUp(Math.max(...values, 0)),
      }),
    };
  }

  function showBar(at, {ports, effective_headroom_ratio: left}) {
    const ofCapacity = number => ports.capacity === 0 ? 0 : number / ports.capacity;
    dom.setWidth(at.used, ports.capacity === 0 ? 1 : ofCapacity(ports.used - ports.reusable));
    dom.setWidth(at.reusable, ofCapacity(ports.reusable));
    dom.setAttribute(at.bar, 'aria-valuenow', Math.round((1 - left) * 100));
  }

  // What is found about the peer as a whole stands by its name; what it is about, the ports that are left or the pace
  // at which they go, has the colour.
  function showLevels(node, at, {any, left, pace}) {
    dom.setAttribute(node, 'data-level', any);
    at.tag.hidden = any === 'calm';
    if (any !== 'calm') dom.setMark(at.mark, any);
    dom.setText(at.word, verdict.WORDS[any] ?? '');
    dom.setAttribute(at.left, 'data-level', left);
    dom.setAttribute(at.bar, 'data-level', left);
    dom.setAttribute(at.forecast, 'data-level', pace);
  }

  function showForecast(at, {ports, exhaustion_seconds: seconds}) {
    at.forecast.classList.toggle('near', seconds !== null || ports.free === 0);
    dom.setText(at.forecastText, words.forecast(seconds, ports.free));
  }

  // A view for dom.list(); it shows {netns, peer, levels, times, clock, history}: the levels of what was found about
  // it, and the last ten minutes of its figures; times and clock are the graphs'.
  function create() {
    const {node, at} = dom.fromTemplate('peer');
    let shown = null;
    const {left, arrivals} = makeGraphs(at, () => shown);
    node.id = `peer-${++nextId}`;

    function show({netns, peer, levels, times, clock, history}) {
      shown = peer;
      dom.setAttribute(node, 'data-netns', netns);
      dom.setAttribute(node, 'data-name', peer.name);
      showLevels(node, at, levels);
      dom.setText(at.name, peer.name);
      dom.setAttribute(at.bar, 'aria-label', `Ports toward ${words.isolated(peer.name)}`);
      dom.setAttribute(at.bar, 'aria-valuetext', describeBar(peer));
      showBar(at, peer);
      dom.setText(at.left, `${words.share(peer.effective_headroom_ratio)} left`);
      showForecast(at, peer);
      dom.setText(at.usage, `${words.count(peer.ports.used)} of ${words.count(peer.ports.capacity)}`);
      dom.setText(at.free, describeFree(peer));
      dom.setText(at.arrivals, describeArrivals(peer));
      dom.setText(at.sockets, words.states(peer.sockets));
      dom.setText(at.pool, describePool(peer));
      left.show(times, history?.effective_headroom_ratio ?? [], clock);
      arrivals.show(times, history?.arrivals_per_second ?? [], clock);
    }

    function close() {
      left.close();
      arrivals.close();
    }

    return {node, show, close};
  }

  // What the verdict speaks of comes first, then the tightest; those that are as good as equal go by name, so that they
  // do not change places at each poll. Of {peer, levels, ...}.
  function inOrder(all) {
    const urgency = ({levels}) => ['critical', 'warning', 'calm'].indexOf(levels.any);
    const percent = ({peer}) => Math.floor(peer.effective_headroom_ratio * 100);
    return [...all].sort((a, b) =>
      urgency(a) - urgency(b) || percent(a) - percent(b) || a.peer.name.localeCompare(b.peer.name));
  }

  // Of the element that shows the peer; undefined if none does.
  function idOf(netns, name) {
    const isIt = node => node.dataset.netns === netns && node.dataset.name === name;
    return [...document.querySelectorAll('.peer')].find(isIt)?.id;
  }

  // Peers beyond the limit are one: their sockets are counted, their tightest pools watched.
  const hasFolded = ({folded}) => folded !== null && words.total(folded.sockets) > 0;
  const tightestFolded = ({pools}) => pools.find(pool => pool.peer === FOLDED);

  return {create, inOrder, idOf, roundUp, hasFolded, tightestFolded};
})();
