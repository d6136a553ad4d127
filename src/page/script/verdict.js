// What is wrong, in a sentence, and in the title of the tab.
const verdict = (() => {
  const WORDS = {critical: 'Critical', warning: 'Warning', info: 'Note', fine: 'Fine', old: 'No new figures'};
  const SEVERITIES = {critical: ['critical', 'critical'], warning: ['warning', 'warnings'], info: ['note', 'notes']};
  const SHOWN = 5;  // further findings are there to be opened
  const at = Object.fromEntries(
    ['verdict', 'verdict-mark', 'verdict-word', 'headline', 'headline-link', 'findings', 'more-findings',
      'announcement', 'icon'].map(id => [id, dom.byId(id)]));
  const more = {summary: at['more-findings'].querySelector('summary'), list: at['more-findings'].querySelector('ul')};

  const isUrgent = finding => finding.severity !== 'info';

  function describePeers(shown) {
    if (shown.length === 0) return 'no peer is shown';
    const left = words.share(Math.min(...shown.map(peer => peer.effective_headroom_ratio)));
    if (shown.length === 1) return `one peer, with ${left} of its ports left`;
    return `${words.count(shown.length)} peers, the tightest has ${left} of its ports left`;
  }

  function describeFolded(namespace) {
    const sockets = words.counted(words.total(namespace.folded.sockets), 'socket', 'sockets');
    const pool = peers.tightestFolded(namespace);
    const left = pool === undefined ? '' :
      `, whose tightest pool has ${words.share(pool.effective_headroom_ratio)} of its ports left`;
    return `${sockets} of other peers, folded together${left}`;
  }

  function describeCalm(snapshot) {
    const shown = snapshot.namespaces.flatMap(namespace => namespace.peers);
    const wrong = snapshot.findings.length === 0 ? 'wrong' : 'urgent';
    const folded = snapshot.namespaces.filter(peers.hasFolded);
    if (shown.length === 0 && folded.length === 0) return `Nothing is ${wrong}: no outbound connection is there.`;
    return `Nothing is ${wrong}: ${[describePeers(shown), ...folded.map(describeFolded)].join('; ')}.`;
  }

  const keyOf = ({netns, kind, peer, listener}) => JSON.stringify([netns, kind, peer, listener]);

  // {level, sentence, finding, rest}: the finding is the one that the sentence tells, if one; rest are the others.
  function judge(snapshot) {
    const [first, ...others] = snapshot.findings;
    if (first && isUrgent(first)) return {level: first.severity, sentence: first.text, finding: first, rest: others};
    return {level: 'fine', sentence: describeCalm(snapshot), finding: null, rest: snapshot.findings};
  }

  function showLink(link, {netns, peer}) {
    const id = peer === null ? undefined : peers.idOf(netns, peer);
    dom.setNote(link, id === undefined ? null : `Show ${words.isolated(peer)}`);
    if (id !== undefined) dom.setAttribute(link, 'href', `#${id}`);
  }

  function createFinding() {
    const {node, at} = dom.fromTemplate('finding');
    return {node, show(finding) {
      dom.setAttribute(node, 'data-level', finding.severity);
      dom.setMark(at.mark, finding.severity);
      dom.setText(at.word, WORDS[finding.severity]);
      dom.setText(at.text, finding.text);
      showLink(at.link, finding);
    }};
  }

  function describeSeverities(findings) {
    return Object.entries(SEVERITIES).flatMap(([severity, [one, many]]) => {
      const number = findings.filter(finding => finding.severity === severity).length;
      return number === 0 ? [] : [words.counted(number, one, many)];
    }).join(', ');
  }

  const showFirst = dom.list(at.findings, keyOf, createFinding);
  const showMore = dom.list(more.list, keyOf, createFinding);

  function showFindings(findings) {
    const further = findings.slice(SHOWN);
    showFirst(findings.slice(0, SHOWN));
    at['more-findings'].hidden = further.length === 0;
    dom.setText(more.summary, `More: ${describeSeverities(further)}`);
    showMore(further);
  }

  // The mark and its colour are the tab's icon, too.
  function showMark(level) {
    const name = level === 'old' ? 'clock' : level;
    dom.setMark(at['verdict-mark'], name);
    const symbol = dom.byId(`mark-${name}`);
    const image = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    image.setAttribute('viewBox', symbol.getAttribute('viewBox'));
    image.setAttribute('color', getComputedStyle(at.verdict).getPropertyValue('--level').trim());
    image.append(...symbol.cloneNode(true).childNodes);
    dom.setAttribute(at.icon, 'href',
      `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(image))}`);
  }

  let announced = null;

  // A screen reader hears of a change of what is wrong, not of each new figure in the sentence; and not of the first
  // sentence, which it reads by itself.
  function showSentence({level, sentence, finding}) {
    const text = `${WORDS[level]}: ${sentence}`;
    dom.setAttribute(at.verdict, 'data-level', level);
    showMark(level);
    dom.setText(at['verdict-word'], WORDS[level]);
    dom.setText(at.headline, sentence);
    showLink(at['headline-link'], finding ?? {netns: '', peer: null});
    document.title = text;
    const about = level + (finding === null ? '' : keyOf(finding));
    if (announced !== null && announced !== about) dom.setText(at.announcement, text);
    announced = about;
  }

  return {WORDS, judge, showSentence, showFindings};
})();
