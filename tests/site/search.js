// search.js - search over index.js, which pages.py makes: rows [title, kind, address, one line, further words]. Works from a disk.
'use strict';

const WEIGHT = { function: 8, rule: 7, error: 7, recipe: 6, struct: 6, enum: 6, macro: 6, manual: 5, section: 5, member: 2, value: 2 };

// How well a word fits a row; 0: not at all.
function fit(word, [title, , , brief, words]) {
  const name = title.toLowerCase(), short = name.replace(/^edgefn_(e_)?/, '');
  if (name === word || short === word) return 120;
  if (short.startsWith(word) || name.startsWith(word)) return 70;
  if (name.split(/[^a-z0-9]+/).some((part) => part.startsWith(word))) return 50;
  if (name.includes(word)) return 30;
  if (brief.toLowerCase().split(/[^a-z0-9]+/).some((part) => part.startsWith(word))) return 16;
  if (` ${words}`.includes(` ${word}`)) return 5;
  return 0;
}

// The rows in which every word of a query is found, best first.
function search(index, query) {
  const text = query.toLowerCase().replace(/\(\)/g, '').trim(), words = text.split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const found = [];
  for (const row of index) {
    // a name may be typed with its signs, or as words
    const all = words.map((word) => fit(word, row) || (/[^a-z0-9]/.test(word) ? Math.min(...word.split(/[^a-z0-9]+/).filter(Boolean).map((part) => fit(part, row))) * 0.6 : 0));
    if (all.every((n) => n > 0 && n < Infinity)) found.push([all.reduce((a, b) => a + b) / words.length + (WEIGHT[row[1]] ?? 1) - row[0].length / 100, row]);
  }
  const long = words.filter((word) => word.length > 3); // a question finds its longer words
  if (found.length === 0 && long.length < words.length) return search(index, long.join(' '));
  return found.sort((a, b) => b[0] - a[0]).map(([, row]) => row);
}

function page() {
  const input = document.getElementById('q'), form = input.form, found = document.getElementById('found');
  let index, list, at = -1;

  const load = () => index ??= new Promise((done, failed) => {
    const script = document.createElement('script');
    script.src = 'index.js';
    script.onload = () => done(window.EDGEFN_INDEX);
    script.onerror = failed;
    document.head.append(script);
  });

  function hit([title, kind, url, brief]) {
    const a = document.createElement('a'), parts = [['span', kind, 'kind'], ['b', title, ''], ['span', brief, 'brief']];
    a.href = url;
    a.className = 'hit';
    for (const [tag, text, name] of parts) {
      const part = document.createElement(tag);
      part.textContent = text;
      part.className = name;
      a.append(part);
    }
    return a;
  }

  function close() {
    list?.remove();
    list = undefined;
    at = -1;
  }

  async function suggest() {
    const query = input.value;
    if (!query.trim()) return close();
    const rows = search(await load(), query);
    if (query !== input.value) return undefined;
    close();
    list = document.createElement('ul');
    list.className = 'results';
    list.setAttribute('aria-label', 'Results');
    for (const row of rows.slice(0, 12)) {
      const item = document.createElement('li');
      item.append(hit(row));
      list.append(item);
    }
    if (rows.length === 0) list.innerHTML = '<li><a>Nothing found</a></li>';
    form.append(list);
    return undefined;
  }

  function move(by) {
    const all = list ? [...list.querySelectorAll('a[href]')] : [];
    if (all.length === 0) return;
    at = (at + by + all.length + 1) % (all.length + 1); // the last place is the field itself
    if (at === all.length) input.focus();
    else all[at].focus();
  }

  input.addEventListener('focus', () => load().catch(() => {}));
  input.addEventListener('input', suggest);
  form.addEventListener('keydown', (e) => {
    if (e.key === 'ArrowDown' && at === -1) { e.preventDefault(); move(1); }
    else if (e.key === 'ArrowDown' || e.key === 'ArrowUp') { e.preventDefault(); move(e.key === 'ArrowDown' ? 1 : -1); }
    else if (e.key === 'Escape') { close(); input.focus(); }
  });
  form.addEventListener('focusout', (e) => { if (!form.contains(e.relatedTarget)) setTimeout(() => { if (!form.contains(document.activeElement)) close(); }, 150); });
  form.addEventListener('click', (e) => { if (e.target.closest('a')) close(); });
  document.addEventListener('keydown', (e) => {
    if (e.key !== '/' || e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName)) return;
    e.preventDefault();
    input.focus();
    input.select();
  });

  if (found) {
    const query = new URLSearchParams(location.search).get('q') ?? '';
    input.value = query;
    if (query.trim()) load().then((all) => {
      const rows = search(all, query), count = document.createElement('p');
      count.className = 'note';
      count.textContent = rows.length === 0 ? `Nothing found for "${query}".` : `${rows.length} for "${query}".`;
      found.replaceChildren(count, ...rows.slice(0, 200).map(hit));
    });
  }

  // In a narrow window the contents begin closed.
  const contents = document.querySelector('.side details'), narrow = matchMedia('(max-width: 67rem)');
  const fold = () => { if (contents) contents.open = !narrow.matches; };
  fold();
  narrow.addEventListener('change', fold);
  document.querySelector('header [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  document.querySelector('.side ul ul [aria-current], .side [aria-current]')?.scrollIntoView({ block: 'nearest' });

  // What can be scrolled can be reached with the keyboard.
  for (const part of document.querySelectorAll('.wide')) if (part.scrollWidth > part.clientWidth) part.tabIndex = 0;

  // From a disk the playground works as one file only.
  if (location.protocol === 'file:') {
    for (const a of document.querySelectorAll('a[href*="playground/index.html"]')) a.href = a.getAttribute('href').replace('playground/index.html', 'playground/edgefn-playground.html');
  }
}

if (typeof module !== 'undefined') module.exports = { search };
else page();
