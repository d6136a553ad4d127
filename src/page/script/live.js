// Keeps the page at what the exporter last said: asks as often as it polls, not while nobody looks.
const live = (() => {
  const SCHEMA_VERSION = 1;
  const MIN_SECONDS = 1;
  const MAX_SECONDS = 30;
  const TIMEOUT_MS = 10_000;

  // What is known: the last good answer, when it came, and why there is no newer one.
  let snapshot = null;
  let receivedAt = 0;  // as performance.now(), which no change of the clock moves
  let failure = null;
  let timer = null;
  let isAsking = false;

  const secondsSince = moment => (performance.now() - moment) / 1000;

  const showNamespaces = dom.list(dom.byId('namespaces'), each => each.namespace.name, namespaces.create);
  const showNames = tables.names(dom.byId('names-rows'));

  async function fetchSnapshot() {
    const answer = await fetch('api/v1/snapshot', {cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MS)});
    if (!answer.ok) throw new Error(`The exporter answers with status ${answer.status}.`);
    const body = await answer.json();
    if (body?.schema_version !== SCHEMA_VERSION) {
      throw new Error('The exporter is of another version than this page: load the page anew.');
    }
    return body;
  }

  function reasonOf(error) {
    if (error.name === 'TimeoutError') return `The exporter did not answer within ${words.duration(TIMEOUT_MS / 1000)}.`;
    if (error instanceof TypeError) return 'The exporter cannot be reached.';
    return error instanceof SyntaxError ? 'The answer of the exporter is not JSON.' : error.message;
  }

  function showVerdict() {
    const judged = snapshot === null ? null : verdict.judge(snapshot);
    if (failure === null) {
      verdict.showSentence(judged);
      verdict.showFindings(judged.rest);
      return;
    }
    const what = snapshot === null ? 'There are no figures yet.' :
      `What follows is old, from ${words.timeOfDay(snapshot.written_at)}.`;
    verdict.showSentence({level: 'old', sentence: `${failure} ${what}`, finding: null});
    verdict.showFindings(snapshot === null ? [] : snapshot.findings);
  }

  // How old the figures are: by the exporter's clock until it wrote them, then by this one's.
  function ageOfFigures() {
    const polledAt = snapshot.namespaces[0]?.poll.last_success_at ?? null;
    return polledAt === null ? null : Math.max(0, snapshot.written_at - polledAt) + secondsSince(receivedAt);
  }

  function showFreshness() {
    if (snapshot === null) return;
    const age = ageOfFigures();
    const polls = `polled every ${words.shortDuration(snapshot.polling.actual_interval_seconds)}`;
    const figures = age === null ? 'No figures yet' : `Figures ${words.duration(age)} old`;
    dom.setText(dom.byId('freshness'), failure === null ? `${figures}, ${polls}` : `${figures}, no newer ones`);
  }

  function showFigures() {
    showNamespaces(snapshot.namespaces.map(namespace => ({namespace, snapshot})));
    dom.byId('names').hidden = snapshot.hosts.length === 0;
    showNames(snapshot.hosts);
    const {version, revision} = snapshot.exporter;
    dom.setText(dom.byId('build'), `timewait_exporter ${version}, revision ${revision}`);
  }

  function show() {
    document.documentElement.toggleAttribute('data-old', failure !== null);
    if (snapshot !== null && failure === null) showFigures();
    showVerdict();
    showFreshness();
  }

  function secondsToNext() {
    const interval = snapshot?.polling.actual_interval_seconds ?? MIN_SECONDS;
    return Math.min(MAX_SECONDS, Math.max(MIN_SECONDS, interval));
  }

  async function refresh() {
    if (isAsking) return;
    isAsking = true;
    clearTimeout(timer);
    try {
      snapshot = await fetchSnapshot();
      receivedAt = performance.now();
      failure = null;
    } catch (error) {
      failure = reasonOf(error);
    }
    isAsking = false;
    if (!document.hidden) timer = setTimeout(refresh, secondsToNext() * 1000);
    show();
  }

  function start() {
    dom.setText(dom.byId('where'), `on ${location.host}`);
    document.addEventListener('visibilitychange', () => document.hidden ? clearTimeout(timer) : refresh());
    setInterval(() => {
      if (!document.hidden) showFreshness();
    }, 1000);
    refresh();
  }

  return {start};
})();

live.start();
