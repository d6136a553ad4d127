// Changes to the document. What comes from the exporter becomes text, never markup; what has not changed is not
// touched, so that focus, scrolling, selections and screen readers are left alone.
const dom = (() => {
  const byId = id => document.getElementById(id);

  function setText(node, text) {
    if (node.textContent !== text) node.textContent = text;
  }

  function setAttribute(node, name, value) {
    if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  }

  // Text that is only there at times: null hides the node.
  function setNote(node, text) {
    node.hidden = text === null;
    setText(node, text ?? '');
  }

  const setMark = (use, level) => setAttribute(use, 'href', `#mark-${level}`);

  // A share of its bar, 0 to 1.
  const setWidth = (node, ratio) => node.style.setProperty('width', `${Math.min(1, Math.max(0, ratio)) * 100}%`);

  // A copy of the template's element, and those in it that have a name: {node, at: {name: element}}.
  function fromTemplate(id) {
    const node = byId(id).content.firstElementChild.cloneNode(true);
    const at = {};
    for (const part of node.querySelectorAll('[data-part]')) at[part.dataset.part] = part;
    return {node, at};
  }

  // What the reader is at: it stays in its place while the others move around it.
  function isInUse(node) {
    const selection = document.getSelection();
    return node.contains(document.activeElement) || (!selection.isCollapsed && node.contains(selection.anchorNode));
  }

  // Puts the children into this order with as few moves as it takes.
  function arrange(container, nodes) {
    if (nodes.length === 0) return;
    const fixed = Math.max(0, nodes.findIndex(isInUse));
    if (nodes[fixed].parentNode !== container) container.prepend(nodes[fixed]);
    for (let i = fixed - 1; i >= 0; --i) {
      if (nodes[i].nextSibling !== nodes[i + 1]) container.insertBefore(nodes[i], nodes[i + 1]);
    }
    for (let i = fixed + 1; i < nodes.length; ++i) {
      if (nodes[i - 1].nextSibling !== nodes[i]) container.insertBefore(nodes[i], nodes[i - 1].nextSibling);
    }
  }

  // Should two have one key, the second gets another.
  function unique(keys) {
    const times = new Map();
    return keys.map(key => {
      times.set(key, (times.get(key) ?? 0) + 1);
      return times.get(key) === 1 ? key : `${key}\n${times.get(key)}`;
    });
  }

  // Children that stay the same elements from one snapshot to the next, by the key of what they show. `create` makes
  // a view: {node, show(item), and close() if there is something to let go of}.
  function list(container, keyOf, create) {
    const views = new Map();
    return items => {
      const keys = unique(items.map(keyOf));
      const wanted = new Set(keys);
      for (const [key, view] of views) {
        if (wanted.has(key)) continue;
        view.close?.();
        view.node.remove();
        views.delete(key);
      }
      for (const key of keys) if (!views.has(key)) views.set(key, create());
      arrange(container, keys.map(key => views.get(key).node));
      items.forEach((item, i) => views.get(keys[i]).show(item));
    };
  }

  return {byId, setText, setAttribute, setNote, setMark, setWidth, fromTemplate, list};
})();
