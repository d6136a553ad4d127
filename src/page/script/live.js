// Keeps the page at what the exporter last said: asks soon after each of its polls; now and then while nobody looks,
// for the title of the tab.
const live = (() => {
  const SCHEMA_VERSION = 1;
  // How often to ask. An answer never makes the exporter poll, but its forecasts count down from one to the next.
  const MIN_SECONDS = 1;
  const MAX_SECONDS = 5;
  const HIDDEN_SECONDS = 30;
  const BY_THE_SECOND = 120;  // forecasts below are told in seconds
  const POLL_SECONDS = 0.2;  // that a poll may take before its figures can be had
  const TIMEOUT_MS = 10_000;
  const OVERDUE_SECONDS = HIDDEN_SECONDS + TIMEOUT_MS / 1000;

  // What is known: the last good answer, when it came, and why there is no newer one.
  let snapshot = null;
  let receivedAt = null;  // by both clocks
  let failure = null;
  let shownReason = null;  // of reasonOfAge()
  let timer = null;
  let isAsking = false;

  // The clock of the day may be set, the other one may stand still while the computer sleeps.
  const bothClocks = () => ({steady: performance.now(), ofDay: Date.now()});

  function secondsSince(moment) {
    const now = bothClocks();
    return Math.max(now.steady - moment.steady, now.ofDay - moment.ofDay) / 1000;
  }

  const showNamespaces = dom.list(dom.byId('namespaces'), each => each.namespace.name, namespaces.create);
  const showNames = tables.names(dom.byId('names-rows'));

  async function fetchSnapshot() {
    // fetch() takes no address with a password in it, which that of the page may have. The header has the exporter
    // refuse without a challenge, at which the browser would ask whoever sits there for a password.
    const answer = await fetch(new URL('api/v1/snapshot', location.origin + location.pathname), {
      cache: 'no-store', headers: {'X-Requested-With': 'XMLHttpRequest'}, signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (answer.status === 401 || answer.status === 403) {
      throw new Error('The exporter does not take the password any more: load the page anew.');
    }
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

  // Why what is shown is not what holds now; null if it is.
  function reasonOfAge() {
    if (failure !== null) return failure;
    return secondsSince(receivedAt) > OVERDUE_SECONDS ? 'Newer figures are on their way.' : null;
  }

  function showVerdict(reason) {
    if (reason === null) {
      const judged = verdict.judge(snapshot);
      verdict.showSentence(judged);
      verdict.showFindings(judged.rest);
      return;
    }
    const what = snapshot === null ? 'There are no figures yet.' :
      `What follows is old, from ${words.timeOfDay(snapshot.written_at)}.`;
    verdict.showSentence({level: 'old', sentence: `${reason} ${what}`, finding: null});
    verdict.showFindings(snapshot === null ? [] : snapshot.findings);
  }

  // How old the figures are: by the exporter's clock until it wrote them, then by this one's.
  function ageOfFigures() {
    const polledAt = snapshot.namespaces[0]?.poll.last_success_at ?? null;
    return polledAt === null ? null : Math.max(0, snapshot.written_at - polledAt) + secondsSince(receivedAt);
  }

  const hasFailedPoll = () => snapshot.namespaces[0]?.poll.successful === false;

  function describeFreshness(isOld) {
    const age = ageOfFigures();
    const polls = `polled every ${words.shortDuration(snapshot.polling.actual_interval_seconds)}`;
    const figures = age === null ? 'No figures yet' : `Figures ${words.duration(age)} old`;
    if (isOld) return `${figures}, no newer ones`;
    return hasFailedPoll() ? `${figures}, the last poll failed` : `${figures}, ${polls}`;
  }

  function showFreshness(isOld) {
    if (snapshot === null) return;
    const freshness = dom.byId('freshness');
    dom.setText(freshness, describeFreshness(isOld));
    freshness.toggleAttribute('data-old', isOld || hasFailedPoll());
  }

  function showFigures() {
    showNamespaces(snapshot.namespaces.map(namespace => ({namespace, snapshot})));
    dom.byId('names').hidden = snapshot.hosts.length === 0;
    showNames(snapshot.hosts);
    const {version, revision} = snapshot.exporter;
    dom.setText(dom.byId('build'), `timewait_exporter ${version}, revision ${revision}`);
  }

  function showAge() {
    const reason = reasonOfAge();
    shownReason = reason;
    document.documentElement.toggleAttribute('data-old', reason !== null);
    showVerdict(reason);
    showFreshness(reason !== null);
  }

  const isNear = seconds => seconds > 0 && seconds < BY_THE_SECOND;
  const isAboutToRunOut = ({peers, pools}) => [...peers, ...pools].some(each => isNear(each.exhaustion_seconds));

  // Until the next poll should be done, if it is not far.
  function secondsToNext() {
    if (document.hidden) return HIDDEN_SECONDS;
    if (snapshot === null || snapshot.namespaces.some(isAboutToRunOut)) return MIN_SECONDS;
    const interval = snapshot.polling.actual_interval_seconds;
    const sincePoll = snapshot.written_at - (snapshot.namespaces[0]?.poll.last_success_at ?? snapshot.written_at);
    const toPoll = interval - Math.max(0, sincePoll) % interval + POLL_SECONDS;
    return Math.min(MAX_SECONDS, Math.max(MIN_SECONDS, toPoll));
  }

  function askLater() {
    clearTimeout(timer);
    timer = setTimeout(refresh, secondsToNext() * 1000);
  }

  async function refresh() {
    if (isAsking) return;
    isAsking = true;
    clearTimeout(timer);
    try {
      snapshot = await fetchSnapshot();
      receivedAt = bothClocks();
      failure = null;
    } catch (error) {
      failure = reasonOf(error);
    }
    isAsking = false;
    if (failure === null) showFigures();
    askLater();
    showAge();
  }

  function onVisibilityChange() {
    if (document.hidden) return askLater();
    if (receivedAt !== null) showAge();
    refresh();
  }

  // The browser stops the page for as long as it likes. What the title says then is not to be believed.
  function onFreeze() {
    failure = 'The browser has stopped this page.';
    showAge();
  }

  function onTick() {
    if (document.hidden || receivedAt === null) return;
    if (reasonOfAge() === shownReason) showFreshness(shownReason !== null);
    else showAge();
  }

  function start() {
    dom.setText(dom.byId('where'), `on ${location.host}`);
    document.addEventListener('visibilitychange', onVisibilityChange);
    document.addEventListener('freeze', onFreeze);
    document.addEventListener('resume', refresh);
    setInterval(onTick, 1000);
    refresh();
  }

  return {start};
})();

live.start();
